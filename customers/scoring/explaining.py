"""Why a customer has the score they have, point by point, as of any moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import CharField, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _

from clm.accounts.models import Organisation
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition
from clm.base.conditions.asking import truths_for
from customers.conditions.event_names import in_words
from customers.models import Customer, IdealProfile, Scoring
from customers.scoring.agreement import may_be_scored
from customers.scoring.fit import conditions_of, share
from customers.scoring.interest import Signal, left_of

SHOWN = 12


@dataclass(frozen=True)
class Test:
    sentence: str
    weight: int
    holds: bool


@dataclass(frozen=True)
class ProfileFit:
    """`share` of what is possible, 0 to 100. `broken` says why the profile can't be asked any more."""

    profile: IdealProfile
    share: int = 0
    tests: Sequence[Test] = ()
    broken: str = ""

    @property
    def held(self) -> int:
        return sum(test.weight for test in self.tests if test.holds)


@dataclass(frozen=True)
class Trace:
    """An event and the points it still gives, of those it gave on its day. `event` is its name in data."""

    event: str
    in_words: str
    occurred_at: datetime
    pk: int
    points: int
    left: float


@dataclass(frozen=True)
class Explanation:
    """`is_scored` is false for those who withdrew. `profiles` with the best first; `traces` with the newest first."""

    as_of: datetime
    is_scored: bool
    scoring: Scoring
    profiles: Sequence[ProfileFit] = ()
    traces: Sequence[Trace] = field(default=())

    @property
    def best(self) -> ProfileFit | None:
        return next((one for one in self.profiles if one.share), None)

    @property
    def fit(self) -> int:
        return self.best.share if self.best else 0

    @property
    def interest(self) -> int:
        total = Decimal(sum(trace.left for trace in self.traces)).quantize(Decimal(1), ROUND_HALF_UP)
        return max(int(total), 0)

    @property
    def shown(self) -> Sequence[Trace]:
        return self.traces[:SHOWN]

    @property
    def hidden(self) -> Sequence[Trace]:
        return self.traces[SHOWN:]

    @property
    def hidden_left(self) -> float:
        return sum(trace.left for trace in self.hidden)

    @property
    def fit_class(self) -> str:
        return self.scoring.fit_class(self.fit)

    @property
    def interest_class(self) -> int:
        return self.scoring.interest_class(self.interest)

    @property
    def grade(self) -> str:
        return f"{self.fit_class}{self.interest_class}"


def explain(
    customer: Customer, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Explanation:
    """Six queries or so, whatever there is to tell. `as_of` is an exclusive instant; the present when none is given."""
    asked = Asked(Organisation.objects.current().zone, as_of or clock.now(), known_at)
    scoring = Scoring.objects.current()
    if not Customer.objects.filter(may_be_scored(asked), pk=customer.pk).exists():
        return Explanation(asked.instant, False, scoring)
    fits = sorted(_fits(customer, asked), key=lambda one: (-one.share, one.profile.pk))
    return Explanation(asked.instant, True, scoring, fits, _traces(customer, scoring, asked))


def _fits(customer: Customer, asked: Asked) -> list[ProfileFit]:
    profiles = list(IdealProfile.objects.in_use())
    whole, broken = [], []
    for profile in profiles:
        try:
            conditions_of([profile])
            whole.append(profile)
        except InvalidCondition as error:
            broken.append(ProfileFit(profile, broken=str(error)))
    conditions = conditions_of(whole)
    truths = truths_for(customer, conditions, asked) if conditions else {}
    found = []
    for profile in whole:
        tests = [Test(tree.sentence(), weight, tree.holds(truths)) for weight, tree in profile.weighed]
        held = sum(test.weight for test in tests if test.holds)
        found.append(ProfileFit(profile, share(held, profile.possible), tests))
    return found + broken


def _traces(customer: Customer, scoring: Scoring, asked: Asked) -> list[Trace]:
    parts = [_counted(customer, signal, scoring, asked) for signal in Signal.of(scoring)]
    if not parts:
        return []
    first, *others = parts
    rows = first.union(*others, all=True) if others else first
    traces = [Trace(*row) for row in rows]
    return sorted(traces, key=lambda trace: (trace.occurred_at, trace.pk), reverse=True)


def _counted(customer: Customer, signal: Signal, scoring: Scoring, asked: Asked) -> QuerySet[Any, Any]:
    events = signal.events(asked.known_at).before(asked.instant).filter(customer_id=customer.pk)
    told = events.annotate(
        told=Value(_told(signal, signal.event), CharField()),
        in_words=Value(_told(signal, in_words(signal.event)), CharField()),
        points=Value(signal.points, IntegerField()),
        left=left_of(signal, scoring.half_life_days, asked),
    )
    newest = told.order_by("-occurred_at", "-pk").values_list(
        "told", "in_words", "occurred_at", "pk", "points", "left"
    )
    return newest[: signal.most]


def _told(signal: Signal, event: str) -> str:
    if not signal.property:
        return event
    return _("%(event)s with %(property)s = %(value)s") % {
        "event": event,
        "property": signal.property,
        "value": signal.is_value,
    }
