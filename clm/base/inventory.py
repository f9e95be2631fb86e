"""Tables that tell of customers: how a merge, its undoing, an export and an erasure treat each of them.

An app's `inventory.py` has one line for each such table; it is found at start-up:

    register(Interaction, merge=MOVED, export=ALL, erase=cleared("subject", "text"))

A test finds every table that names a customer, itself or through another table, and fails for one that is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True)
class Pair:
    """Two customers that become one, or were: `number` is that of the merge, `at` when it is done or undone.

    `winner` is who has the winner's facts by now: the winner may have been merged on meanwhile.
    """

    number: int
    loser: int
    winner: int
    at: datetime


class MergeWay(Protocol):
    """What becomes of a table's rows. Both run in the transaction that holds the locks of both customers."""

    def merge(self, model: type[Model], pair: Pair) -> None: ...
    def unmerge(self, model: type[Model], pair: Pair) -> None: ...


@dataclass(frozen=True)
class Plain:
    """A way that needs nothing but the table. `customers.merging` carries it out."""

    name: str


@dataclass(frozen=True)
class Moved(Plain):
    """The loser's rows become the winner's; undoing gives back just these. Needs a column `customer_id`.

    `along` names the foreign key of what a row belongs to: rows that came later go back with it.
    """

    name: str = "moved"
    along: str = ""


MOVED = Moved()
# A cache: the loser's rows go, and are worked out anew for both.
DROPPED = Plain("dropped")
# Facts that were worked out from others: the loser's are superseded, and are live again after undoing.
SUPERSEDED = Plain("superseded")
# Goes on telling of the loser, or belongs to a row that moves.
STAYS = Plain("stays")


@dataclass(frozen=True)
class Export:
    """Which columns the person gets: all but these, or none. Not of rows for which `unless` holds: they tell of others."""

    but: frozenset[str] = frozenset()
    is_empty: bool = False
    unless: Q | None = None


ALL = Export()
NOTHING = Export(is_empty=True)  # a cache, or a queue: nothing that is not in another table too


def all_but(*columns: str) -> Export:
    return Export(frozenset(columns))


@dataclass(frozen=True)
class Person:
    """Whom an erasure is about: the customer and all that were merged into it, and the texts that name the person.

    `texts` are long enough to be found within others, and in lower case; `addresses` are all e-mail addresses.
    `names` are the single words of a name, and addresses and numbers that somebody else has by now: others have them too,
    so that they tell only in rows of the person's own.
    `whole_names` are all words of each name, which stand together or in cells of their own; `numbers` the digits of
    phone numbers with the country's, however they are written; `keys` is what other systems call the person, which tells
    where it stands alone.
    """

    customers: tuple[int, ...]
    texts: tuple[str, ...]
    at: datetime
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    whole_names: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class EraseWay(Protocol):
    """`rows` are the person's."""

    def __call__(self, rows: QuerySet[Any], person: Person) -> None: ...


@dataclass(frozen=True)
class Kept:
    """Nothing in it tells who the person is."""

    def __call__(self, rows: QuerySet[Any], person: Person) -> None: ...


@dataclass(frozen=True)
class Deleted:
    def __call__(self, rows: QuerySet[Any], person: Person) -> None:
        rows._raw_delete(rows.db)


@dataclass(frozen=True)
class Cleared:
    """The columns become what they are when nobody has filled them in, or the value that is given."""

    columns: tuple[str, ...]
    to: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, rows: QuerySet[Any], person: Person) -> None:
        rows.update(**{name: _blank(rows.model, name) for name in self.columns}, **self.to)


KEPT = Kept()
DELETED = Deleted()
EVERY_ROW = Q(pk__isnull=False)


def moved_along(key: str) -> Moved:
    return Moved(along=key)


def cleared(*columns: str, **to: Any) -> Cleared:
    return Cleared(columns, to)


def _blank(model: type[Model], name: str) -> Any:
    column = model._meta.get_field(name)
    if getattr(column, "null", False):
        return None
    return column.get_default() if column.has_default() else ""  # type: ignore[union-attr]


@dataclass(frozen=True)
class Table:
    """`path` leads from a row to its customer's id; with several, any of them names the person.

    `active_at` is the column that tells when the person did something, or something was done with them; `open_when` holds
    for a row with which somebody is not done yet: whom it tells of is not forgotten for want of activity.

    `worked_out` holds for rows that CLM has worked out from others by itself, which are no sign that anybody knows the
    customer; None for no row. A cache, whose rows a merge drops, has no others.

    `also` gives, for these customers, the rows that tell of them and name none: by an address, for one.
    """

    model: type[Model]
    merge: Plain | MergeWay
    export: Export
    erase: EraseWay
    path: Sequence[str] = ("customer_id",)
    active_at: str = ""
    open_when: Q | None = None
    worked_out: Q | None = None
    also: "Also | None" = None


Also = Callable[[Sequence[int]], Q]
# Tables without a customer's key in which texts about persons may stand: (person) -> None removes them.
Trace = Callable[[Person], None]
_tables: dict[type[Model], Table] = {}
_traces: dict[str, Trace] = {}


def register(
    model: type[Model],
    *,
    merge: Plain | MergeWay,
    export: Export,
    erase: EraseWay,
    path: str | Sequence[str] = "customer_id",
    active_at: str = "",
    open_when: Q | None = None,
    worked_out: Q | None = None,
    also: Also | None = None,
) -> None:
    paths = (path,) if isinstance(path, str) else tuple(path)
    worked_out = EVERY_ROW if merge == DROPPED else worked_out
    _tables[model] = Table(model, merge, export, erase, paths, active_at, open_when, worked_out, also)


def register_trace(model: type[Model], remove: Trace) -> None:
    """For a table that names no customer and still may hold what a person is called: audit, jobs, imports."""
    _traces[model._meta.label] = remove


def tables() -> list[Table]:
    """In the order of their names, so that all who go through them meet them in the same order."""
    return sorted(_tables.values(), key=lambda table: table.model._meta.label)


def rows_of(table: Table, customers: Sequence[int]) -> QuerySet[Any]:
    """Those that tell of these customers."""
    theirs = Q()
    for path in table.path:
        theirs |= Q(**{f"{path}__in": customers})
    rows = table.model._default_manager.all()
    if table.also is None:
        return rows.filter(theirs)
    return rows.filter(Q(pk__in=rows.filter(theirs).values("pk")) | table.also(customers))


def traces() -> list[Trace]:
    return [remove for _label, remove in sorted(_traces.items())]
