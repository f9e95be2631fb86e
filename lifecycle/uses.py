"""Segments that rules of lifecycle models ask for: of what is in force, was, or is in work."""

from collections.abc import Iterator

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.segments.nesting import named_in
from lifecycle import circles as _circles  # noqa: F401  # segments ask it before they take other conditions
from lifecycle.models import Rule, VersionStatus


def _rules() -> Iterator[Use]:
    """Only the rules that name a segment are read."""
    asking = Rule.objects.exclude(version__status=VersionStatus.RETIRED)
    asking = asking.annotate(text=Cast("condition", TextField())).filter(text__contains='"in_segment"')
    for rule in asking.select_related("version__model").order_by("version", "priority", "pk"):
        try:
            tree = parse(rule.condition)
        except InvalidCondition:
            continue
        model = rule.version.model
        for slug in named_in(tree):
            label = _("the rule “%(rule)s” of %(model)s") % {"rule": rule, "model": model}
            yield Use(slug, label, reverse("lifecycle-model", args=[model.slug]))


register("segment", _rules)
