"""Why a customer is where they are, at a glance: the rule, what it found, and what keeps other rules from acting."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from customers.models import Customer
from lifecycle.admission import stage_at
from lifecycle.journey import Why, why_here
from lifecycle.models import LifecycleModel, NextDue, Parking, StagePeriod

FACTS_SHOWN = 3


@dataclass(frozen=True)
class Glance:
    """`due` and `parking` are those of the present; another day has none."""

    period: StagePeriod
    why: Why | None
    as_of: datetime
    due: datetime | None = None
    parking: Parking | None = None

    @property
    def is_held(self) -> bool:
        return self.period.held_until is not None and self.period.held_until > self.as_of

    @property
    def facts_left(self) -> int:
        return max(len(self.why.facts) - FACTS_SHOWN, 0) if self.why else 0


def glance(
    customer: Customer, *, as_of: datetime, known_at: datetime | None, zone: ZoneInfo, is_now: bool
) -> Glance | None:
    """In the primary model. None before the customer has a stage there, or when no model is primary."""
    model = LifecycleModel.objects.primary()
    period = stage_at(customer, model, as_of=as_of, known_at=known_at) if model else None
    if model is None or period is None:
        return None
    why = why_here(customer, period, as_of=as_of, zone=zone, known_at=known_at)
    if not is_now:
        return Glance(period, why, as_of)
    due = NextDue.objects.filter(customer=customer, model=model, at__gt=as_of).values_list("at", flat=True)
    parked = Parking.objects.filter(customer=customer, model=model, released_at=None)
    return Glance(period, why, as_of, due.first(), parked.first())
