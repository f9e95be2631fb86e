"""What rests on segments: other segments, and rules that give leads to reps."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.models import LeadAssignmentRule, Segment
from customers.segments.nesting import named_in


def _segments() -> Iterator[Use]:
    for segment in Segment.objects.dynamic().order_by("name"):
        try:
            tree = segment.tree
        except InvalidCondition:
            continue
        for slug in named_in(tree):
            label = _("the segment “%(segment)s”") % {"segment": segment}
            yield Use(slug, label, reverse("segment", args=[segment.pk]))


def _rules() -> Iterator[Use]:
    for rule in LeadAssignmentRule.objects.exclude(conditions={}):
        try:
            tree = parse(rule.conditions)
        except InvalidCondition:
            continue
        for slug in named_in(tree):
            label = _("the assignment rule “%(rule)s”") % {"rule": rule}
            yield Use(slug, label, reverse("lead-rule", args=[rule.pk]))


register("segment", _segments)
register("segment", _rules)
