"""Segments that campaigns rest on: as what lets customers in, or in an exit condition, a goal or a step."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import CampaignVersion, Step, VersionStatus
from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.segments.nesting import named_in


def _campaigns() -> Iterator[Use]:
    """Of drafts and of what runs. Two queries."""
    versions = CampaignVersion.objects.exclude(status=VersionStatus.RETIRED)
    steps = Step.objects.filter(version__in=versions, condition__isnull=False)
    asked: dict[int, list[Any]] = {}
    for version_id, condition in steps.values_list("version", "condition"):
        asked.setdefault(version_id, []).append(condition)
    for version in versions.select_related("campaign").order_by("campaign", "number"):
        label = _("the campaign “%(campaign)s”") % {"campaign": version.campaign}
        for slug in dict.fromkeys(_slugs(version, asked.get(version.pk, []))):
            yield Use(slug, label, reverse("campaign", args=[version.campaign_id]))


def _slugs(version: CampaignVersion, of_steps: list[Any]) -> Iterator[str]:
    if isinstance(version.trigger, dict) and version.trigger.get("segment"):
        yield str(version.trigger["segment"])
    for tree in (version.exit_condition, version.goal, *of_steps):
        yield from _named(tree)


def _named(tree: Any) -> list[str]:
    try:
        return named_in(parse(tree)) if tree else []
    except InvalidCondition:
        return []


register("segment", _campaigns)
