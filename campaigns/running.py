"""A campaign's life: launched, paused, resumed, finished. `campaigns.publishing` says what it does when it runs."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.leaving import cancel, end_runs
from campaigns.models import Campaign, CampaignStatus, Enrollment, Message, Outcome, Reason, StepKind
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.facts import BEGINNING


class CannotRun(ValueError):
    """The campaign is not in a state to do so; the message says why and what would help."""


class Overdue(models.TextChoices):
    """What to do, on resuming, with messages that should have left during the pause."""

    SEND = "send", gettext_lazy("Send them now")
    SKIP = "skip", gettext_lazy("Skip them")


@transaction.atomic
def launch(campaign: Campaign, *, by: User | None, includes_present: bool = False) -> None:
    """Let customers in from now on; with `includes_present` also those already in the stage or segment.

    Raises CannotRun.
    """
    held = _locked(campaign)
    if held.status != CampaignStatus.DRAFT:
        raise CannotRun(_("“%(campaign)s” has been launched before.") % {"campaign": held})
    if held.published() is None:
        raise CannotRun(_("Publish “%(campaign)s” first: nothing says what it sends.") % {"campaign": held})
    now = clock.now()
    held.status, held.launched_at = CampaignStatus.RUNNING, now
    held.entrants_since = BEGINNING if includes_present else now
    held.save(update_fields=["status", "launched_at", "entrants_since"])
    AuditEntry.objects.record("campaign.launched", held, by=by, includes_present=includes_present)
    _refresh(campaign)


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None, reason: str = "") -> bool:
    """Hold everybody in place. False when it was not running."""
    held = _locked(campaign)
    if held.status != CampaignStatus.RUNNING:
        return False
    held.status, held.paused_at, held.pause_reason = CampaignStatus.PAUSED, clock.now(), reason[:500]
    held.save(update_fields=["status", "paused_at", "pause_reason"])
    AuditEntry.objects.record("campaign.paused", held, by=by, reason=reason)
    _refresh(campaign)
    return True


@transaction.atomic
def resume(campaign: Campaign, *, by: User | None, overdue: Overdue = Overdue.SEND) -> None:
    """Go on where everybody stands. Raises CannotRun when it is not paused."""
    held = _locked(campaign)
    if held.status != CampaignStatus.PAUSED or held.paused_at is None:
        raise CannotRun(_("“%(campaign)s” is not paused.") % {"campaign": held})
    now = clock.now()
    skipped = _skip_overdue(held, now) if overdue == Overdue.SKIP else 0
    held.status, held.paused_at, held.pause_reason = CampaignStatus.RUNNING, None, ""
    held.save(update_fields=["status", "paused_at", "pause_reason"])
    AuditEntry.objects.record("campaign.resumed", held, by=by, overdue=overdue, skipped=skipped)
    _refresh(campaign)


def _skip_overdue(campaign: Campaign, now: datetime) -> int:
    """Messages that wait, and those whose step fell into the pause."""
    due = Enrollment.objects.active().filter(campaign=campaign, next_step_at__lte=now)
    steps = campaign.versions.filter(steps__kind=StepKind.MESSAGE).values_list("pk", "steps__position")
    skipped = 0
    for version, position in steps.order_by("pk", "-steps__position"):
        skipped += due.filter(version=version, position=position).update(position=F("position") + 1)
    waiting = Message.objects.filter(campaign=campaign, not_before__lte=now)
    return skipped + cancel(waiting, Reason.SKIPPED, at=now)


@transaction.atomic
def finish(campaign: Campaign, *, by: User | None) -> None:
    """End it for good: all runs end, and what has not been handed over is cancelled. Nothing happens twice.

    Raises CannotRun for a draft.
    """
    held = _locked(campaign)
    if held.status == CampaignStatus.FINISHED:
        return
    if held.status == CampaignStatus.DRAFT:
        raise CannotRun(_("“%(campaign)s” was never launched.") % {"campaign": held})
    now = clock.now()
    held.status, held.finished_at, held.paused_at, held.pause_reason = CampaignStatus.FINISHED, now, None, ""
    held.save(update_fields=["status", "finished_at", "paused_at", "pause_reason"])
    ended = end_runs(Enrollment.objects.filter(campaign=held), Outcome.CAMPAIGN_FINISHED, at=now)
    cancel(Message.objects.filter(campaign=held), Reason.CAMPAIGN_FINISHED, at=now)
    AuditEntry.objects.record("campaign.finished", held, by=by, ended=ended)
    _refresh(campaign)


@transaction.atomic
def remove(enrollment: Enrollment, *, by: User) -> bool:
    """Take one customer out. False when the run had ended."""
    ended = end_runs(Enrollment.objects.filter(pk=enrollment.pk), Outcome.REMOVED, at=clock.now())
    if ended:
        AuditEntry.objects.record("enrollment.removed", enrollment, by=by, campaign=enrollment.campaign_id)
    return bool(ended)


def _locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(no_key=True, of=("self",)).get(pk=campaign.pk)


def _refresh(campaign: Campaign) -> None:
    campaign.refresh_from_db()
