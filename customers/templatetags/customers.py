"""Cells of the customer list, and profile values in words."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString

from clm.base.columns import Column, table_cell, table_rows
from clm.base.templatetags.formats import locale
from customers import timeline
from customers.company_pages import CompanyListing
from customers.listing import Listing

register = template.Library()


@register.simple_tag
def list_rows(listing: Listing | CompanyListing, form: str = "") -> SafeString:
    """The body of a list whose cells are all written in Python; with boxes to tick for a form."""
    return table_rows(listing.shown_columns, listing.page.rows, form=form)


@register.simple_tag
def list_cell(column: Column, row: Any) -> SafeString:
    """One cell of a row whose others the template writes."""
    return table_cell(column, row)


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
