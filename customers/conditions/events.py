from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DecimalField, Exists, Model, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThanOrEqual, Regex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.conditions import Asked, Condition, Evidence, FactRef, Leaving, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.facts import FactQuerySet
from customers.conditions.event_names import in_words, said_of
from customers.fact_addresses import fact_address
from customers.models import Event

MOST_DAYS = 36_500
NEWEST = 5_000
_NUMBER = r"^-?\d{1,15}(\.\d{1,6})?$"


def lately_named() -> list[str]:
    """The names of the newest events: enough to choose from, however many events there are."""
    newest = Event.objects.order_by("-pk")[:NEWEST]
    return sorted(set(newest.values_list("name", flat=True)))


@offer
@dataclass(frozen=True)
class DidEvent(Condition):
    """Any of the named events, at least so many times; optionally only those with a property of a value."""

    name = "event"
    label = gettext_lazy("Did an event")
    family = gettext_lazy("Events")
    names: tuple[str, ...] = parameter(gettext_lazy("events"))
    at_least: int = parameter(gettext_lazy("at least"), minimum=1, default=1)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )
    property: str | None = parameter(gettext_lazy("property"), default=None, extra=True)
    is_value: str | None = parameter(gettext_lazy("property is"), default=None, extra=True)
    at_least_value: int | None = parameter(gettext_lazy("property is at least"), default=None, extra=True)

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        return [(one, in_words(one)) for one in lately_named()] if name == "names" else ()

    def _matching(self, known_at: datetime | None) -> FactQuerySet[Event]:
        """Values compare as they read: files bring numbers as text."""
        events = Event.objects.known(known_at).filter(name__in=self.names)
        if not self.property:
            return events
        said = KeyTextTransform(self.property, "properties")
        if self.is_value is not None:
            events = events.filter(Exact(said, Value(self.is_value)))
        if self.at_least_value is not None:
            number = When(
                Regex(said, _NUMBER), then=Cast(said, DecimalField(max_digits=21, decimal_places=6))
            )
            events = events.filter(GreaterThanOrEqual(Case(number), Value(self.at_least_value)))
        return events

    def _within(self, events: FactQuerySet[Event], asked: Asked) -> FactQuerySet[Event]:
        return (
            events
            if self.within_days is None
            else events.filter(occurred_at__gte=asked.days_ago(self.within_days))
        )

    def to_q(self, asked: Asked) -> Q:
        events = self._within(self._matching(asked.known_at).before(asked.bound()), asked)
        events = events.filter(customer_id=asked.whose())
        if self.at_least == 1:
            return Q(Exists(events))
        counted = events.values("customer_id").annotate(n=Count("pk"))
        return Q(Exists(counted.filter(n__gte=self.at_least)))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [self._matching(known_at).values_list("customer_id", "occurred_at")]

    def leavings(self, *, known_at: datetime | None) -> list[Leaving]:
        return [] if self.within_days is None else [Leaving(self._matching(known_at), self.within_days)]

    def sentence(self) -> str:
        times = ngettext("%(n)s time", "%(n)s times", self.at_least) % {"n": self.at_least}
        often = in_the_last(times if self.at_least > 1 else "", self.within_days)
        return said_of(self.names, often=often, which=" ".join(self._which()))

    def _which(self) -> Iterator[str]:
        if self.property and self.is_value is not None:
            yield _("with %(property)s = %(value)s") % {"property": self.property, "value": self.is_value}
        if self.property and self.at_least_value is not None:
            yield _("with %(property)s at least %(value)s") % {
                "property": self.property,
                "value": self.at_least_value,
            }

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        events = self._within(self._matching(asked.known_at).before(asked.instant), asked)
        mine = events.filter(customer_id=customer.pk).order_by("-occurred_at")[: self.at_least + 10]
        rows = list(mine) if holds or self.at_least > 1 else []
        n, more = len(rows), self.at_least - len(rows)
        have = ngettext("%(n)s such event", "%(n)s such events", n) % {"n": n}
        missing = ngettext("%(n)s more event", "%(n)s more events", more) % {"n": more} if more > 0 else ""
        references = [
            FactRef(
                in_words(event.name),
                event.occurred_at,
                fact_address(event.customer_id, f"event-{event.pk}", event.occurred_at),
                event.name,
            )
            for event in rows[:10]
        ]
        return Evidence(have, missing, references)
