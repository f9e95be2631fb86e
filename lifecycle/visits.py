"""How often and how long a customer was in each stage: every stay counts, and the one under way counts up to the instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers.models import Customer
from lifecycle.models import LifecycleModel, Stage, StagePeriod


@dataclass(frozen=True)
class Visits:
    """All stays of a customer in one stage. `last_left_at` is None while they are there."""

    stage: Stage
    times: int
    first_entered_at: datetime
    last_entered_at: datetime
    last_left_at: datetime | None
    total: timedelta

    @property
    def days(self) -> int:
        """Whole days of the total."""
        return self.total.days


def visits_in(periods: Iterable[StagePeriod], *, as_of: datetime) -> list[Visits]:
    """Of one model's periods, the oldest first: those entered before `as_of`, the stage entered first comes first."""
    stays: dict[int, list[StagePeriod]] = {}
    for period in periods:
        if period.entered_at < as_of:
            stays.setdefault(period.stage_id, []).append(period)
    return [_visits(of_stage, as_of) for of_stage in stays.values()]


def _visits(stays: list[StagePeriod], as_of: datetime) -> Visits:
    last = stays[-1]
    total = sum((_end(stay, as_of) - stay.entered_at for stay in stays), timedelta())
    left_at = last.left_at if last.left_at and last.left_at < as_of else None
    return Visits(last.stage, len(stays), stays[0].entered_at, last.entered_at, left_at, total)


def _end(stay: StagePeriod, as_of: datetime) -> datetime:
    return min(stay.left_at or as_of, as_of)


def visits_of(
    customer: Customer, model: LifecycleModel, *, as_of: datetime, known_at: datetime | None = None
) -> list[Visits]:
    """The same of a customer, as of an instant and as known at another. One query."""
    periods = StagePeriod.objects.known(known_at).filter(customer=customer, model=model)
    rows = periods.select_related("stage").order_by("entered_at")
    return visits_in([row.as_known_at(known_at) for row in rows], as_of=as_of)
