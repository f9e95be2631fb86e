"""Columns of list pages, offered by any app: what to join, how to sort, how to show a cell.

Cells are written in Python: a page has hundreds, and a template for each would take most of its time.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clm.base.cells import moment
from clm.base.templatetags.formats import NONE

Annotate = Callable[[QuerySet[Any]], QuerySet[Any]]
Show = Callable[[Any], object]
Given = Callable[[], Hashable]
Room = Literal["", "wide", "wider"]


def _as_is(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


def _nothing() -> None:
    return None


def related(*names: str) -> Annotate:
    """For a column that shows what the row leads to."""

    def annotate(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related(*names)

    return annotate


@dataclass(frozen=True, eq=False)  # each is itself: to compare their texts would be dear
class Column:
    """`show` gives the cell of a row, escaped unless it is safe; without one `value` names the attribute to print.

    `annotate` adds what the cell needs with one join or subquery for all rows; what it looks up to do so, `given` tells,
    so that the same question need not be built again. `sort` is the path to order by: one that an index serves, with
    the id as its tie-breaker; `in_order` adds what only the order needs. Unless somebody chose the columns, one with
    `room` is left out of windows that are not "wide" or "wider".
    """

    key: str
    label: str | Promise
    value: str = ""
    show: Show | None = None
    annotate: Annotate = _as_is
    given: Given = _nothing
    sort: str = ""
    in_order: Annotate = _as_is
    is_number: bool = False
    is_default: bool = True
    order: int = 50
    room: Room = ""

    @property
    def sorts_plainly(self) -> bool:
        return self.in_order is _as_is

    def value_of(self, row: Model) -> Any:
        """What the dotted `value` leads to; nothing where the way ends."""
        value: Any = row
        for name in _steps(self.value):
            value = getattr(value, name, None)
        return value

    def cell(self, row: Model) -> SafeString:
        shown = self.show(row) if self.show else self.value_of(row)
        return _NOTHING if shown is None or shown == "" or shown is NONE else _escaped(shown)

    def plain(self, row: Model) -> object:
        """For a file: what is printed, as it is; else the cell as text."""
        return self.value_of(row) if self.value else " ".join(strip_tags(self.cell(row)).split())


def moment_column(
    key: str,
    label: str | Promise,
    name: str,
    *,
    order: int,
    sorts: bool = False,
    is_default: bool = False,
    room: Room = "",
) -> Column:
    """Of the instant that the row has under this name; `sorts` where an index serves its order."""
    return Column(
        key,
        label,
        value=name,
        show=lambda row: moment(getattr(row, name)),
        sort=name if sorts else "",
        is_default=is_default,
        order=order,
        room=room,
    )


_NOTHING = SafeString(NONE)


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _escaped(text: object) -> SafeString:
    return conditional_escape(text if isinstance(text, str) else str(text))


def table_rows(columns: Sequence[Column], rows: Sequence[Model], *, form: str = "") -> SafeString:
    """`<tr>` of each row: the first cell leads, the others tell their column to a phone, which shows no head and no blanks.

    With the id of a `form` every row begins with a box to tick, which belongs to that form.
    """
    heads = [_heads(column, is_first=place == 0) for place, column in enumerate(columns)]
    kinds = list(zip(heads, columns, strict=True))
    label = _("Select %(row)s")
    return mark_safe(  # noqa: S308 (escaped below)
        "".join(f"<tr>{_box(row, form, label) if form else ''}{_cells(kinds, row)}</tr>" for row in rows)
    )


def _box(row: Model, form: str, label: str) -> str:
    label = _escaped(label % {"row": row})
    return (
        '<td class="check"><input type="checkbox" class="checkbox checkbox-sm" name="pk"'
        f' value="{row.pk}" form="{_escaped(form)}" autocomplete="off" aria-label="{label}"></td>'
    )


def _cells(kinds: Sequence[tuple[tuple[str, str], Column]], row: Model) -> str:
    cells = [(filled, blank, column.cell(row)) for (filled, blank), column in kinds]
    return "".join([f"{blank if cell == NONE else filled}{cell}</td>" for filled, blank, cell in cells])


def table_cell(column: Column, row: Model) -> SafeString:
    """One of the cells of a row that a template makes: not its first."""
    filled, blank = _heads(column, is_first=False)
    cell = column.cell(row)
    return mark_safe(f"{blank if cell == NONE else filled}{cell}</td>")  # noqa: S308 (escaped above)


def _heads(column: Column, *, is_first: bool) -> tuple[str, str]:
    """How a cell begins that holds something, and one that holds nothing."""
    return _opened(column, is_first=is_first), _opened(column, "max-sm:hidden", is_first=is_first)


def _opened(column: Column, also: str = "", *, is_first: bool) -> str:
    room = f"if-{column.room}" if column.room else ""
    kinds = ("lead-cell" if is_first else also, "number" if column.is_number else "", room)
    named = " ".join(filter(None, kinds))
    return (
        "<td"
        + (f' class="{named}"' if named else "")
        + ("" if is_first else f' data-label="{_escaped(column.label)}"')
        + ">"
    )


_lists: dict[str, dict[str, Column]] = {}
_makers: dict[str, list[Callable[[Any], Column]]] = {}


def register(page: str, column: Column) -> None:
    """Offer a column on a list page, such as "customers"."""
    _lists.setdefault(page, {})[column.key] = column


def register_for(page: str, make: Callable[[Any], Column]) -> None:
    """Offer a column that depends on who looks: `make` gets the user."""
    _makers.setdefault(page, []).append(make)


def made_for(page: str, user: Any) -> list[Column]:
    return [make(user) for make in _makers.get(page, ())]


def offered(page: str) -> dict[str, Column]:
    return dict(sorted(_lists.get(page, {}).items(), key=lambda item: item[1].order))
