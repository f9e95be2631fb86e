from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import drafting, texts
from campaigns.models import Campaign, StepKind, Template, TriggerKind, WaitUnit
from campaigns.presets.shape import PresetCampaign, PresetMail, in_language
from campaigns.presets.welcome import WELCOME
from campaigns.presets.win_back import WIN_BACK
from clm.accounts.models import User
from lifecycle.models import Kind, LifecycleModel, Stage


class CannotInstall(ValueError):
    """Says what has to be there first."""


@dataclass(frozen=True)
class Card:
    """A preset as the page offers it. `campaign` is the one made from it, if any."""

    slug: str
    name: str
    about: str
    icon: str
    messages: int
    languages: list[str]
    campaign: Campaign | None


def shipped() -> dict[str, PresetCampaign]:
    return {preset.slug: preset for preset in (WELCOME, WIN_BACK)}


def cards() -> list[Card]:
    language = _language()
    there = {campaign.preset: campaign for campaign in Campaign.objects.exclude(preset="")}
    return [_card(preset, there.get(preset.slug), language) for preset in shipped().values()]


def _card(preset: PresetCampaign, campaign: Campaign | None, language: str) -> Card:
    mails = [step for step in preset.steps if isinstance(step, PresetMail)]
    name, about = in_language(preset.labels, language), in_language(preset.about, language)
    return Card(preset.slug, name, about, preset.icon, len(mails), sorted(mails[0].texts), campaign)


@transaction.atomic
def install(slug: str, *, by: User | None) -> Campaign:
    """Make a preset a draft of this company, complete but for being started; the one there is when it was made before.

    Its stages are those of the primary model. Raises KeyError for an unknown one, CannotInstall.
    """
    preset = shipped()[slug]
    existing = Campaign.objects.filter(preset=slug).first()
    if existing:
        return existing
    trigger = _trigger(preset)
    campaign = drafting.establish(name=in_language(preset.labels, _language()), by=by, preset=slug)
    drafting.shape(
        campaign,
        by=by,
        trigger=trigger,
        exit_condition=_exit_condition(preset),
        leaves_with_stage=preset.leaves_with_stage,
    )
    for step in preset.steps:
        if isinstance(step, PresetMail):
            drafting.add_step(campaign, StepKind.MESSAGE, by=by, template=_template(step, by))
        else:
            drafting.add_step(campaign, StepKind.WAIT, by=by, wait_amount=step, wait_unit=WaitUnit.DAYS)
    return campaign


# What comes before a first order; who is back in the first stage from there has gone cold, and is not new.
INTERESTED = (Kind.ENGAGED, Kind.QUALIFIED, Kind.EVALUATING, Kind.ONBOARDING)


def _exit_condition(preset: PresetCampaign) -> dict[str, Any]:
    model = LifecycleModel.objects.primary()
    stages = Stage.objects.in_use().filter(model=model)
    warm = [stage.slug for stage in stages.filter(kind__in=INTERESTED, is_initial=False).order_by("position")]
    first = [stage.slug for stage in stages.filter(is_initial=True)]
    if not preset.for_newcomers or model is None or not warm:
        return preset.exit_condition
    back = [
        {"condition": "in_stage", "parameters": {"model": model.slug, "stages": first}},
        {"condition": "was_in_stage", "parameters": {"model": model.slug, "stages": warm}},
    ]
    return {"any": [preset.exit_condition, {"all": back}]}


def _trigger(preset: PresetCampaign) -> dict[str, Any]:
    model = LifecycleModel.objects.primary()
    lets_in = Q(kind__in=preset.kinds) | (Q(is_initial=True) if preset.for_newcomers else Q())
    stages = Stage.objects.in_use().filter(lets_in, model=model).order_by("position") if model else []
    if model is None or not stages:
        raise CannotInstall(_("Choose a lifecycle model first: its stages say who gets this campaign."))
    return {
        "kind": TriggerKind.STAGE_ENTERED.value,
        "model": model.slug,
        "stages": [stage.slug for stage in stages],
    }


def _template(mail: PresetMail, by: User | None) -> Template:
    existing = Template.objects.filter(preset=mail.slug).first()
    if existing:
        texts.bring_back(existing, by=by)
        return existing
    template = texts.establish(
        name=in_language(mail.labels, _language()), message_class=mail.message_class, by=by, preset=mail.slug
    )
    for language, text in mail.texts.items():
        texts.write(
            template,
            language,
            subject=text.subject,
            preheader=text.preheader,
            blocks=text.blocks,
            by=by,
        )
    return template


def _language() -> str:
    return (get_language() or "en").partition("-")[0]
