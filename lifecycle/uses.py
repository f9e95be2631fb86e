"""Segments and companies that rules and components of lifecycle models ask for: of what is in force, in work, or still
governs a stretch of the past."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.uses import ASKED
from lifecycle import circles as _circles  # noqa: F401  # segments ask it before they take other conditions
from lifecycle.models import ComponentRule, ModelVersion, Rule, VersionStatus

_WORDS = {"segment": '"in_segment"', "company": '"company"'}
# A late fact is judged by the version that governs its time, also by one that is retired.
_COUNTS = ~Q(version__status=VersionStatus.RETIRED) | Q(version__governs_from__isnull=False)


def _rules(kind: str) -> Iterator[Use]:
    asking = _asking(kind, Rule.objects.all()).select_related("version__model", "stage")
    for rule in asking.order_by("version", "priority", "pk"):
        told = _("the rule “%(rule)s” of %(model)s") % {"rule": rule, "model": rule.version.model}
        yield from _uses(kind, rule, told)


def _components(kind: str) -> Iterator[Use]:
    asking = _asking(kind, ComponentRule.objects.all()).select_related("version__model", "component")
    for rule in asking.order_by("version", "position", "pk"):
        names = {"component": rule, "model": rule.version.model}
        yield from _uses(kind, rule, _("the component “%(component)s” of %(model)s") % names)


def _asking(kind: str, rules: "QuerySet[Any]") -> "QuerySet[Any]":
    """Only those that may name one are read."""
    named: QuerySet[Any] = rules.filter(_COUNTS).annotate(text=Cast("condition", TextField()))
    return named.filter(text__contains=_WORDS[kind])


def _uses(kind: str, rule: Rule | ComponentRule, told: str) -> Iterator[Use]:
    try:
        tree = parse(rule.condition)
    except InvalidCondition:
        return
    for key in ASKED[kind](tree):
        yield Use(
            key, _of_its_time(told, rule.version), reverse("lifecycle-model", args=[rule.version.model.slug])
        )


def _of_its_time(told: str, version: ModelVersion) -> str:
    if version.status != VersionStatus.RETIRED:
        return told
    past = _("%(use)s, in version %(number)s, which governs the past until a replay")
    return past % {"use": told, "number": version.number}


for kind in ASKED:
    register(kind, partial(_rules, kind))
    register(kind, partial(_components, kind))
