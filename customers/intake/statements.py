"""SQL whose identifiers are composed, never pasted."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from django.db import connection
from psycopg import sql

Name = str | Sequence[str] | sql.Composable


def run(template: LiteralString, parameters: Sequence[object] = (), **names: Name) -> int:
    """Execute; returns how many rows it touched. A list of names becomes `"a", "b"`."""
    with connection.cursor() as cursor:
        cursor.execute(_composed(template, names), parameters)
        return int(cursor.rowcount)


def rows(template: LiteralString, parameters: Sequence[object] = (), **names: Name) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_composed(template, names), parameters)
        return list(cursor.fetchall())


def copy(table: str, columns: Sequence[str], values: Iterable[Sequence[object]]) -> None:
    statement = _composed("COPY {table} ({columns}) FROM STDIN", {"table": table, "columns": columns})
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in values:
            stream.write_row(row)


def each_of(alias: str, columns: Sequence[str]) -> sql.Composable:
    """alias.a, alias.b"""
    return sql.SQL(", ").join(sql.Identifier(alias, column) for column in columns)


def typed(columns: dict[str, str]) -> sql.Composable:
    """ "a" bigint, "b" text: the types come from model fields, not from outside."""
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()  # type: ignore[arg-type]
    )


def _composed(template: LiteralString, names: dict[str, Name]) -> sql.Composed:
    return sql.SQL(template).format(**{key: _composable(name) for key, name in names.items()})


def _composable(name: Name) -> sql.Composable:
    if isinstance(name, sql.Composable):
        return name
    if isinstance(name, str):
        return sql.Identifier(name)
    return sql.SQL(", ").join(map(sql.Identifier, name))
