"""What rests on segments and companies: segments, rules that give leads to reps, and ideal profiles."""

from collections.abc import Callable, Iterator
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, Node, parse
from clm.base.uses import Use, register
from customers.conditions.profile import companies_in
from customers.models import IdealProfile, LeadAssignmentRule, Segment
from customers.segments.nesting import named_in

# By what is used, how a tree of conditions names it.
ASKED: dict[str, Callable[[Node], list[str]]] = {"segment": named_in, "company": companies_in}


def _segments(kind: str) -> Iterator[Use]:
    for segment in Segment.objects.dynamic().order_by("name"):
        try:
            tree = segment.tree
        except InvalidCondition:
            continue
        for key in ASKED[kind](tree):
            label = _("the segment “%(segment)s”") % {"segment": segment}
            yield Use(key, label, reverse("segment", args=[segment.pk]))


def _rules(kind: str) -> Iterator[Use]:
    for rule in LeadAssignmentRule.objects.exclude(conditions={}):
        try:
            tree = parse(rule.conditions)
        except InvalidCondition:
            continue
        for key in ASKED[kind](tree):
            label = _("the assignment rule “%(rule)s”") % {"rule": rule}
            yield Use(key, label, reverse("lead-rule", args=[rule.pk]))


def _profiles() -> Iterator[Use]:
    """They can't ask for segments."""
    for profile in IdealProfile.objects.order_by("name"):
        try:
            trees = [tree for _weight, tree in profile.weighed]
        except InvalidCondition:
            continue
        for key in dict.fromkeys(key for tree in trees for key in companies_in(tree)):
            label = _("the ideal profile “%(profile)s”") % {"profile": profile}
            yield Use(key, label, reverse("ideal-profile", args=[profile.pk]))


for kind in ASKED:
    register(kind, partial(_segments, kind))
    register(kind, partial(_rules, kind))
register("company", _profiles)
