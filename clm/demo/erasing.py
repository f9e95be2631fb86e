"""Deleting sets of rows with all that hangs on them, by SQL, whatever Django's rules for single rows say.

Customers and facts are never deleted in CLM; the demo company is the exception, because it never was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from django.apps import apps
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


def erase(model: Model, where: sql.Composable) -> int:
    """Delete the rows for which `where` holds, and what depends on them; references that may be empty are emptied."""
    chosen = sql.SQL("(SELECT id FROM {} WHERE {})").format(_table(model), where)
    keys: dict[Model, list[sql.Composable]] = {}
    for field in relations_to(model):
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
        erase_children(child, tests)
    return _run(sql.SQL("DELETE FROM {} WHERE {}").format(_table(model), where))


def erase_children(child: Model, tests: list[sql.Composable]) -> None:
    where = sql.SQL(" OR ").join(tests)
    if child._meta.pk is not None and child._meta.pk.name == "id":
        erase(child, where)
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
    name = f"demo_removal_{next(_numbers)}"
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


def tables_with_source() -> list[Model]:
    """The kinds of facts that name where they come from."""
    from clm.base.facts import KeyedFact

    return [model for model in apps.get_models() if issubclass(model, KeyedFact)]


def _table(model: Model) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)


def _run(statement: sql.Composable) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)
