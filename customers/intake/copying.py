"""COPY by columns: what all rows share becomes text once, and a column is looked through once for what to escape."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import connection
from psycopg.types.json import Jsonb

from customers.intake.statements import composed

LINES_AT_ONCE = 1_000  # so that PostgreSQL takes some in while others are made
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Each:
    """The same value in every row."""

    value: object


def copy_columns(table: str, columns: Mapping[str, Sequence[object] | Each]) -> None:
    """At least one column is a sequence; all of them are of one length."""
    length = next(len(values) for values in columns.values() if not isinstance(values, Each))
    statement = composed("COPY {table} ({columns}) FROM STDIN", {"table": table, "columns": list(columns)})
    texts = [_texts(values, length) for values in columns.values()]
    lines = map("\t".join, zip(*texts, strict=True))
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as stream:
        for piece in _pieces(lines):
            stream.write(piece)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    while piece := list(islice(lines, LINES_AT_ONCE)):
        yield "\n".join(piece) + "\n"


def _texts(values: Sequence[object] | Each, length: int) -> Sequence[str]:
    if isinstance(values, Each):
        return [_text(values.value)] * length
    types = set(map(type, values))
    if types == {str}:
        texts: Sequence[str] = values  # type: ignore[assignment]
        return [text.translate(_ESCAPES) for text in texts] if _SPECIAL.search("".join(texts)) else texts
    if types == {int}:
        return list(map(str, values))
    if types == {datetime}:  # most are one and the same
        known = {value: _text(value) for value in set(values)}
        return [known[value] for value in values]
    return list(map(_text, values))


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, Jsonb):
        return json.dumps(value.obj).translate(_ESCAPES)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).translate(_ESCAPES)
