"""Why a customer is where they are, and what is missing elsewhere, at a glance: as the customer list tells it.

The rule, what it found, what keeps other rules from acting, and the shortest way to each stage that rules lead to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from clm.base.conditions import InvalidCondition, Verdict
from customers.models import Customer
from lifecycle.explanation import Explanation, explain_stay
from lifecycle.missing import Nearest, nearest_ways
from lifecycle.models import NextDue, Parking, StagePeriod
from lifecycle.why import Why, why_here

FACTS_SHOWN = 3
WAYS_SHOWN = 4


@dataclass(frozen=True)
class Glance:
    """`due` and `parked`, the reason, are those of the present; another day has none."""

    period: StagePeriod
    why: Why | None
    as_of: datetime
    ways: list[Nearest] = field(default_factory=list)
    due: datetime | None = None
    parked: str | None = None

    @property
    def is_held(self) -> bool:
        return self.period.held_until is not None and self.period.held_until > self.as_of

    @property
    def facts_left(self) -> int:
        return max(len(self.why.facts) - FACTS_SHOWN, 0) if self.why else 0

    @property
    def ways_left(self) -> int:
        return max(len(self.ways) - WAYS_SHOWN, 0)


def glance(
    customer: Customer, *, as_of: datetime, known_at: datetime | None, zone: ZoneInfo, is_now: bool
) -> Glance | None:
    """In the primary model. None before the customer has a stage there, or when no model is primary.

    Four queries, and those of the rules' tests.
    """
    period = _stay(customer, as_of, known_at)
    if period is None:
        return None
    told = _explained(customer, period, as_of, known_at)
    return Glance(
        period,
        why_here(customer, period, as_of=as_of, zone=zone, known_at=known_at, now=_asked(told, period)),
        as_of,
        nearest_ways(told, as_of=as_of) if told else [],
        period.due_at if is_now else None,
        period.parked_for if is_now else None,
    )


def _asked(told: Explanation | None, period: StagePeriod) -> Verdict | None:
    """Of the rule that moved the customer here, where the version that governs has it still."""
    here = told.here if told else []
    return next((rule.verdict for rule in here if rule.rule_id == period.rule_id), None)


def _stay(customer: Customer, as_of: datetime, known_at: datetime | None) -> Any:
    """With when it may change by itself, and why the customer is parked."""
    of_it = {"customer": OuterRef("customer"), "model": OuterRef("model")}
    due = NextDue.objects.filter(**of_it, at__gt=as_of).values("at")[:1]
    parked = Parking.objects.filter(**of_it, released_at=None).values("reason")[:1]
    stays = StagePeriod.objects.at(as_of, known_at).filter(customer=customer, model__is_primary=True)
    related = stays.select_related("stage", "rule", "version", "actor", "model")
    stay = related.annotate(due_at=Subquery(due), parked_for=Subquery(parked)).first()
    return stay.as_known_at(known_at) if stay else None


def _explained(
    customer: Customer, period: StagePeriod, as_of: datetime, known_at: datetime | None
) -> Explanation | None:
    """None where a rule of the model cannot be read."""
    try:
        return explain_stay(customer, period, as_of=as_of, known_at=known_at)
    except InvalidCondition:
        return None
