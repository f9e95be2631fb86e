from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DecimalField, Exists, Model, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThanOrEqual, IContains, IsNull, LessThanOrEqual, Regex
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
# How the parameters of the two properties begin, and what may be asked of either.
PREFIXES = ("", "and_")
_VALUES = ("is_value", "is_not_value", "contains_value", "at_least_value", "at_most_value")
_NUMBER = r"^-?\d{1,15}(\.\d{1,6})?$"


def lately_named() -> list[str]:
    """The names of the newest events: enough to choose from, however many events there are."""
    newest = Event.objects.order_by("-pk")[:NEWEST]
    return sorted(set(newest.values_list("name", flat=True)))


@dataclass(frozen=True)
class _Said:
    """What an event has to say of one property: it says anything of it, and all of these that are not None.

    Values compare as they read, since files bring numbers as text; letters of either case are contained.
    """

    name: str
    is_value: str | None
    is_not: str | None
    contains: str | None
    at_least: int | None
    at_most: int | None

    def among(self, events: FactQuerySet[Event]) -> FactQuerySet[Event]:
        said = KeyTextTransform(self.name, "properties")
        events = events.filter(IsNull(said, False))
        if self.is_value is not None:
            events = events.filter(Exact(said, Value(self.is_value)))
        if self.is_not is not None:
            events = events.filter(~Q(Exact(said, Value(self.is_not))))
        if self.contains is not None:
            events = events.filter(IContains(said, self.contains))
        if self.at_least is not None:
            events = events.filter(GreaterThanOrEqual(_number(said), Value(self.at_least)))
        if self.at_most is not None:
            events = events.filter(LessThanOrEqual(_number(said), Value(self.at_most)))
        return events

    def words(self) -> Iterator[str]:
        told = [
            (_("with %(property)s = %(value)s"), self.is_value),
            (_("with %(property)s other than %(value)s"), self.is_not),
            (_("with %(property)s containing %(value)s"), self.contains),
            (_("with %(property)s at least %(value)s"), self.at_least),
            (_("with %(property)s at most %(value)s"), self.at_most),
        ]
        asked = [(text, value) for text, value in told if value is not None]
        yield from (text % {"property": self.name, "value": value} for text, value in asked)
        if not asked:
            yield _("with %(property)s") % {"property": self.name}


def _number(said: KeyTextTransform) -> Case:
    """What reads as a number, else null: nothing compares with that."""
    decimal = DecimalField(max_digits=21, decimal_places=6)
    return Case(When(Regex(said, _NUMBER), then=Cast(said, decimal)))


@offer
@dataclass(frozen=True)
class DidEvent(Condition):
    """Any of the named events, at least so many times; optionally only those that say something of one property or two.

    A property without a value only has to be there. An event without the property is none that says something else.
    """

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
    is_not_value: str | None = parameter(gettext_lazy("property is not"), default=None, extra=True)
    contains_value: str | None = parameter(gettext_lazy("property contains"), default=None, extra=True)
    at_least_value: int | None = parameter(gettext_lazy("property is at least"), default=None, extra=True)
    at_most_value: int | None = parameter(gettext_lazy("property is at most"), default=None, extra=True)
    and_property: str | None = parameter(gettext_lazy("and property"), default=None, extra=True)
    and_is_value: str | None = parameter(gettext_lazy("and it is"), default=None, extra=True)
    and_is_not_value: str | None = parameter(gettext_lazy("and it is not"), default=None, extra=True)
    and_contains_value: str | None = parameter(gettext_lazy("and it contains"), default=None, extra=True)
    and_at_least_value: int | None = parameter(gettext_lazy("and it is at least"), default=None, extra=True)
    and_at_most_value: int | None = parameter(gettext_lazy("and it is at most"), default=None, extra=True)

    @classmethod
    def suggests(cls, name: str) -> Sequence[tuple[str, Any]]:
        return [(one, in_words(one)) for one in lately_named()] if name == "names" else ()

    def misfits(self, within: str = "") -> Iterator[tuple[str, str]]:
        for start in PREFIXES:
            if not getattr(self, f"{start}property") and self._values(start) != (None,) * len(_VALUES):
                yield f"{start}property", _("Name the property that has this value.")

    def _values(self, start: str) -> tuple[Any, ...]:
        return tuple(getattr(self, f"{start}{name}") for name in _VALUES)

    def _said(self) -> Iterator[_Said]:
        for start in PREFIXES:
            if name := getattr(self, f"{start}property"):
                yield _Said(name, *self._values(start))

    def _matching(self, known_at: datetime | None) -> FactQuerySet[Event]:
        events = Event.objects.known(known_at).filter(name__in=self.names)
        for said in self._said():
            events = said.among(events)
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
        which = f" {_('and')} ".join(words for said in self._said() for words in said.words())
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
