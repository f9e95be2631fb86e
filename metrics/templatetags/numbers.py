"""Words and links around numbers, for the templates of this app."""

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.context import address
from metrics.answer import Answer
from metrics.catalog import CATALOG
from metrics.formulas import activity
from metrics.result import Result, Status
from metrics.scene import address_of
from metrics.stage_rows import DIRECTIONS

register = template.Library()

BREAKDOWNS = {
    "stage": gettext_lazy("By stage"),
    "channel": gettext_lazy("By channel"),
    "country": gettext_lazy("By country"),
    "month": gettext_lazy("By month"),
}
PARTS = {
    **activity.KINDS,
    "inactive_after_days": gettext_lazy("Inactive after days"),
    "at_start": gettext_lazy("Active at the start"),
    "at_end": gettext_lazy("Active at the end"),
    "new_at_end": gettext_lazy("New and active at the end"),
    "returned": gettext_lazy("Returned"),
    "churned": gettext_lazy("Lost"),
    "saved": gettext_lazy("Saved: left and back"),
    "same_period_churn": gettext_lazy("New and lost again"),
    "too_young": gettext_lazy("Too young to count"),
    "unattributed": gettext_lazy("Without a touch"),
    "moved_on": gettext_lazy("Moved on"),
    "lost": gettext_lazy("Churned"),
    "went_back": gettext_lazy("Went back"),
    "still_there": gettext_lazy("Still there"),
    "ended": gettext_lazy("Ended"),
    "lower_quartile": gettext_lazy("A quarter has left by day"),
    "upper_quartile": gettext_lazy("Three quarters have left by day"),
    "promoters": gettext_lazy("Promoters (9–10)"),
    "passives": gettext_lazy("Passives (7–8)"),
    "detractors": gettext_lazy("Detractors (0–6)"),
}


@register.filter
def direction(flag: str) -> str:
    return str(DIRECTIONS.get(flag, ""))


@register.filter
def breakdown(name: str) -> str:
    return str(BREAKDOWNS.get(name, ""))


@register.filter
def part(name: str) -> str:
    return str(PARTS.get(name, name))


@register.simple_tag
def page_of(answer: Answer) -> str:
    return address_of(answer.asked)


@register.simple_tag
def definition_of(slug: str) -> dict[str, object]:
    found = CATALOG[slug]
    return {
        "name": found.name,
        "formula": found.formula,
        "edge_cases": found.edge_cases,
        "href": reverse("metric", args=[slug]),
    }


@register.simple_tag
def customer_url(pk: int) -> str:
    """Nothing while there is no such page."""
    return address("customers") + f"{pk}/" if address("customers") else ""


@register.simple_tag
def status_badge(result: Result | None) -> SafeString:
    """Says so when a number is provisional or rests on too few."""
    if result is None or result.status in (Status.OK, Status.UNDEFINED):
        return SafeString("")
    word = f"n = {result.n}" if result.status == Status.INSUFFICIENT else _("provisional")
    return format_html(' <span class="pill" title="{}">{}</span>', result.reason, word)


@register.filter
def of_stage(lines: Mapping[str, object], slug: str) -> object:
    """The entry of a stage; nothing when it has none."""
    return lines.get(slug)
