"""Names that are stored by language, as cells and cards show them."""

from django import template
from django.utils.translation import gettext as _

from lifecycle.drafting import sentence_of
from lifecycle.models import Rule, StagePeriod
from lifecycle.models.labels import Labels, label_of
from lifecycle.parking import ERROR
from lifecycle.timeline import caused_by
from lifecycle.walking.pulled import DAY_BY_DAY, WITHIN_A_DAY

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
    told = {
        WITHIN_A_DAY: _("Rules moved this customer to and fro, three times within a day."),
        DAY_BY_DAY: _("Rules lead this customer round and round, a move a day."),
    }
    return told.get(reason, reason)


@register.filter
def unlocalised(number: float) -> str:
    """For attributes of drawings, which want a point whatever the language."""
    return f"{number:g}"


@register.filter
def failed(reason: str) -> bool:
    """Whether a customer is parked because the rules could not be applied."""
    return reason.startswith(ERROR)


@register.filter
def error_of(reason: str) -> str:
    return reason.removeprefix(ERROR).strip()


@register.filter
def in_a_sentence(rule: Rule) -> str:
    """What the rule asks; asks the database for names only where it names stages or segments."""
    return sentence_of(rule.condition)
