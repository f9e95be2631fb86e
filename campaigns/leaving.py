"""What ends a run before its last step: asked for all runs of a version at once, and again at each hand-over."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from campaigns.models import (
    CampaignVersion,
    Enrollment,
    EnrollmentQuerySet,
    Message,
    MessageQuerySet,
    Outcome,
    Reason,
)
from campaigns.models.message import WAITING, MessageState
from campaigns.surveys.sparing import nobody_asked_by
from campaigns.triggers import Trigger, trigger_of
from clm.accounts.models import Organisation
from clm.base.conditions import Asked, parse
from customers.models import Arrival, Consent

# What a message that still waits says when its run ends so.
REASONS = {
    Outcome.EXIT: Reason.EXIT,
    Outcome.GOAL: Reason.GOAL,
    Outcome.LEFT: Reason.LEFT,
    Outcome.MERGED: Reason.MERGED,
    Outcome.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
    Outcome.REMOVED: Reason.PERSON,
    Outcome.CAMPAIGN_FINISHED: Reason.CAMPAIGN_FINISHED,
}


@dataclass(frozen=True)
class Ends:
    """The early ends of one version, as SQL over rows that have a `customer`."""

    version: CampaignVersion
    purpose: str
    trigger: Trigger
    zone: str

    @classmethod
    def of(cls, version: CampaignVersion) -> "Ends":
        """Raises InvalidTrigger."""
        zone = Organisation.objects.current().zone
        return cls(version, version.campaign.purpose, trigger_of(version), zone)

    def in_order(self, as_of: datetime) -> list[tuple[Outcome, Q]]:
        """Raises InvalidCondition."""
        ends = [(Outcome.MERGED, Q(customer__merged_into__isnull=False))]
        if self.version.leaves_on_unsubscribe:
            ends.append((Outcome.UNSUBSCRIBED, withdrawn(self.purpose, as_of)))
        if self.version.goal:
            ends.append((Outcome.GOAL, self.holds(self.version.goal, as_of)))
        if self.version.exit_condition:
            ends.append((Outcome.EXIT, self.holds(self.version.exit_condition, as_of)))
        if self.version.leaves_with_stage:
            ends.append((Outcome.LEFT, self.trigger.is_out()))
        return ends

    def holds(self, tree: object, as_of: datetime) -> Q:
        return parse(tree).to_q(Asked(zone=self.zone, as_of=as_of, customer="customer_id"))


def withdrawn(purpose: str, as_of: datetime) -> Q:
    """Over rows with a `customer`: the last word on this purpose was no."""
    entries = Consent.objects.live().before(as_of).filter(customer=OuterRef("customer"), purpose=purpose)
    last = entries.order_by("-occurred_at", "-pk").values("is_given")[:1]
    return Q(Exact(Coalesce(Subquery(last), Value(True)), Value(False)))


def leave(version: CampaignVersion, as_of: datetime) -> int:
    """End the runs that have come to an early end, and cancel what waits of them. Returns how many ended.

    Raises InvalidTrigger, InvalidCondition.
    """
    ended = 0
    for outcome, holds in Ends.of(version).in_order(as_of):
        ended += end_runs(Enrollment.objects.filter(holds, version=version), outcome, at=as_of)
    return ended


@transaction.atomic
def end_runs(runs: EnrollmentQuerySet, outcome: Outcome, *, at: datetime, reason: str = "") -> int:
    """Finish these runs where still active, and cancel their messages that have not been handed over."""
    ids = list(runs.active().order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if not ids:
        return 0
    ended = Enrollment.objects.filter(pk__in=ids).finish(outcome, at=at, reason=reason)
    note_arrivals(ids, at)
    cancel(Message.objects.filter(enrollment__in=ids), REASONS[outcome], at=at)
    return ended


def note_arrivals(runs: list[int], at: datetime) -> None:
    """Conditions ask for runs that ended: their customers are to be looked at again."""
    customers = Enrollment.objects.filter(pk__in=runs).values_list("customer_id", flat=True)
    Arrival.objects.note(customers, since=at)


@transaction.atomic
def cancel(messages: MessageQuerySet, reason: Reason, *, at: datetime) -> int:
    """Settle those that have not been handed over. A sender that has claimed one finds it gone, and goes on."""
    state = MessageState.SUPPRESSED if reason in _NOT_ALLOWED else MessageState.CANCELLED
    unhanded = messages.filter(state__in=[*WAITING, MessageState.CLAIMED])
    locked = unhanded.order_by("pk").select_for_update(of=("self",))  # in order: nobody waits for one another
    ids = list(locked.values_list("pk", flat=True))
    if not ids:
        return 0
    theirs = Message.objects.filter(pk__in=ids)
    cancelled = theirs.update(state=state, reason=reason, settled_at=at, lease_until=None)
    nobody_asked_by(theirs)
    return cancelled


_NOT_ALLOWED = (Reason.UNSUBSCRIBED, Reason.NO_CONSENT, Reason.SUPPRESSED)
