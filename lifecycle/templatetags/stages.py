"""Names that are stored by language, as cells and cards show them."""

from django import template
from django.utils.translation import gettext as _

from lifecycle.models import StagePeriod
from lifecycle.models.labels import Labels, label_of
from lifecycle.parking import ERROR
from lifecycle.timeline import caused_by

register = template.Library()


@register.filter
def named(labels: Labels | None) -> str:
    """`{{ row.stage_labels|named }}`: in the reader's language."""
    return label_of(labels or {})


@register.filter
def moved_by(period: StagePeriod) -> str:
    return caused_by(period)


@register.filter
def in_words(reason: str) -> str:
    """Why a customer is parked: our own codes in words, what people wrote as it is."""
    if reason.startswith(ERROR):
        error = reason.removeprefix(ERROR).strip()
        return _("The rules could not be applied: %(error)s") % {"error": error}
    told = {"ping-pong": _("Rules moved this customer to and fro, three times within a day.")}
    return told.get(reason, reason)


@register.filter
def unlocalised(number: float) -> str:
    """For attributes of drawings, which want a point whatever the language."""
    return f"{number:g}"
