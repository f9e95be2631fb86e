"""Cells of the customer list."""

from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from clm.accounts.models import Organisation
from clm.base.cells import moment
from clm.base.navigation import row_address
from clm.base.templatetags.formats import NONE, money, number

_NAME = '<span class="flex items-center gap-2.5 min-w-0"><span class="min-w-0">{}</span></span>'


def name(row: Any) -> SafeString:
    """Who it is, and the address or id by which others know the customer."""
    known_by = next((each for each in (row.email, row.external_id) if each and each != row.name), "")
    return named(row_address("customer", row.pk), str(row), known_by)


def named(address: str, name: str, also: str = "") -> SafeString:
    """The first cell of a row: its name, which leads to it, and what else tells it from others."""
    link = f'<a class="row-link block truncate" href="{address}">{escape(name)}</a>'
    more = f'<span class="block text-xs text-muted truncate">{escape(also)}</span>' if also else ""
    return SafeString(_NAME.format(link + more))


def revenue(row: Any) -> SafeString | str:
    """With a star where orders are left out, because the rate to our currency is not known."""
    bought = getattr(row, "purchases", None)
    if not bought or not bought.orders:
        return NONE
    shown = money(bought.revenue, Organisation.objects.current().currency)
    return format_html("{} {}", shown, _left_out(bought.unconverted)) if bought.unconverted else shown


def _left_out(count: int) -> SafeString:
    text = ngettext(
        "%(number)s order is left out: its exchange rate is not known.",
        "%(number)s orders are left out: their exchange rates are not known.",
        count,
    )
    return format_html('<abbr class="text-muted" title="{}">*</abbr>', text % {"number": number(count)})


def orders(row: Any) -> str:
    bought = getattr(row, "purchases", None)
    return number(bought.orders or None) if bought else NONE


def last_order(row: Any) -> SafeString | str:
    return moment(getattr(getattr(row, "purchases", None), "last_order_at", None))


def first_order(row: Any) -> SafeString | str:
    return moment(getattr(getattr(row, "purchases", None), "first_order_at", None))


def first_seen(row: Any) -> SafeString | str:
    return moment(row.first_seen_at)


def grade(row: Any) -> str:
    score = getattr(row, "score", None)
    return score.grade if score else NONE


def segments(row: Any) -> str:
    return ", ".join(row.segment_names)
