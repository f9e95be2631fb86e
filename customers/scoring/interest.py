"""How interested customers are, as SQL: points for what they did, which halve as days go by.

Age is counted in whole local days, so that interest is the same all day long unless something happens. Of each signal
only the newest `most` events count. Between two events nothing but age changes: points only fall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, Self

from django.db.models import (
    DateTimeField,
    Expression,
    F,
    FloatField,
    IntegerField,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable

from clm.base.conditions import Asked
from clm.base.db import Written
from clm.base.facts import FactQuerySet
from customers.event_values import reads
from customers.models import Event, Scoring


@dataclass(frozen=True)
class Signal:
    """Each of the newest `most` events of a name gives `points` on its day; with a property, only those that have it."""

    event: str
    points: int
    most: int
    property: str = ""
    is_value: str = ""

    @classmethod
    def of(cls, scoring: Scoring) -> list[Self]:
        return [cls(**signal) for signal in scoring.signals]

    def events(self, known_at: datetime | None) -> FactQuerySet[Event]:
        events = Event.objects.known(known_at).filter(name=self.event)
        if not self.property:
            return events
        return events.filter(reads(self.property, self.is_value))

    def as_stored(self) -> Mapping[str, Any]:
        given = {"event": self.event, "points": self.points, "most": self.most}
        return given | ({"property": self.property, "is_value": self.is_value} if self.property else {})


class _SumOf(Subquery):
    template = "(SELECT coalesce(sum(s.points), 0) FROM (%(subquery)s) s (points))"
    output_field = FloatField()


def interest_of(signals: Sequence[Signal], half_life: int, asked: Asked) -> Expression:
    """Whole points, none below zero."""
    exact = _exactly(signals, half_life, asked)
    return Written("GREATEST(round(({})::numeric), 0)::int", exact, output_field=IntegerField())


def _exactly(signals: Sequence[Signal], half_life: int, asked: Asked) -> Combinable:
    sums: list[Combinable] = [_points_of(signal, half_life, asked) for signal in signals]
    return reduce(add, sums, Value(0.0, FloatField()))


def _points_of(signal: Signal, half_life: int, asked: Asked) -> Combinable:
    events = signal.events(asked.known_at).before(asked.bound()).filter(customer_id=asked.whose())
    newest = events.order_by("-occurred_at", "-pk").annotate(left=left_of(signal, half_life, asked))
    return _SumOf(newest.values("left")[: signal.most])


def left_of(signal: Signal, half_life: int, asked: Asked) -> Expression:
    """How many of its points an event still gives; after a thousand half-lives PostgreSQL would call it an underflow."""
    return Written(
        "{0} * power(0.5::float8, least(1000,"
        " ((({1} - interval '1 microsecond') AT TIME ZONE {2})::date - ({3} AT TIME ZONE {2})::date)::float8 / {4}))",
        Value(float(signal.points)),
        asked.bound(),
        Value(asked.zone),
        F("occurred_at"),
        Value(float(half_life)),
        output_field=FloatField(),
    )


def changes_at(
    signals: Sequence[Signal], half_life: int, mark: int, *, zone: str, known_at: datetime | None
) -> list[QuerySet[Any, Any]]:
    """Every instant at which interest may come to `mark`, or fall below it: (customer_id, at).

    At an event; and where a day begins on which the points there were after it have become too few.
    """
    moments: list[QuerySet[Any, Any]] = []
    for signal in signals:
        events = signal.events(known_at)
        moments.append(events.values_list("customer_id", "occurred_at"))
        asked = Asked(zone, "just_after", known_at, customer="customer_id")
        after = events.annotate(just_after=Written("({} + interval '1 microsecond')", F("occurred_at")))
        had = after.annotate(had=_exactly(signals, half_life, asked)).filter(had__gte=mark - 0.51)
        # Logarithms are not exact: the day itself, and those beside it.
        moments += [
            had.values_list("customer_id", _falls(half_life, mark, zone, later)) for later in range(3)
        ]
    return moments


def _falls(half_life: int, mark: int, zone: str, later: int) -> Expression:
    """The last day on which `had` points still come to the mark, or a day or two later."""
    return Written(
        "((({0} AT TIME ZONE {1})::date + floor({2} * ln({3} / {4}) / ln(2.0))::int + {5}::int)::timestamp"
        " AT TIME ZONE {1})",
        F("occurred_at"),
        Value(zone),
        Value(half_life),
        F("had"),
        Value(mark - 0.5),
        Value(later),
        output_field=DateTimeField(),
    )
