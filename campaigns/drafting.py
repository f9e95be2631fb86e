"""Putting a campaign together. All of it is about the draft; who is on the way is not touched before it is published."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns import publishing
from campaigns.models import Campaign, CampaignStatus, CampaignVersion, Step, StepKind
from clm.accounts.models import AuditEntry, User

MOST_STEPS = 50


class CannotEdit(ValueError):
    """The campaign can't be changed any more; the message says why."""


@transaction.atomic
def establish(*, name: str, by: User | None, **values: Any) -> Campaign:
    campaign = Campaign.objects.create(name=name, created_by=by, **values)
    campaign.versions.create(number=1)
    AuditEntry.objects.record("campaign.created", campaign, by=by)
    return campaign


@transaction.atomic
def set_up(campaign: Campaign, *, by: User | None, **values: Any) -> None:
    """Name, sender, purpose, re-entry, priority: these hold at once, also while it runs. Raises CannotEdit."""
    _refuse_finished(campaign)
    changed = [name for name, value in values.items() if getattr(campaign, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(campaign, name, values[name])
    campaign.save(update_fields=changed)
    AuditEntry.objects.record("campaign.changed", campaign, by=by, fields=sorted(changed))


@transaction.atomic
def draft_of(campaign: Campaign, *, by: User | None) -> CampaignVersion:
    """The draft, begun from what is in force when there is none. Raises CannotEdit."""
    _refuse_finished(campaign)
    return publishing.edit(campaign, by=by)


@transaction.atomic
def shape(campaign: Campaign, *, by: User | None, **values: Any) -> CampaignVersion:
    """`trigger`, `exit_condition`, `goal`, `leaves_with_stage`, `leaves_on_unsubscribe` of the draft."""
    draft = draft_of(campaign, by=by)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save(update_fields=list(values))
    _note(campaign, by, sorted(values))
    return draft


@transaction.atomic
def add_step(campaign: Campaign, kind: str, *, by: User | None, **values: Any) -> Step:
    """At the end of the draft. Raises CannotEdit when there are too many."""
    draft = draft_of(campaign, by=by)
    last = draft.steps.order_by("-position").first()
    if draft.steps.count() >= MOST_STEPS:
        raise CannotEdit(_("A campaign has at most %(most)s steps.") % {"most": MOST_STEPS})
    if kind == StepKind.WAIT:
        values = {"wait_amount": 1} | values
    step = draft.steps.create(position=last.position + 1 if last else 0, kind=kind, **values)
    _note(campaign, by, ["steps"])
    return step


@transaction.atomic
def change_step(step: Step, *, by: User | None, **values: Any) -> None:
    for name, value in values.items():
        setattr(step, name, value)
    step.save(update_fields=list(values))
    _note(step.version.campaign, by, ["steps"])


@transaction.atomic
def move_step(step: Step, *, down: bool, by: User | None) -> bool:
    """False at the end of the list."""
    steps = step.version.steps.select_for_update()
    other = (
        steps.filter(position__gt=step.position).order_by("position").first()
        if down
        else steps.filter(position__lt=step.position).order_by("-position").first()
    )
    if other is None:
        return False
    step.position, other.position = other.position, step.position
    Step.objects.bulk_update([step, other], ["position"])
    _note(step.version.campaign, by, ["steps"])
    return True


@transaction.atomic
def delete_step(step: Step, *, by: User | None) -> None:
    step.version.steps.filter(position__gt=step.position).update(position=F("position") - 1)
    campaign = step.version.campaign
    step.delete()
    _note(campaign, by, ["steps"])


@transaction.atomic
def discard(campaign: Campaign, *, by: User | None) -> bool:
    """Away with the draft of a campaign that has something in force; False where there is nothing else."""
    draft = campaign.draft()
    if draft is None or campaign.published() is None:
        return False
    draft.delete()
    AuditEntry.objects.record("campaign.draft_discarded", campaign, by=by, version=draft.number)
    return True


def _refuse_finished(campaign: Campaign) -> None:
    if campaign.status == CampaignStatus.FINISHED:
        raise CannotEdit(_("“%(campaign)s” is finished. Make a new one from it.") % {"campaign": campaign})


def _note(campaign: Campaign, by: User | None, fields: list[str]) -> None:
    AuditEntry.objects.record("campaign.draft_changed", campaign, by=by, fields=fields)
