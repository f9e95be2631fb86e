"""Cells of the customer list, and profile values in words."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString

from clm.base.columns import table_rows
from clm.base.templatetags.formats import locale
from customers import timeline
from customers.listing import Listing

register = template.Library()


@register.simple_tag
def customer_rows(listing: Listing, form: str = "") -> SafeString:
    """The body of the customer list; with boxes to tick for a form."""
    return table_rows(listing.columns, listing.page.rows, form=form)


@register.filter
def own_value(value: Any) -> str:
    """A value of the company's own fields, as one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def country_name(code: str) -> str:
    """In the reader's language; the code where it is no country's."""
    return str(locale().territories.get(code, code))


@register.filter
def language_name(code: str) -> str:
    """`da` -> Danish."""
    return str(locale().languages.get(code, code))


@register.filter
def field_label(name: str) -> str:
    """The name of a profile field as people read it."""
    return timeline.field_label(name)
