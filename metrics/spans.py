"""Periods: half-open, cut at local days, next to one another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clm.base.days import start_of
from clm.base.facts import BEGINNING


def literal(instant: datetime) -> str:
    return f"'{instant.astimezone(UTC).isoformat()}'::timestamptz"


@dataclass(frozen=True)
class Spans:
    """Neighbouring periods [edge 0, edge 1), [edge 1, edge 2) ...; one period has two edges."""

    edges: tuple[datetime, ...]

    @classmethod
    def one(cls, start: datetime, end: datetime) -> "Spans":
        return cls((start, end))

    @classmethod
    def until(cls, moment: datetime) -> "Spans":
        """Everything before a moment."""
        return cls((BEGINNING, moment))

    @property
    def start(self) -> datetime:
        return self.edges[0]

    @property
    def end(self) -> datetime:
        return self.edges[-1]

    def __len__(self) -> int:
        return len(self.edges) - 1

    def sql(self) -> str:
        """spans(span, starts, ends)."""
        rows = ", ".join(
            f"({number}, {literal(start)}, {literal(end)})"
            for number, (start, end) in enumerate(zip(self.edges, self.edges[1:], strict=False))
        )
        return f"spans(span, starts, ends) AS (VALUES {rows})"

    def array(self) -> str:
        return f"ARRAY[{', '.join(map(literal, self.edges))}]"

    def ends(self) -> str:
        return f"ARRAY[{', '.join(map(literal, self.edges[1:]))}]"

    def slot(self, column: str) -> str:
        """The number of the span that an instant lies in. Use with `within`."""
        return "0" if len(self) == 1 else f"width_bucket({column}, {self.array()}) - 1"

    def within(self, column: str) -> str:
        return f"{column} >= {literal(self.start)} AND {column} < {literal(self.end)}"


def first_of_month(day: date, *, plus: int = 0) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 + plus, 12)
    return date(years, month + 1, 1)


def months_between(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """The first days of the local months that [start, end) touches."""
    last = (end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
    month, found = first_of_month(start.astimezone(zone).date()), []
    while month <= last:
        found.append(month)
        month = first_of_month(month, plus=1)
    return found


def monthly(start: datetime, end: datetime, zone: ZoneInfo) -> Spans:
    """[start, end) cut at the local months; the first and the last may be partial."""
    inner: Iterable[datetime] = (start_of(month, zone) for month in months_between(start, end, zone))
    return Spans((start, *(edge for edge in inner if start < edge < end), end))


def whole_months(start: datetime, end: datetime, zone: ZoneInfo) -> Spans:
    """[start, end) widened to the first day of its first and the last day of its last local month."""
    months = months_between(start, end, zone)
    return Spans.one(start_of(months[0], zone), start_of(first_of_month(months[-1], plus=1), zone))
