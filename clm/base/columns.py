"""Columns of list pages, offered by any app: what to join, how to sort, how to show a cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

Annotate = Callable[[QuerySet[Any]], QuerySet[Any]]


def _as_is(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True)
class Column:
    """`template` shows the cell of `row`; without one `value` names the attribute to print.

    `annotate` adds what the cell needs with one join or subquery for all rows. `sort` is the path to order by:
    one that an index serves, with the id as its tie-breaker.
    """

    key: str
    label: str | Promise
    value: str = ""
    template: str = ""
    annotate: Annotate = _as_is
    sort: str = ""
    is_number: bool = False
    is_default: bool = True
    order: int = 50


_lists: dict[str, dict[str, Column]] = {}


def register(page: str, column: Column) -> None:
    """Offer a column on a list page, such as "customers"."""
    _lists.setdefault(page, {})[column.key] = column


def offered(page: str) -> dict[str, Column]:
    return dict(sorted(_lists.get(page, {}).items(), key=lambda item: item[1].order))
