from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.conditions import Asked, Condition, Evidence, FactRef, Leaving, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.facts import FactQuerySet
from clm.base.typed_numbers import written_here
from customers.conditions.event_names import in_words, said_of
from customers.conditions.event_properties import MOST_TESTS, PropertyTest, Reads
from customers.fact_addresses import fact_address
from customers.models import Event

MOST_DAYS = 36_500
NEWEST = 5_000


def lately_named() -> list[str]:
    """The names of the newest events: enough to choose from, however many events there are."""
    newest = Event.objects.order_by("-pk")[:NEWEST]
    return sorted(set(newest.values_list("name", flat=True)))


@offer
@dataclass(frozen=True)
class DidEvent(Condition):
    """Any of the named events, at least so many times; only those whose `properties` are all as they are tested.

    The parameters after those are how one property was tested before, for stored conditions and programs that say them:
    a value as it reads and not as its number, and a property without a value asks for nothing.
    """

    name = "event"
    label = gettext_lazy("Did an event")
    family = gettext_lazy("Events")
    names: tuple[str, ...] = parameter(gettext_lazy("events"))
    at_least: int = parameter(gettext_lazy("at least"), minimum=1, default=1)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )
    properties: tuple[PropertyTest, ...] = parameter(
        gettext_lazy("properties"), default=(), maximum=MOST_TESTS, details=PropertyTest
    )
    property: str | None = parameter(gettext_lazy("property"), default=None, former=True)
    is_value: str | None = parameter(gettext_lazy("property is"), default=None, former=True)
    at_least_value: int | None = parameter(gettext_lazy("property is at least"), default=None, former=True)

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        return [(one, in_words(one)) for one in lately_named()] if name == "names" else ()

    def _matching(self, known_at: datetime | None) -> FactQuerySet[Event]:
        events = Event.objects.known(known_at).filter(name__in=self.names)
        for test in self._tests():
            events = events.filter(test.to_q())
        return events

    def _tests(self) -> Iterator[PropertyTest | Reads]:
        """However they were said."""
        if self.property and self.is_value is not None:
            yield Reads(self.property, self.is_value)
        if self.property and self.at_least_value is not None:
            yield PropertyTest(self.property, "at_least", str(self.at_least_value))
        yield from self.properties

    def misfits(self, within: str = "") -> Iterator[tuple[str, str]]:
        is_valued = (self.is_value, self.at_least_value) != (None, None)
        if is_valued and not (self.property or "").strip():
            yield "property", _("Name the property that has this value.")
        for place, most in enumerate(self.properties):
            if not most.property.strip():
                yield f"properties.{place}.property", _("is required.")
            for least in self.properties:
                if least.is_above(most):
                    reason = _("%(most)s is less than %(least)s, so nobody fits. Exchange the two.")
                    told = {"most": written_here(most.number()), "least": written_here(least.number())}
                    yield f"properties.{place}.value", reason % told

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
        which = f" {_('and')} ".join(test.sentence() for test in self._tests())
        return said_of(self.names, often=often, which=which)

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
