"""Rows as they come from outside, for tests."""

from datetime import UTC, datetime

from customers.intake.taking import take_in

JUNE = datetime(2026, 6, 30, 12, tzinfo=UTC)
Raw = dict[str, object]


def order(key: str = "A1", **changes: object) -> Raw:
    raw: Raw = {
        "key": key,
        "customer": "7",
        "occurred_at": JUNE.isoformat(),
        "amount": "12.50",
        "currency": "EUR",
    }
    return raw | changes


def took(kind: str, *rows: Raw, source: str = "shop") -> dict[str, int]:
    taken = take_in(kind, enumerate(rows, start=1), source=source)
    assert taken.problems == []
    return {name: count for name, count in taken.counts().items() if count}


def refused(kind: str, row: Raw) -> tuple[str, str]:
    taken = take_in(kind, [(1, row)], source="shop")
    assert taken.changed == 0
    (problem,) = taken.problems
    return problem.field, problem.reason
