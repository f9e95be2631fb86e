"""Columns of lists for the fields of customers that are defined."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import QuerySet

from clm.accounts.models import User
from clm.base.columns import Column
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
        yield Column(
            one.name,
            one.label,
            show=_cell(one),
            in_order=partial(_in_order, one),
            sort=column_of(one) if is_ordered(one) else "",
            is_number=one.kind == FieldKind.NUMBER,
            is_default=False,
            order=AFTER_THE_PROFILE,
        )


def own_columns_of_customers(user: User) -> Iterator[Column]:
    """The same for rows that belong to a customer, which are not put in order by them."""
    for one in in_use(user):
        yield Column(
            one.name,
            one.label,
            show=_cell_of_customer(one),
            is_number=one.kind == FieldKind.NUMBER,
            is_default=False,
            order=AFTER_THE_REST,
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
