"""What a merge does to the rows of a table, and how undoing finds them again."""

from collections.abc import Iterable
from typing import Any, LiteralString

from django.db.models import Model

from clm.base.facts import KeyedFact
from clm.base.inventory import DROPPED, SUPERSEDED, Moved, Pair, Table
from customers.intake import statements
from customers.intake.statements import fragment
from customers.models import MergedRow

_KEEPS_CLOCKS = ("first_id", "recorded_at", "superseded_at", "customer_id", "original_customer_id")


def merge_rows(table: Table, pair: Pair) -> None:
    if isinstance(table.merge, Moved):
        move(table.model, pair)
    elif table.merge == SUPERSEDED:
        _remember(
            "WITH touched AS (UPDATE {table} SET superseded_at = %(at)s WHERE customer_id = %(loser)s"
            " AND superseded_at IS NULL RETURNING {key} AS id)",
            table.model,
            pair,
        )
    elif table.merge == DROPPED:
        _of("DELETE FROM {table} WHERE customer_id = %(loser)s", table.model, pair)
    elif hasattr(table.merge, "merge"):
        table.merge.merge(table.model, pair)


def unmerge_rows(table: Table, pair: Pair) -> None:
    if isinstance(table.merge, Moved):
        move_back(table.model, pair, along=table.merge.along)
    elif table.merge == SUPERSEDED:
        _revive(table.model, pair)
    elif hasattr(table.merge, "unmerge"):
        table.merge.unmerge(table.model, pair)


def remember(pair: Pair, model: type[Model], rows: Iterable[tuple[int, Any]]) -> None:
    """(id, what was changed of it) of rows that a way of its own touched."""
    name = model._meta.db_table
    MergedRow.objects.bulk_create(
        MergedRow(merge_id=pair.number, table=name, row=pk, before=before) for pk, before in rows
    )


def remembered(pair: Pair, model: type[Model]) -> dict[int, Any]:
    rows = MergedRow.objects.filter(merge=pair.number, table=model._meta.db_table)
    return dict(rows.values_list("row", "before"))


def changed(pair: Pair, model: type[Model]) -> dict[int, Any]:
    """Only those of which more than the customer was changed."""
    return {pk: before for pk, before in remembered(pair, model).items() if before is not None}


def move(model: type[Model], pair: Pair) -> None:
    """What is live, with the other versions of the same things: an undone import brings those back."""
    live = "AND superseded_at IS NULL" if _has(model, "superseded_at") else ""
    _remember(
        "WITH touched AS (UPDATE {table} SET customer_id = %(winner)s WHERE customer_id = %(loser)s {live}"
        " RETURNING {key} AS id)",
        model,
        pair,
        live=fragment(live),
    )
    if issubclass(model, KeyedFact):
        _remember(
            "WITH touched AS (UPDATE {table} f SET customer_id = %(winner)s FROM (SELECT DISTINCT f.root FROM {table} f"
            " WHERE f.id = ANY(ARRAY(SELECT row FROM customers_mergedrow WHERE merge_id = %(number)s"
            ' AND "table" = %(name)s)) AND f.first_id IS NOT NULL) AS mine'
            " WHERE (f.id = mine.root OR f.first_id = mine.root) AND f.customer_id = %(loser)s RETURNING f.id)",
            model,
            pair,
        )


_MINE = 'ARRAY(SELECT row FROM customers_mergedrow WHERE merge_id = %(number)s AND "table" = %(name)s AND before IS NULL)'


def move_back(model: type[Model], pair: Pair, *, along: str = "") -> None:
    _of(
        "UPDATE {table} SET customer_id = %(loser)s WHERE customer_id = %(winner)s AND {key} = ANY({mine})",
        model,
        pair,
        mine=fragment(_MINE),
    )
    if along:
        parent: Any = model._meta.get_field(along)
        _of(
            "UPDATE {table} SET customer_id = %(loser)s WHERE customer_id = %(winner)s AND {along} = ANY("
            'ARRAY(SELECT row FROM customers_mergedrow WHERE merge_id = %(number)s AND "table" = %(parent)s'
            " AND before IS NULL))",
            model,
            pair,
            along=str(parent.column),
            parameters={"parent": parent.related_model._meta.db_table},
        )
    if issubclass(model, KeyedFact):
        _give_back_later(model, pair)


def _give_back_later(model: type[KeyedFact], pair: Pair) -> None:
    """What came after the merge and says itself whose it is: a new version of a row that goes back, or a fact of a
    source that knows only the loser. They become facts of the loser's own.
    """
    later = _rows(
        "UPDATE {table} f SET superseded_at = %(at)s WHERE f.customer_id = %(winner)s AND f.superseded_at IS NULL"
        " AND f.recorded_at >= (SELECT recorded_at FROM customers_customermerge WHERE id = %(number)s)"
        " AND f.id <> ALL({mine}) AND (f.source = ANY(%(sources)s)"
        "   OR f.root IN (SELECT g.root FROM {table} g WHERE g.id = ANY({mine}))) RETURNING f.id",
        model,
        pair,
        mine=fragment(_MINE),
        parameters={"sources": sources_of_loser_only(pair)},
    )
    _copy(model, pair, [pk for (pk,) in later])


def sources_of_loser_only(pair: Pair) -> list[str]:
    """Systems that have a name for the loser, and none for the winner: what comes from there is about the loser."""
    found = statements.rows(
        "SELECT DISTINCT source FROM customers_identity WHERE kind = 'external' AND superseded_at IS NULL"
        " AND original_customer_id = %s EXCEPT SELECT source FROM customers_identity WHERE kind = 'external'"
        " AND superseded_at IS NULL AND original_customer_id <> %s AND customer_id = %s",
        [pair.loser, pair.loser, pair.winner],
    )
    return [source for (source,) in found]


def _revive(model: type[Model], pair: Pair) -> None:
    """Rows that were superseded for the merge are live again, as new ones: what was known meanwhile stays so."""
    _copy(model, pair, list(remembered(pair, model)))


def _copy(model: type[Model], pair: Pair, ids: list[int]) -> None:
    if not ids:
        return
    columns = [
        str(column.column)
        for column in model._meta.concrete_fields
        if not column.primary_key and not column.generated and column.column not in _KEEPS_CLOCKS
    ]
    keyed = issubclass(model, KeyedFact)
    _of(
        "INSERT INTO {table} (customer_id, original_customer_id, recorded_at, {first} {columns})"
        " SELECT %(loser)s, %(loser)s, %(at)s, {root} {values} FROM {table} f WHERE f.id = ANY(%(ids)s) ORDER BY f.id",
        model,
        pair,
        first=fragment("first_id," if keyed else ""),
        root=fragment("f.root," if keyed else ""),
        columns=columns,
        values=statements.each_of("f", columns),
        parameters={"ids": ids},
    )


def _remember(touched: LiteralString, model: type[Model], pair: Pair, **names: statements.Name) -> None:
    into = ' INSERT INTO customers_mergedrow (merge_id, "table", row) SELECT %(number)s, %(name)s, id FROM touched'
    statements.run(touched + into, _given(model, pair), **_named(model, names))


def _of(
    statement: LiteralString,
    model: type[Model],
    pair: Pair,
    *,
    parameters: dict[str, Any] | None = None,
    **names: statements.Name,
) -> None:
    statements.run(statement, _given(model, pair) | (parameters or {}), **_named(model, names))


def _rows(
    statement: LiteralString,
    model: type[Model],
    pair: Pair,
    *,
    parameters: dict[str, Any],
    **names: statements.Name,
) -> list[tuple[Any, ...]]:
    return statements.rows(statement, _given(model, pair) | parameters, **_named(model, names))


def _named(model: type[Model], names: dict[str, statements.Name]) -> dict[str, statements.Name]:
    return {"table": model._meta.db_table, "key": str(model._meta.pk.column), **names}


def _given(model: type[Model], pair: Pair) -> dict[str, Any]:
    return {**vars(pair), "name": model._meta.db_table}


def _has(model: type[Model], column: str) -> bool:
    return any(each.column == column for each in model._meta.concrete_fields)
