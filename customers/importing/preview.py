"""What a person looks at before deciding: the file's first rows as read, and as they would be understood."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from django.utils.formats import date_format as shown_date
from django.utils.text import Truncator

from customers.importing.chunks import chunks
from customers.importing.encodings import UnusableFile
from customers.importing.lines import Line, OpenQuote, read_lines
from customers.importing.setup import Setup

SHOWN = 20
WIDEST = 80


@dataclass
class Understood:
    """One row: what each mapped field would be, or why the row would be left out."""

    number: int
    values: list[str] = field(default_factory=list)
    column: str = ""
    reason: str = ""


@dataclass
class Preview:
    rows: list[Line]
    fields: list[str]
    understood: list[Understood]


def preview(setup: Setup) -> Preview:
    return Preview(_first_lines(setup), [_label(setup, name) for name in setup.mapping], _understood(setup))


def _first_lines(setup: Setup) -> list[Line]:
    lines = read_lines(setup.path, encoding=setup.shape.encoding, separator=setup.shape.separator)
    found: list[Line] = []
    try:
        first = islice(lines, int(setup.shape.has_header), SHOWN + int(setup.shape.has_header))
        found.extend(Line(line.number, [_short(cell) for cell in line.cells], line.broken) for line in first)
    except OpenQuote as error:
        found.append(Line(error.line, [], str(error)))
    except UnicodeDecodeError as error:
        raise UnusableFile(str(error)) from None
    return found


def _understood(setup: Setup) -> list[Understood]:
    if not setup.mapping:
        return []
    chunk = next(chunks(setup, size=SHOWN), None)
    if chunk is None:
        return []
    rows = [
        Understood(row.number, [_shown(_value(row.values, name, row.key)) for name in setup.mapping])
        for row in chunk.parsed.rows
    ]
    refused = [
        Understood(problem.row, column=setup.column_of(problem.field), reason=problem.reason)
        for problem in chunk.parsed.problems
    ]
    return sorted([*rows, *refused], key=lambda row: row.number)


def _value(values: dict[str, object], name: str, key: str) -> object:
    if name == "key":
        return key
    whole, _dot, part = name.partition(".")
    found = values.get(whole)
    return found.get(part) if part and isinstance(found, dict) else found


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return shown_date(value.astimezone(UTC), "Y-m-d H:i:s") + " UTC"
    return _short(str(value))


def _short(cell: str) -> str:
    return Truncator(cell.replace("\x00", "␀")).chars(WIDEST)


def _label(setup: Setup, name: str) -> str:
    known = setup.field_of(name)
    return str(known.label) if known else name.partition(".")[2]
