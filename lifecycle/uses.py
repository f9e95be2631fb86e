"""Segments and companies that rules of lifecycle models ask for: of what is in force, was, or is in work."""

from collections.abc import Iterator
from functools import partial

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from clm.base.conditions import InvalidCondition, parse
from clm.base.uses import Use, register
from customers.uses import ASKED
from lifecycle import circles as _circles  # noqa: F401  # segments ask it before they take other conditions
from lifecycle.models import Rule, VersionStatus

_WORDS = {"segment": '"in_segment"', "company": '"company"'}


def _rules(kind: str) -> Iterator[Use]:
    """Only the rules that may name one are read."""
    asking = Rule.objects.exclude(version__status=VersionStatus.RETIRED)
    asking = asking.annotate(text=Cast("condition", TextField())).filter(text__contains=_WORDS[kind])
    for rule in asking.select_related("version__model").order_by("version", "priority", "pk"):
        try:
            tree = parse(rule.condition)
        except InvalidCondition:
            continue
        model = rule.version.model
        for key in ASKED[kind](tree):
            label = _("the rule “%(rule)s” of %(model)s") % {"rule": rule, "model": model}
            yield Use(key, label, reverse("lifecycle-model", args=[model.slug]))


for kind in ASKED:
    register(kind, partial(_rules, kind))
