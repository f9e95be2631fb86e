"""Orders in other currencies, and the rates that come for them."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from django.db import connection

from clm.accounts.jobs import drive
from clm.accounts.models import Job
from customers.importing.bringing import bring
from customers.intake.taking import take_in
from customers.models import Import, Order

JUNE = datetime(2025, 6, 10, 23, tzinfo=UTC)


def took(kind: str, *rows: dict[str, object]) -> None:
    assert take_in(kind, zip(count(1), rows, strict=False), source="shop").problems == []


def rated(*rows: dict[str, object]) -> None:
    took("rates", *rows)
    settle()


def settle() -> None:
    """The wait for further rates is over, and the job is done."""
    Job.objects.open().update(lease_until=None)
    for job in Job.objects.open():
        while drive(job):
            pass


def rate(on: str, rate: str, currency: str = "SEK") -> dict[str, object]:
    return {"currency": currency, "on": on, "rate": rate}


def ordered(key: str = "A1", currency: str = "SEK", **values: object) -> None:
    row = {
        "key": key,
        "customer": "7",
        "occurred_at": JUNE.isoformat(),
        "amount": "100",
        "currency": currency,
    }
    took("orders", row | values)


def in_a_thread(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def rates_of(key: str) -> list[Decimal | None]:
    """Of all versions, the live one last."""
    return list(Order.objects.filter(key=key).order_by("pk").values_list("rate", flat=True))


def file_of_rates(lines: str) -> Import:
    content = f"currency,date,rate\n{lines}".encode()
    return bring([content], file_name="rates.csv", kind="rates", source="ecb", by=None)


def file_of_orders(lines: str) -> Import:
    content = f"order_id,customer_id,date,total,currency\n{lines}".encode()
    return bring([content], file_name="orders.csv", kind="orders", source="shop", by=None)
