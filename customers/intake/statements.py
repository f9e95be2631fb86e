"""SQL whose identifiers are composed, never pasted."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, LiteralString

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

Parameters = Sequence[Any] | Mapping[str, Any]
Name = str | Sequence[str] | sql.Composable


def run(template: LiteralString, parameters: Parameters = (), **names: Name) -> int:
    """Execute; returns how many rows it touched. A list of names becomes `"a", "b"`."""
    with connection.cursor() as cursor:
        cursor.execute(composed(template, names), parameters)
        return int(cursor.rowcount)


def rows(template: LiteralString, parameters: Parameters = (), **names: Name) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(composed(template, names), parameters)
        return list(cursor.fetchall())


def copy(table: str, columns: Sequence[str], values: Iterable[Sequence[object]]) -> None:
    statement = composed("COPY {table} ({columns}) FROM STDIN", {"table": table, "columns": columns})
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in values:
            stream.write_row(row)


def fragment(text: LiteralString, **names: Name) -> sql.Composed:
    """A part of a statement, to be named in another."""
    return composed(text, names)


def listed(fragments: Iterable[sql.Composable]) -> sql.Composed:
    """One after the other, with commas."""
    return sql.SQL(", ").join(fragments)


def literal(value: str | int) -> sql.Composable:
    return sql.Literal(value)


def each_of(alias: str, columns: Sequence[str]) -> sql.Composed:
    """alias.a, alias.b"""
    return listed(sql.Identifier(alias, column) for column in columns)


def typed(
    columns: Mapping[str, str], *, defaults: Mapping[str, object] = MappingProxyType({})
) -> sql.Composed:
    """Names, types and defaults for a table; the types come from model fields, not from outside."""
    parts = (
        (sql.Identifier(name), sql.SQL(kind), _literal(defaults.get(name))) for name, kind in columns.items()
    )
    return listed(sql.SQL("{} {} DEFAULT {}").format(*each) for each in parts)


def _literal(value: object) -> sql.Composable:
    return sql.Literal(Jsonb(value) if isinstance(value, dict | list) else value)


def composed(template: LiteralString, names: Mapping[str, Name]) -> sql.Composed:
    return sql.SQL(template).format(**{key: _composable(name) for key, name in names.items()})


def _composable(name: Name) -> sql.Composable:
    if isinstance(name, sql.Composable):
        return name
    if isinstance(name, str):
        return sql.Identifier(name)
    return sql.SQL(", ").join(map(sql.Identifier, name))
