"""Keyset pages for lists: as fast at row 990,000 as at row 0, in both directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

COUNTED_UP_TO = 10_000
_SALT = "list.cursor"


@dataclass(frozen=True)
class Page:
    """Rows, and the cursors of the neighbouring pages (empty where there is none)."""

    rows: Sequence[Any]
    next: str
    previous: str


@dataclass(frozen=True)
class Count:
    """A count that stops at a cap, since nobody reads 12,431 from 12,432 rows."""

    number: int
    is_capped: bool


def count(rows: QuerySet[Any], *, cap: int = COUNTED_UP_TO) -> Count:
    found = rows.order_by()[: cap + 1].count()
    return Count(min(found, cap), found > cap)


def page(rows: QuerySet[Any], *, sort: str, cursor: str = "", size: int = 50) -> Page:
    """One page of rows ordered by `sort` (a path, "-" for descending; nulls last) and id.

    Raises BadRequest for a cursor that is not one of ours for this order.
    """
    place = _opened(cursor, sort)
    backwards = place is not None and place.backwards
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if place is not None:
        rows = rows.filter(_beyond(column, place, descending=descending != backwards))
    found = list(
        rows.order_by(*_order(column, descending != backwards, nulls_last=not backwards))[: size + 1]
    )
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Page(
        found,
        _sealed(found[-1], sort, backwards=False) if found and has_next else "",
        _sealed(found[0], sort, backwards=True) if found and has_previous else "",
    )


def _order(column: str, descending: bool, *, nulls_last: bool) -> list[Any]:
    if column == "pk":
        return ["-pk" if descending else "pk"]
    field = F(column)
    nulls = {"nulls_last": True} if nulls_last else {"nulls_first": True}
    return [field.desc(**nulls) if descending else field.asc(**nulls), "-pk" if descending else "pk"]


@dataclass(frozen=True)
class _Place:
    value: Any
    pk: int
    backwards: bool


def _beyond(column: str, place: _Place, *, descending: bool) -> Q:
    side = "lt" if descending else "gt"
    after = Q(**{f"pk__{side}": place.pk})
    if column == "pk":
        return after
    empty = Q(**{f"{column}__isnull": True})
    if place.value is None:
        return ~empty | (empty & after) if place.backwards else empty & after
    same = Q(**{column: place.value})
    beyond = Q(**{f"{column}__{side}e": place.value}) & (
        Q(**{f"{column}__{side}": place.value}) | (same & after)
    )
    return beyond if place.backwards else beyond | empty


def _value(row: Model, column: str) -> Any:
    value: Any = row
    for name in column.split("__"):
        value = getattr(value, name, None)
    return value


def _sealed(row: Model, sort: str, *, backwards: bool) -> str:
    value = _value(row, sort.removeprefix("-"))
    kind = "t" if isinstance(value, datetime) else "d" if isinstance(value, Decimal) else ""
    plain = value.isoformat() if isinstance(value, datetime) else str(value) if kind == "d" else value
    return signing.dumps([sort, kind, plain, row.pk, backwards], salt=_SALT)


def _opened(cursor: str, sort: str) -> _Place | None:
    if not cursor:
        return None
    try:
        made_for, kind, plain, pk, backwards = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadRequest(_("This page link is not one of ours. Start from the first page.")) from error
    if made_for != sort:
        raise BadRequest(_("This page link belongs to another order. Start from the first page."))
    value = datetime.fromisoformat(plain) if kind == "t" else Decimal(plain) if kind == "d" else plain
    return _Place(value, pk, backwards)
