"""Rows of a file, strictly: an open quote, a ragged row or a monstrous cell is said, never guessed away."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from clm.base.spreadsheets import unguarded
from customers.intake.reading import SheetDate, SheetNumber

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SPACES = "spaces"
SHEET = "sheet"  # of a workbook, as `customers.importing.sheets` writes it out
NUMBER, DATE = MARKS = "\x1f\x1e"
LONGEST_CELL = 131_072
LONGEST_LINE = 4 * 1024 * 1024


class Line(NamedTuple):
    """One record: where it begins and its cells, or the reason why it can't be read."""

    number: int
    cells: list[str]
    broken: str = ""


class OpenQuote(Exception):
    """From this line on nothing can be read."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(
            _(
                "Line %(line)d opens a quote that is never closed, so the rest of the file can't be read. Close or remove it."
            )
            % {"line": line}
        )


def read_lines(path: Path, *, encoding: str, separator: str) -> Iterator[Line]:
    """All records but empty ones, numbered from 1 as in an editor. Raises OpenQuote and UnicodeDecodeError."""
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        with path.open(encoding=name, newline="") as file:
            if separator == SPACES:
                yield from _spaced(_bounded(file))
            elif separator == SHEET:
                yield from _of_sheet(_bounded(file))
            else:
                yield from _separated(_bounded(file), SEPARATORS[separator])
    except UnicodeDecodeError:
        raise
    except UnicodeError as error:  # UTF-16 without a mark at its start
        raise UnicodeDecodeError(encoding, b"", 0, 1, str(error)) from None


def _bounded(file: Iterator[str]) -> Iterator[str]:
    """Physical lines of a bearable length."""
    read = getattr(file, "readline")  # noqa: B009  # TextIO by duck typing: limits what one line may take
    while line := read(LONGEST_LINE):
        yield line


def _spaced(lines: Iterator[str]) -> Iterator[Line]:
    for number, line in enumerate(lines, start=1):
        if cells := line.split():
            yield Line(number, cells)


def _of_sheet(lines: Iterator[str]) -> Iterator[Line]:
    """Numbered as in the sheet, where a cell may hold several lines."""
    csv.field_size_limit(LONGEST_CELL)
    for number, cells in enumerate(csv.reader(lines, strict=True), start=1):
        joined = "".join(cells)
        if joined and not joined.isspace():
            is_marked = NUMBER in joined or DATE in joined
            yield Line(number, [_typed(cell) for cell in cells] if is_marked else cells)


def _typed(cell: str) -> str:
    if cell[:1] == NUMBER:
        return SheetNumber(cell[1:])
    return SheetDate(cell[1:]) if cell[:1] == DATE else cell


def _separated(lines: Iterator[str], separator: str) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            broken = str(error)
            if "unexpected end" in broken or reader.line_num > begin:
                raise OpenQuote(begin) from None
            yield Line(begin, [], _explained(broken))
            continue
        joined = "".join(cells)
        if joined and not joined.isspace():
            yield Line(begin, [unguarded(cell) for cell in cells] if "'" in joined else cells)


def _explained(error: str) -> str:
    if "field limit" in error:
        return _("A cell is longer than %(most)d characters.") % {"most": LONGEST_CELL}
    return _("A quote stands in the middle of a cell. Double it, or put the whole cell in quotes.")
