"""Turning a draft into what runs: checked, its texts frozen, never changed again."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import rendering
from campaigns.models import Campaign, CampaignVersion, Step, StepKind, Survey, TemplateText, VersionStatus
from campaigns.triggers import InvalidTrigger, trigger_of
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.conditions import InvalidCondition, parse
from customers.segments.nesting import check, named_in


@dataclass(frozen=True)
class Flaw:
    """What keeps a version from being published. `step` is None where it is about the whole; `field` names the part."""

    message: str
    field: str
    step: Step | None = None

    def __str__(self) -> str:
        if self.step is None:
            return self.message
        return _("%(step)s: %(message)s") % {"step": self.step, "message": self.message}


class CannotPublish(ValueError):
    """Raised with all that is wrong."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(" ".join(str(flaw) for flaw in flaws))
        self.flaws = flaws


@transaction.atomic
def publish(campaign: Campaign, *, by: User | None) -> CampaignVersion:
    """Make the draft the version for all who enter from now on; who is on the way goes on with the old one.

    Raises CannotPublish.
    """
    held = Campaign.objects.select_for_update(no_key=True, of=("self",)).get(pk=campaign.pk)
    draft = held.draft()
    if draft is None:
        raise CannotPublish([Flaw(_("There is no draft to publish."), "version")])
    if found := list(flaws(draft)):
        raise CannotPublish(found)
    for step in draft.steps.select_related("template"):
        if step.template:
            step.frozen = step.template.freeze(by=by)
            step.save(update_fields=["frozen"])
    held.versions.filter(status=VersionStatus.PUBLISHED).update(status=VersionStatus.RETIRED)
    draft.status, draft.published_at, draft.published_by = VersionStatus.PUBLISHED, clock.now(), by
    draft.save(update_fields=["status", "published_at", "published_by"])
    AuditEntry.objects.record("campaign.published", held, by=by, version=draft.number)
    return draft


@transaction.atomic
def edit(campaign: Campaign, *, by: User | None) -> CampaignVersion:
    """The draft, copied from the published version when there is none."""
    held = Campaign.objects.select_for_update(no_key=True, of=("self",)).get(pk=campaign.pk)
    if draft := held.draft():
        return draft
    newest = held.versions.order_by("-number").first()
    if newest is None:
        return held.versions.create(number=1)
    draft = _copy(newest)
    AuditEntry.objects.record("campaign.draft_begun", held, by=by, version=draft.number)
    return draft


def _copy(version: CampaignVersion) -> CampaignVersion:
    steps = list(version.steps.all())
    draft = CampaignVersion.objects.create(
        campaign=version.campaign,
        number=version.number + 1,
        trigger=version.trigger,
        exit_condition=version.exit_condition,
        goal=version.goal,
        leaves_with_stage=version.leaves_with_stage,
        leaves_on_unsubscribe=version.leaves_on_unsubscribe,
    )
    for step in steps:
        step.pk, step.version, step.frozen = None, draft, None
    Step.objects.bulk_create(steps)
    return draft


def flaws(version: CampaignVersion) -> Iterator[Flaw]:
    """All that has to be mended first, in the order of the page."""
    try:
        trigger_of(version)
    except InvalidTrigger as error:
        yield Flaw(str(error), "trigger")
    yield from _of_condition(version.exit_condition, "exit_condition")
    yield from _of_condition(version.goal, "goal")
    steps = list(version.steps.select_related("template").prefetch_related("template__texts"))
    if not any(step.kind == StepKind.MESSAGE for step in steps):
        yield Flaw(_("Add at least one message."), "steps")
    trial = rendering.Trial.now()
    for step in steps:
        yield from _of_step(step, trial)
        yield from _of_condition(step.condition, "condition", step)


def _of_condition(tree: object, field: str, step: Step | None = None) -> Iterator[Flaw]:
    if tree is None:
        return
    try:
        if named_in(parse(tree)):
            check(tree)
    except InvalidCondition as error:
        yield Flaw(str(error), field, step)


def _of_step(step: Step, trial: rendering.Trial) -> Iterator[Flaw]:
    if step.kind != StepKind.MESSAGE:
        return
    if step.template is None:
        yield Flaw(_("Choose the template that it sends."), "template", step)
        return
    if step.template.archived_at:
        yield Flaw(_("Its template was put away; choose another."), "template", step)
    texts = list(step.template.texts.all())
    if not texts:
        yield Flaw(
            _("The template “%(template)s” has no text yet.") % {"template": step.template}, "template", step
        )
    found = [(text, problem) for text in texts for problem in rendering.incomplete(text, trial)]
    for text, problem in found:
        yield Flaw(
            _("“%(template)s” in %(language)s: %(problem)s")
            % {
                "template": step.template,
                "language": text.get_language_display(),
                "problem": problem.sentence,
            },
            "template",
            step,
        )
    if not found:
        yield from _of_surveys(step, texts)


def _of_surveys(step: Step, texts: list[TemplateText]) -> Iterator[Flaw]:
    """Nobody is asked any more what was put away: the step would be passed by all."""
    slugs = {slug for text in texts if (slug := rendering.survey_of(text.blocks)) is not None}
    for survey in dict.fromkeys(Survey.objects.named(slug) for slug in sorted(slugs)):
        if survey.archived_at:
            yield Flaw(
                _(
                    "“%(template)s” asks the survey “%(survey)s”, which was put away. Bring the survey back, or take the question out of the template."
                )
                % {"template": step.template, "survey": survey},
                "template",
                step,
            )
