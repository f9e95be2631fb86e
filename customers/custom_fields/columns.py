"""Columns of lists for the fields of customers that are defined."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import QuerySet

from clm.accounts.models import User
from clm.base.columns import Column, Show
from customers.custom_fields.kinds import shown
from customers.custom_fields.known import in_use
from customers.custom_fields.values import column_of, is_ordered, order_of
from customers.models.custom_field import CustomField, FieldKind

AFTER_THE_PROFILE = 70
AFTER_THE_REST = 100
Rows = QuerySet[Any]


def own_columns(user: User) -> Iterator[Column]:
    """As far as the user may see them; none is shown until it is chosen."""
    for one in in_use(user):
        sort = column_of(one) if is_ordered(one) else ""
        shown_as = _column(one, show=_cell(one), order=AFTER_THE_PROFILE)
        yield replace(shown_as, in_order=partial(_in_order, one), sort=sort)


def own_columns_of_customers(user: User) -> Iterator[Column]:
    """The same for rows that belong to a customer, which are not put in order by them."""
    for one in in_use(user):
        yield _column(one, show=_cell_of_customer(one), order=AFTER_THE_REST)


def _column(definition: CustomField, *, show: Show, order: int) -> Column:
    is_number = definition.kind == FieldKind.NUMBER
    return Column(
        definition.name, definition.label, show=show, is_number=is_number, is_default=False, order=order
    )


def _in_order(definition: CustomField, rows: Rows) -> Rows:
    ordered: Rows = rows.annotate(**{column_of(definition): order_of(definition)})
    return ordered


def _cell(definition: CustomField) -> Any:
    def cell(row: Any) -> str:
        return shown(definition, row.fields.get(definition.key))

    return cell


def _cell_of_customer(definition: CustomField) -> Any:
    cell = _cell(definition)
    return lambda row: cell(row.customer)
