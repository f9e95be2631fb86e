"""Giving a team steps of its own. What a step means is one of the statuses, and each status keeps a step."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Team, User
from clm.base import clock
from customers.leads.pipelines import Pipelines
from customers.leads.pursuing import clean
from customers.models import LeadPipeline, LeadStatus, PipelineStep
from customers.models.lead_status import OPEN

MOST_STEPS = 12


@dataclass(frozen=True)
class StepDraft:
    """`pk` names the step it changes; without one it is new."""

    name: str
    status: str
    pk: int | None = None


@dataclass(frozen=True)
class Expectations:
    respond_within_hours: int | None = None
    demands_next_action: bool = False


class StalePipeline(ValueError):
    """Somebody changed it since it was read; `current` is what it is now."""

    def __init__(self, current: LeadPipeline) -> None:
        self.current = current
        super().__init__(_("Somebody changed it meanwhile. Save again to replace what is there now."))


def mark_of(pipeline: LeadPipeline) -> str:
    """A fingerprint of what somebody has read, from `Pipelines`."""
    steps = [(step.pk, step.name, step.status) for step in pipeline.steps]
    told = [pipeline.team_id, pipeline.respond_within_hours, pipeline.demands_next_action, steps]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


@transaction.atomic
def save_pipeline(
    team: Team | None,
    drafts: Sequence[StepDraft],
    expectations: Expectations,
    *,
    by: User | None,
    expected: str | None = None,
) -> LeadPipeline:
    """These steps in this order, won and lost last; those left out are given up. `expected` is the `mark_of` what was
    read. Raises ValidationError (by field), StalePipeline.
    """
    drafts = [StepDraft(clean(draft.name, "steps"), draft.status, draft.pk) for draft in drafts]
    _refuse(drafts)
    LeadPipeline.objects.bulk_create([LeadPipeline(team=team)], ignore_conflicts=True)
    pipeline = LeadPipeline.objects.select_for_update().get(team=team)
    current = Pipelines.read().of(team.pk if team else None)
    if expected is not None and mark_of(current) != expected:
        raise StalePipeline(current)
    pipeline.respond_within_hours = expectations.respond_within_hours
    pipeline.demands_next_action = expectations.demands_next_action
    pipeline.full_clean(validate_constraints=False)
    pipeline.save()
    _put_steps(pipeline, _in_order(drafts))
    told = [draft.name or draft.status for draft in _in_order(drafts)]
    AuditEntry.objects.record("lead_pipeline.changed", pipeline, by=by, steps=told, **vars(expectations))
    return pipeline


@transaction.atomic
def drop_pipeline(team: Team | None, *, by: User | None) -> None:
    """Go by the steps of all others again, or by those built in; leads stay in their status."""
    pipeline = LeadPipeline.objects.select_for_update().filter(team=team).first()
    if pipeline:
        AuditEntry.objects.record("lead_pipeline.dropped", pipeline, by=by)
        pipeline.delete()


def _put_steps(pipeline: LeadPipeline, drafts: Sequence[StepDraft]) -> None:
    mine = PipelineStep.objects.filter(pipeline=pipeline)
    mine.filter(removed_at=None).update(removed_at=clock.now())  # so that two may exchange their names
    known = {step.pk: step for step in mine}
    for position, draft in enumerate(drafts):
        step = known.get(draft.pk or 0) or PipelineStep(pipeline=pipeline)
        step.name, step.status, step.position, step.removed_at = draft.name, draft.status, position, None
        step.save()


def _in_order(drafts: Sequence[StepDraft]) -> list[StepDraft]:
    ends = (LeadStatus.WON, LeadStatus.LOST)
    last = [draft for end in ends for draft in drafts if draft.status == end]
    return [draft for draft in drafts if draft.status in OPEN] + last


def _refuse(drafts: Sequence[StepDraft]) -> None:
    statuses = [draft.status for draft in drafts]
    if unknown := set(statuses) - set(LeadStatus.values):
        _refused(_("There is no status “%(status)s”.") % {"status": unknown.pop()})
    if len(drafts) > MOST_STEPS:
        _refused(_("A pipeline has %(most)s steps at most.") % {"most": MOST_STEPS})
    for status in LeadStatus:
        if status not in statuses:
            _refused(_("No step means “%(status)s”. Every status needs one.") % {"status": status.label})
    known = [draft.pk for draft in drafts if draft.pk]
    if len(known) > len(set(known)):
        _refused(_("A step is there twice. Name each id once."))
    for end in (LeadStatus.WON, LeadStatus.LOST):
        if statuses.count(end) > 1:
            _refused(_("Only one step can mean “%(status)s”.") % {"status": end.label})
    _refuse_names([draft.name or str(LeadStatus(draft.status).label) for draft in drafts])


def _refuse_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if len(name) > 40:
            _refused(_("The name “%(name)s” has more than 40 characters.") % {"name": name[:45]})
        if name.lower() in seen:
            _refused(_("Two steps are called “%(name)s”.") % {"name": name})
        seen.add(name.lower())


def _refused(reason: str) -> None:
    raise ValidationError({"steps": reason})
