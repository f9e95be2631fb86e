"""Keyset pages for lists: as fast at row 990,000 as at row 0, in both directions."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from clm.base import compiled

COUNTED_UP_TO = 10_000
MANY_FOR = 60.0
_many_until: dict[Hashable, float] = {}
_SALT = "list.cursor"
# What JSON has no word for, and how it is read again from its text.
_KINDS: dict[str, tuple[type, Callable[[str], Any]]] = {
    "t": (datetime, datetime.fromisoformat),
    "n": (date, date.fromisoformat),
    "d": (Decimal, Decimal),
}


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
    return _capped(rows.order_by()[: cap + 1].count(), cap)


def count_again(key: Hashable, rows: Callable[[], QuerySet[Any]]) -> Count:
    """The same for rows that are counted often: see `compiled.rows` for the key.

    That there are more than are counted is taken for granted for a minute: so many do not vanish unseen.
    """
    asked = "count", key, COUNTED_UP_TO
    if _many_until.get(asked, 0) > monotonic():
        return Count(COUNTED_UP_TO, is_capped=True)
    found = _capped(compiled.count(asked, lambda: rows().order_by()[: COUNTED_UP_TO + 1]), COUNTED_UP_TO)
    if found.is_capped:
        _many_until[asked] = monotonic() + MANY_FOR
    return found


def _capped(found: int, cap: int) -> Count:
    return Count(min(found, cap), found > cap)


def page(rows: QuerySet[Any], *, sort: str, cursor: str = "", size: int = 50) -> Page:
    """One page of rows ordered by `sort` (a path, "-" for descending; nulls last) and id.

    Rows with a value and rows without one are asked one after the other, each in an order that a plain index
    serves: two queries at most. Raises BadRequest for a cursor that is not one of ours for this order.
    """
    place = _opened(cursor, sort)
    return _page_of(_read(rows, sort, place, size + 1), sort, place, size)


def first_page(key: Hashable, rows: Callable[[], QuerySet[Any]], *, sort: str, size: int = 50) -> Page:
    """The first of the pages, for rows that are asked for often: see `compiled.rows` for the key."""
    found = compiled.rows(("page", key, sort, size), lambda: _parts(rows(), sort, None)[0][: size + 1])
    rest = _parts(rows(), sort, None)[1:] if len(found) <= size else []
    return _page_of(_filled(found, rest, size + 1), sort, None, size)


def _page_of(found: list[Any], sort: str, place: "_Place | None", size: int) -> Page:
    backwards = place is not None and place.backwards
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Page(
        found,
        _sealed(found[-1], sort, backwards=False) if found and has_next else "",
        _sealed(found[0], sort, backwards=True) if found and has_previous else "",
    )


def cursor_after(row: Model, sort: str) -> str:
    """The cursor of the page that begins after this row, for rows that were not read by `page`."""
    return _sealed(row, sort, backwards=False)


def ordered(rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """All rows in the order of the pages, for exports."""
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    tie = "-pk" if descending else "pk"
    if column == "pk":
        return rows.order_by(tie)
    field = F(column)
    return rows.order_by(field.desc(nulls_last=True) if descending else field.asc(nulls_last=True), tie)


def _read(rows: QuerySet[Any], sort: str, place: "_Place | None", most: int) -> list[Any]:
    return _filled([], _parts(rows, sort, place), most)


def _filled(found: list[Any], parts: Iterable[QuerySet[Any]], most: int) -> list[Any]:
    for part in parts:
        found += part[: most - len(found)] if len(found) < most else []
    return found


def _parts(rows: QuerySet[Any], sort: str, place: "_Place | None") -> list[QuerySet[Any]]:
    """What is to be asked, one after the other, until the page is full."""
    column, backwards = sort.removeprefix("-"), place is not None and place.backwards
    descending = sort.startswith("-") != backwards
    sign, side = ("-", "lt") if descending else ("", "gt")
    after = Q() if place is None else Q(**{f"pk__{side}": place.pk})
    if column == "pk":
        return [rows.filter(after).order_by(f"{sign}pk")]
    valued = rows.filter(**{f"{column}__isnull": False}).order_by(f"{sign}{column}", f"{sign}pk")
    empty = rows.filter(**{f"{column}__isnull": True}).order_by(f"{sign}pk")
    if place is None:
        parts = [valued, empty]
    elif place.value is None:
        parts = [empty.filter(after), *([valued] if backwards else [])]
    else:
        parts = [valued.filter(_beyond(column, place, side)), *([] if backwards else [empty])]
    return parts if _may_be_empty(rows, column) else parts[:1]


def _beyond(column: str, place: "_Place", side: str) -> Q:
    value = place.value
    tied = Q(**{column: value, f"pk__{side}": place.pk})
    # The first half is for the index; the second alone would be right, and slow.
    return Q(**{f"{column}__{side}e": value}) & (Q(**{f"{column}__{side}": value}) | tied)


def _may_be_empty(rows: QuerySet[Any], column: str) -> bool:
    """Unless it is a column of the row itself that the database keeps filled."""
    try:
        field = rows.model._meta.get_field(column)
    except FieldDoesNotExist:
        return True
    return bool(getattr(field, "output_field", field).null)  # a generated column is as empty as its output


@dataclass(frozen=True)
class _Place:
    value: Any
    pk: int
    backwards: bool


def _value(row: Model, column: str) -> Any:
    value: Any = row
    for name in column.split("__"):
        value = getattr(value, name, None)
    return value


def _sealed(row: Model, sort: str, *, backwards: bool) -> str:
    value = _value(row, sort.removeprefix("-"))
    kind = next((name for name, (known, _read) in _KINDS.items() if isinstance(value, known)), "")
    return signing.dumps([sort, kind, str(value) if kind else value, row.pk, backwards], salt=_SALT)


def _opened(cursor: str, sort: str) -> _Place | None:
    if not cursor:
        return None
    try:
        made_for, kind, plain, pk, backwards = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadRequest(_("This page link is not one of ours. Start from the first page.")) from error
    if made_for != sort:
        raise BadRequest(_("This page link belongs to another order. Start from the first page."))
    return _Place(_KINDS[kind][1](plain) if kind else plain, pk, backwards)
