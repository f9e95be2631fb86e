from django import template
from django.utils.translation import gettext as _

from clm.base.templatetags.formats import number
from customers.fact_addresses import fact_address
from customers.scoring.explaining import Trace

register = template.Library()


@register.filter
def signed(weight: int) -> str:
    """With its sign, as weights are read: +20, −5."""
    return f"+{weight}" if weight > 0 else f"−{abs(weight)}" if weight < 0 else "0"


@register.filter
def signed_points(left: float) -> str:
    """What is left of an event's points, to a tenth."""
    shown = number(round(abs(left), 1), 1)
    return f"+{shown}" if left >= 0 else f"−{shown}"


@register.filter
def of(counts: dict[int | None, int], key: int) -> int | None:
    """How many; None where nothing was counted at all."""
    return counts.get(key, 0) if counts else None


@register.filter
def came_of_it(outcome: str) -> str:
    """Our own words for what was done; the reason of a refusal as it is."""
    told = {
        "opened": _("A lead was opened."),
        "qualified": _("A lead was qualified."),
        "planned": _("A task was planned."),
        "there": _("There is an open lead already."),
        "assigned": _("The open lead, which nobody had, was assigned."),
        "gone": _("The customer has no score any more."),
    }
    return told.get(outcome, outcome)


@register.simple_tag
def event_address(customer: int, trace: Trace) -> str:
    return fact_address(customer, f"event-{trace.pk}", trace.occurred_at)
