"""Campaigns in words: who enters, what each step does, what ends a run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import CampaignVersion, Step, StepKind, TriggerKind
from campaigns.triggers import InvalidTrigger, SegmentEntered, StageEntered, trigger_of
from clm.base.conditions import InvalidCondition, parse
from customers.models.segment import Segment
from lifecycle.models import LifecycleModel, Stage

ICONS = {StepKind.MESSAGE: "mail", StepKind.WAIT: "clock", StepKind.EXIT: "log-out"}


@dataclass(frozen=True)
class StepLine:
    """A step as pages show it. `flaws` are what is still missing; `needs` says for whom it is."""

    step: Step
    icon: str
    sentence: str
    needs: str
    flaws: list[str]
    counts: Any = None


def entry_of(version: CampaignVersion) -> str:
    """Who enters, in one sentence; nothing while nobody has chosen."""
    try:
        return trigger_of(version).sentence()
    except InvalidTrigger:
        return ""


def entries_of(versions: Iterable[CampaignVersion]) -> dict[int, str]:
    """The same for many, by the version's id, in three queries."""
    found = list(versions)
    models = {model.slug: model for model in LifecycleModel.objects.all()}
    primary = next((model for model in models.values() if model.is_primary), None)
    stages = {(stage.model_id, stage.slug): stage for stage in Stage.objects.all()}
    segments = {segment.slug: segment for segment in Segment.objects.all()}

    def told(trigger: dict[str, Any]) -> str:
        if trigger.get("kind") == TriggerKind.SEGMENT_ENTERED:
            segment = segments.get(trigger.get("segment", ""))
            return SegmentEntered(segment).sentence() if segment else ""
        model = models.get(trigger["model"]) if trigger.get("model") else primary
        chosen = [stages.get((model.pk, slug)) for slug in trigger.get("stages") or []] if model else []
        there = tuple(stage for stage in chosen if stage)
        return StageEntered(model, there).sentence() if model and there else ""

    return {version.pk: told(version.trigger or {}) for version in found}


def sentence_of(tree: Any) -> str:
    """A condition in words; nothing where there is none."""
    if not tree:
        return ""
    try:
        return parse(tree).sentence()
    except InvalidCondition as error:
        return str(error)


def ends_of(version: CampaignVersion) -> Iterator[str]:
    """What ends a run before its last step, a sentence each."""
    if version.goal:
        yield _("The goal is reached: %(condition)s.") % {"condition": sentence_of(version.goal)}
    if version.exit_condition:
        yield _("The exit condition holds: %(condition)s.") % {
            "condition": sentence_of(version.exit_condition)
        }
    if version.leaves_with_stage:
        yield _("The customer leaves the stage or segment.")
    if version.leaves_on_unsubscribe:
        yield _("The customer unsubscribes.")


def step_sentence(step: Step) -> str:
    if step.kind == StepKind.WAIT:
        return waiting(step.wait_amount or 0, step.wait_unit)
    if step.kind == StepKind.MESSAGE:
        return (
            _("Send “%(template)s”") % {"template": step.template} if step.template else _("Send a message")
        )
    return _("Leave the campaign")


def waiting(amount: int, unit: str) -> str:
    sentences = {
        "minutes": ngettext("Wait %(count)d minute", "Wait %(count)d minutes", amount),
        "hours": ngettext("Wait %(count)d hour", "Wait %(count)d hours", amount),
        "days": ngettext("Wait %(count)d day", "Wait %(count)d days", amount),
    }
    return sentences[unit] % {"count": amount}


def needs_of(step: Step) -> str:
    """For whom a step is: nothing when it is for all."""
    if not step.condition:
        return ""
    return _("Only when this holds: %(condition)s") % {"condition": sentence_of(step.condition)}
