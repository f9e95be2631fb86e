"""Deleting sets of rows with all that hangs on them, by SQL, whatever Django's rules for single rows say.

Customers and facts are never deleted in CLM, with two exceptions: the demo company, because it never was, and those
whom only an undone import knew.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import count
from typing import LiteralString

from django.db import connection, models
from psycopg import sql

Model = type[models.Model]


def relations_to(model: Model) -> Iterator["models.ForeignKey[models.Model, models.Model]"]:
    """The foreign keys that point to a model, hidden ones too; not those of the model to itself."""
    for relation in model._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not isinstance(relation, models.ManyToOneRel) or not isinstance(field, models.ForeignKey):
            continue
        outlives = field.remote_field.on_delete is models.DO_NOTHING
        if field.model is not model and field.model._meta.managed and not outlives:
            yield field


def lets_go(field: "models.ForeignKey[models.Model, models.Model]") -> bool:
    return field.remote_field.on_delete is models.SET_NULL


def be_patient() -> None:
    """For the rest of the transaction: whoever erases waits for those who write."""
    _run(sql.SQL("SET LOCAL lock_timeout = '60s'"))
    _run(sql.SQL("SET LOCAL statement_timeout = '280s'"))


def erase(model: Model, where: sql.Composable, *, but: Collection[str] = ()) -> int:
    """Delete the rows for which `where` holds, and what depends on them; references that may be empty are emptied.

    `but` are columns that need not be looked at, because whom they name another one names too.
    """
    chosen = sql.SQL("(SELECT id FROM {} WHERE {})").format(_table(model), where)
    keys: dict[Model, list[sql.Composable]] = {}
    for field in (one for one in relations_to(model) if one.column not in but):
        test = sql.SQL("{} IN {}").format(sql.Identifier(field.column), chosen)
        if lets_go(field):
            _run(
                sql.SQL("UPDATE {} SET {} = NULL WHERE {}").format(
                    _table(field.model), sql.Identifier(field.column), test
                )
            )
        else:
            keys.setdefault(field.model, []).append(test)
    for child, tests in keys.items():
        erase_children(child, tests, but=but)
    return _run(sql.SQL("DELETE FROM {} WHERE {}").format(_table(model), where))


def erase_children(child: Model, tests: list[sql.Composable], *, but: Collection[str] = ()) -> None:
    where = sql.SQL(" OR ").join(tests)
    if child._meta.pk is not None and child._meta.pk.name == "id":
        erase(child, where, but=but)
    else:  # a row that is part of another: nothing points to it
        _run(sql.SQL("DELETE FROM {} WHERE {}").format(_table(child), where))


def erase_unused(model: Model, ids: list[int], *, also_optional: bool) -> int:
    """Delete those of the rows that nothing points to any more."""
    where = sql.SQL("id = ANY({})").format(sql.Literal(ids))
    for field in relations_to(model):
        if also_optional or not lets_go(field):
            used = sql.SQL(" AND NOT EXISTS (SELECT FROM {} x WHERE x.{} = {}.id)")
            where += used.format(_table(field.model), sql.Identifier(field.column), _table(model))
    return _run(sql.SQL("DELETE FROM {} WHERE {}").format(_table(model), where))


_numbers = count(1)
_PREFIX = "erasing_big_"
_BIG_WITHOUT_INDEX = """
    SELECT DISTINCT t.relname, a.attname FROM pg_class t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint c ON c.contype = 'f' AND c.conrelid = t.oid AND c.conkey[1] = a.attnum
    LEFT JOIN pg_class pointed ON pointed.oid = c.confrelid
    WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND pg_relation_size(t.oid) > %(least)s
        AND (pointed.relname = ANY(%(tables)s) OR (t.relname = ANY(%(tables)s) AND a.attname = 'customer_id'))
        AND NOT EXISTS (
            SELECT FROM pg_index i
            WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid)
    ORDER BY 1, 2
"""


@contextmanager
def indexed() -> Iterator[None]:
    """Give every foreign key an index while we delete: each deleted row is looked for in every table that may name it.

    Our own indexes know live facts only, which is all that pages ask for. Inside a transaction.
    """
    _run(
        sql.SQL("SET CONSTRAINTS ALL IMMEDIATE")
    )  # what this transaction has written is checked: no table is busy
    _run(sql.SQL("SET CONSTRAINTS ALL DEFERRED"))
    made = [_make_index(table, column) for table, column in _without_index()]
    yield
    _run(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))
    for name in made:
        _run(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))


def _make_index(table: str, column: str) -> str:
    name = f"erasing_{next(_numbers)}"
    _run(
        sql.SQL("CREATE INDEX {} ON {} ({})").format(
            sql.Identifier(name), sql.Identifier(table), sql.Identifier(column)
        )
    )
    return name


def _without_index() -> list[tuple[str, str]]:
    """Foreign keys of one column that no whole index begins with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT t.relname, a.attname FROM pg_constraint c
            JOIN pg_class t ON t.oid = c.conrelid
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND NOT EXISTS (
                SELECT FROM pg_index i
                WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indpred IS NULL AND i.indisvalid)
            ORDER BY 1, 2
            """
        )
        return list(cursor.fetchall())


def index_big(tables: Collection[str], *, least: int = 1 << 20) -> Iterator[str]:
    """Index the keys by which rows of these tables are looked for, where much would be read: `least` is in bytes.

    Nobody waits for it. What is there already stays, so that who was stopped goes on. Inside a transaction it can't be
    done, and is not.
    """
    if connection.in_atomic_block:
        return
    _drop_broken()
    for table, column in _big_without_index(tables, least):
        name = f"{_PREFIX}{table}_{column}"[:63]
        create = sql.SQL("CREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON {} ({})")
        _run_unhurried(create.format(*map(sql.Identifier, (name, table, column))))
        yield name


def drop_big_indexes() -> None:
    for name in _our_indexes("true"):
        _drop(name)


def _drop_broken() -> None:
    """Those that somebody who was stopped left half made."""
    for name in _our_indexes("NOT i.indisvalid"):
        _drop(name)


def _drop(name: str) -> None:
    _run_unhurried(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


def _run_unhurried(statement: sql.Composable) -> None:
    _run(sql.SQL("SET statement_timeout = 0"))
    _run(sql.SQL("SET lock_timeout = 0"))
    try:
        _run(statement)
    finally:
        _run(sql.SQL("RESET statement_timeout"))
        _run(sql.SQL("RESET lock_timeout"))


def _our_indexes(which: LiteralString) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
                " WHERE c.relnamespace = current_schema()::regnamespace AND starts_with(c.relname, {}) AND "
            ).format(sql.Literal(_PREFIX))
            + sql.SQL(which)
        )
        return [name for (name,) in cursor.fetchall()]


def _big_without_index(tables: Collection[str], least: int) -> list[tuple[str, str]]:
    """Keys into these tables, and their customers, that no whole index begins with."""
    with connection.cursor() as cursor:
        cursor.execute(_BIG_WITHOUT_INDEX, {"tables": list(tables), "least": least})
        return list(cursor.fetchall())


def _table(model: Model) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _run(statement: sql.Composable) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)
