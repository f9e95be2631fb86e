"""Segments and companies that campaigns rest on: a segment as what lets customers in, either in an exit condition, a goal or a step."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import CampaignVersion, Step, VersionStatus
from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.uses import ASKED


def _campaigns(kind: str) -> Iterator[Use]:
    """Of drafts and of what runs. Two queries."""
    versions = CampaignVersion.objects.exclude(status=VersionStatus.RETIRED)
    steps = Step.objects.filter(version__in=versions, condition__isnull=False)
    asked: dict[int, list[Any]] = {}
    for version_id, condition in steps.values_list("version", "condition"):
        asked.setdefault(version_id, []).append(condition)
    for version in versions.select_related("campaign").order_by("campaign", "number"):
        label = _("the campaign “%(campaign)s”") % {"campaign": version.campaign}
        for key in dict.fromkeys(_keys(kind, version, asked.get(version.pk, []))):
            yield Use(key, label, reverse("campaign", args=[version.campaign_id]))


def _keys(kind: str, version: CampaignVersion, of_steps: list[Any]) -> Iterator[str]:
    if kind == "segment" and isinstance(version.trigger, dict) and version.trigger.get("segment"):
        yield str(version.trigger["segment"])
    for tree in (version.exit_condition, version.goal, *of_steps):
        yield from _named(kind, tree)


def _named(kind: str, tree: Any) -> list[str]:
    try:
        return ASKED[kind](parse(tree)) if tree else []
    except InvalidCondition:
        return []


for kind in ASKED:
    register(kind, partial(_campaigns, kind))
