"""What is no fact: companies and products. A row changes the thing it names, or makes it; empty cells change nothing.

What an import does to them is written down, so that it can be undone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from clm.base import clock
from customers.intake import statements
from customers.intake.batch import Batch, Outcome, What
from customers.intake.kinds import Row
from customers.models import Brought, ExternalKey, Thing

T = TypeVar("T", bound=Model)
WRITTEN_AT_ONCE = 2_000


@dataclass
class Found(Generic[T]):
    """The thing that a row names: one there was, or one that an earlier row makes."""

    thing: T
    is_new: bool
    before: dict[str, Any] = field(default_factory=dict)
    is_changed: bool = False


def write_things(
    batch: Batch,
    model: type[T],
    kind: Thing,
    fields: Sequence[str],
    find: Callable[[Row], Found[T]],
) -> dict[int, Found[T]]:
    """Write the rows' values, set-based. Returns what each row found, by the row's id in memory."""
    found = {id(row): find(row) for row in batch.rows}
    batch.refuse_by_mode(lambda row: not found[id(row)].is_new)
    fates: list[tuple[Row, What]] = [(row, _apply(found[id(row)], row, fields)) for row in batch.rows]
    left = {id(found[id(row)]): found[id(row)] for row in batch.rows}
    _save(model, fields, left.values())
    count(batch, [Outcome(row.number, what, found[id(row)].thing.pk) for row, what in fates])
    _remember(batch, kind, fields, left.values())
    return found


def held(rows: QuerySet[T], batch: Batch) -> QuerySet[T]:
    """Read while nobody else changes them, until the batch is written; a trial holds nobody up."""
    if batch.locks:
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return rows


def _apply(found: Found[T], row: Row, fields: Sequence[str]) -> What:
    thing, is_first = found.thing, not found.before
    if is_first:
        found.before = {name: getattr(thing, name) for name in fields}
    changed = {
        name: row.values[name]
        for name in fields
        if name in row.values and row.values[name] != getattr(thing, name)
    }
    for name, value in changed.items():
        setattr(thing, name, value)
    found.is_changed = found.is_changed or bool(changed)
    return "added" if found.is_new and is_first else "amended" if changed else "unchanged"


def _save(model: type[T], fields: Sequence[str], found: Iterable[Found[T]]) -> None:
    """Known ones by the same statement as new ones: an insert that finds its id taken."""
    every = list(found)
    touched = [one for one in every if one.is_changed and not one.is_new]
    if is_versioned := any(each.name == "changed_at" for each in model._meta.concrete_fields):
        at = clock.now()
        for one in touched:
            one.thing.changed_at = at  # type: ignore[attr-defined]
    objects: Any = model._default_manager
    objects.bulk_create([one.thing for one in every if one.is_new], batch_size=WRITTEN_AT_ONCE)
    objects.bulk_create(
        [one.thing for one in touched],
        batch_size=WRITTEN_AT_ONCE,
        update_conflicts=True,
        update_fields=[
            *(name.removesuffix("_id") for name in fields),
            *(["changed_at"] if is_versioned else []),
        ],
        unique_fields=["id"],
    )


def count(batch: Batch, outcomes: list[Outcome]) -> None:
    """What became of the rows, each told where that is asked for."""
    taken = batch.taken
    for outcome in outcomes:
        setattr(taken, outcome.what, getattr(taken, outcome.what) + 1)
    if batch.detailed:
        taken.outcomes = outcomes


def _remember(batch: Batch, kind: Thing, fields: Sequence[str], found: Iterable[Found[T]]) -> None:
    if batch.written_by is None:
        return
    Brought.objects.bulk_create(
        [
            Brought(
                run=batch.written_by,
                thing=kind,
                thing_id=one.thing.pk,
                before=None if one.is_new else one.before,
                after={name: getattr(one.thing, name) for name in fields},
            )
            for one in found
            if one.is_new or one.is_changed
        ],
        batch_size=WRITTEN_AT_ONCE,
    )


def told(value: object) -> object:
    """As JSON keeps it; an amount however many noughts it was given with."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if value is None or isinstance(value, int | str) else str(value)


def known_keys(kind: Thing, source: str, keys: Iterable[str]) -> dict[str, int]:
    found = ExternalKey.objects.filter(thing=kind, source=source, key__in=set(keys))
    return dict(found.values_list("key", "thing_id"))


def keep_keys(kind: Thing, source: str, keys: dict[str, int]) -> None:
    """What is called by a key once keeps it, until it is gone."""
    ExternalKey.objects.bulk_create(
        [ExternalKey(thing=kind, source=source, key=key, thing_id=pk) for key, pk in sorted(keys.items())],
        batch_size=WRITTEN_AT_ONCE,
        update_conflicts=True,
        update_fields=["thing_id"],
        unique_fields=["thing", "source", "key"],
    )


def one_at_a_time(kind: Thing) -> None:
    """Two imports of the same companies at once would make each of them twice."""
    statements.run("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"intake {kind}"])
