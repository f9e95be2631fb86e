"""Segments that rest on other segments."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition
from clm.base.uses import Use, register
from customers.models import Segment
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


register("segment", _segments)
