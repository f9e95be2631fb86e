"""Local days. An instant bound is exclusive: "as of 30 June" is the start of 1 July, local time.

So the day that a bound belongs to is the day just before it, to the microsecond.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import DateField, DateTimeField, Expression, F, Func, Value
from django.db.models.lookups import GreaterThanOrEqual

TICK = timedelta(microseconds=1)


@cache
def zones() -> dict[str, None]:
    """The names of all time zones, in order, quick to look up. Some hundred files are read for it, so once."""
    return dict.fromkeys(sorted(available_timezones()))


def day_of(as_of: datetime, zone: ZoneInfo) -> date:
    """The local day D that a question "as of this (exclusive) instant" is asked on."""
    return (as_of.astimezone(UTC) - TICK).astimezone(zone).date()


@lru_cache(maxsize=20_000)
def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Where clocks are set back over midnight it comes twice; the later one counts, as in PostgreSQL."""
    early, late = (
        datetime.combine(day, time.min, tzinfo=zone).replace(fold=f).astimezone(UTC) for f in (0, 1)
    )
    return max(early, late) if late.astimezone(zone).time() == time.min else early


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The exclusive instant that "as of this day" means."""
    return start_of(day + timedelta(days=1), zone)


class LocalDate(Func):
    """SQL: the local date of an instant."""

    template = "((%(expressions)s)::date)"
    arg_joiner = " AT TIME ZONE "
    output_field = DateField()

    def __init__(self, instant: Expression | F | str, zone: str) -> None:
        super().__init__(instant, Value(zone))


class StartOfDay(Func):
    """SQL: the instant at which the local day of `instant` plus `days` begins.

    With `exclusive` the instant is a bound, and its day is the one just before it (`day_of`).
    """

    output_field = DateTimeField()

    def __init__(
        self, instant: Expression | F | str, zone: str, *, days: int = 0, exclusive: bool = False
    ) -> None:
        self.exclusive, self.days = exclusive, days
        super().__init__(instant, Value(zone), Value(days), Value(zone))

    def reaches_back(self, least: datetime) -> GreaterThanOrEqual:
        """A bound on the instant itself that all have whose day begins at or after `least`; and some more."""
        return GreaterThanOrEqual(self.source_expressions[0], least - timedelta(days=self.days + 2))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        parts = [compiler.compile(source) for source in self.source_expressions]
        instant, zone, days, back = (sql for sql, _params in parts)
        bound = f"({instant} - interval '1 microsecond')" if self.exclusive else f"({instant})"
        sql = f"((({bound} AT TIME ZONE {zone})::date + {days}::int)::timestamp AT TIME ZONE {back})"
        return sql, [param for _sql, params in parts for param in params]
