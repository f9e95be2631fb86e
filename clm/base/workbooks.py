"""Rows as an Excel workbook: numbers and dates as such, texts never as formulas or links, a row in memory at a time."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from clm.base.spreadsheets import guarded

MOST_ROWS = 1_048_576
LONGEST = 32_767
_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def xlsx_file(rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """On disk, read from its start. The first row is the heading; what does not fit one sheet goes on in the next."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        with Workbook(file, {"constant_memory": True, **_AS_TEXT}) as book:
            _Writer(book).write(rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


class _Writer:
    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        each = iter(rows)
        head = list(next(each, []))
        sheet, number = self._sheet(head), 0
        for row in each:
            if number == MOST_ROWS - 1:
                sheet, number = self._sheet(head), 0
            number += 1
            for place, cell in enumerate(row):
                self._cell(sheet, number, place, cell)

    def _sheet(self, head: Sequence[object]) -> Worksheet:
        sheet = self.book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for place, cell in enumerate(head):
            sheet.set_column(place, place, max(10, min(len(str(cell)) + 4, 40)))
            sheet.write_string(0, place, _text(cell), self.bold)
        return sheet

    def _cell(self, sheet: Worksheet, row: int, column: int, cell: Any) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, datetime):
            local = timezone.localtime(cell) if cell.tzinfo else cell
            sheet.write_datetime(row, column, local.replace(tzinfo=None), self.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001
        elif _is_number(cell):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, _text(cell))


def _is_number(cell: object) -> bool:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return math.isfinite(cell) and abs(float(cell)) < 10**15
    return False


_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?", re.ASCII)


def with_numbers(rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    """For tables of numbers that are told as text, so that no digit is lost on the way; not for ids and names."""
    for row in rows:
        yield [Decimal(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell) else cell for cell in row]


def _text(cell: object) -> str:
    """A sheet runs no text. Only what the importer would take for guarded needs its apostrophe to come back the same."""
    text = str(cell)
    return (guarded(text) if text.lstrip(" ").startswith("'") else text)[:LONGEST]
