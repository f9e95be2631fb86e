from django import template

from clm.base.templatetags.formats import number

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
