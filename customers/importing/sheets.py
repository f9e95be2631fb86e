"""One sheet of a workbook as rows of text, in the order of the sheet and never more than a few in memory."""

import csv
import os
import re
import zipfile
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from django.utils.translation import gettext as _

from clm.base.spreadsheets import unguarded
from customers.importing.encodings import UnusableFile
from customers.importing.lines import DATE, LONGEST_CELL, MARKS, NUMBER
from customers.importing.workbooks import Book, parse, pieces

LAST_COLUMN = 16_384
LAST_ROW = 1_048_576
STYLE = re.compile("[0-9]{1,6}")
_STRINGS = "xl/sharedStrings.xml"


def write_out(package: zipfile.ZipFile, book: Book, sheet: int, path: Path) -> int:
    """The sheet as CSV, one record for each of its rows, numbers and dates marked as such. Returns how many rows.

    Raises UnusableFile.
    """
    rows = 0
    with _strings_of(package) as strings, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, cells in _rows(package, book, sheet, strings):
            while rows < number - 1:
                writer.writerow([])
                rows += 1
            writer.writerow(cells)
            rows = number
    return rows


def _rows(
    package: zipfile.ZipFile, book: Book, sheet: int, strings: "_Strings"
) -> Iterator[tuple[int, list[str]]]:
    """As wide as the first row at least: a sheet leaves out the empty cells at the end of a row."""
    reading, width = _Cells(book, strings), 0
    for _piece in pieces(package, book.sheets[sheet][1], reading.begin, reading.end, reading.text):
        for number, cells in reading.rows:
            width = width or len(cells)
            if cells:
                yield number, cells + [""] * (width - len(cells))
        reading.rows.clear()


class _Cells:
    """Callbacks for a sheet's XML. A cell's value is what the sheet last worked out, never its formula."""

    def __init__(self, book: Book, strings: "_Strings") -> None:
        self.book, self.strings = book, strings
        self.rows: list[tuple[int, list[str]]] = []
        self._number = 0
        self._cells: list[str] = []
        self._place = 0
        self._type = ""
        self._style = ""
        self._parts: list[str] = []
        self._length = 0
        self._is_value = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "t"):
            self._is_value = True
        elif name == "rPh":  # how it is pronounced
            self._type = "phonetic"
        elif name == "row":
            told = attributes.get("r", "")
            number = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else self._number + 1
            if not self._number < number <= LAST_ROW:
                raise UnusableFile(_("The rows of the sheet are out of order. Save the workbook anew."))
            self._number, self._cells, self._place = number, [], 0

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        if told := attributes.get("r", ""):
            self._place = _column(told)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._parts, self._length = [], 0

    def text(self, text: str) -> None:
        if not self._is_value or self._type == "phonetic":
            return
        self._length += len(text)
        if self._length > LONGEST_CELL:
            reason = _("A cell is longer than %(most)d characters.") % {"most": LONGEST_CELL}
            raise UnusableFile(_("Line %(line)d: %(reason)s") % {"line": self._number, "reason": reason})
        self._parts.append(text)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_value = False
        elif name == "c":
            if self._parts:
                self._put(self._understood("".join(self._parts)))
            self._place += 1
        elif name == "rPh":
            self._type = "inlineStr"
        elif name == "row":
            self.rows.append((self._number, self._cells))

    def _put(self, cell: str) -> None:
        """Cells come in the order of their columns; what is left out between them is empty."""
        if not cell:
            return
        cells = self._cells
        missing = self._place - len(cells)
        if missing < 0 or self._place >= LAST_COLUMN:
            raise UnusableFile(_("The cells of the sheet are out of order. Save the workbook anew."))
        cells.extend([""] * missing)
        cells.append(cell)

    def _understood(self, value: str) -> str:
        kind = self._type
        if kind == "s":
            return self.strings.at(value)
        if kind == "n":
            style = int(self._style) if STYLE.fullmatch(self._style) else 0
            dates = self.book.dates
            return (
                as_date(value, self.book.since_1904) if style < len(dates) and dates[style] else plain(value)
            )
        if kind == "d":
            return DATE + value
        if kind == "b":
            return "yes" if value == "1" else "no"
        return clean(value)


def clean(text: str) -> str:
    """Without the marks that tell numbers and dates from text; an apostrophe of our exports taken off."""
    return unguarded(text.translate(_UNMARKED)) if not text.isalnum() else text


_UNMARKED = dict.fromkeys(map(ord, MARKS), " ")


@lru_cache(maxsize=20_000)
def _column(reference: str) -> int:
    """From 0: "A1" is 0, "AB7" is 27."""
    place = 0
    for sign in reference.upper():
        if not "A" <= sign <= "Z":
            break
        place = place * 26 + ord(sign) - 64
        if place > LAST_COLUMN:
            break
    return max(place - 1, 0)


def plain(value: str) -> str:
    """Digits as a person would write them: 15 of them count, as in the sheet, and none are hidden in an exponent."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return clean(value)
    if not number.is_finite() or abs(number.adjusted()) > 40:
        return clean(value)
    if len(value) > 15:
        number = Decimal(format(float(number), ".15g"))
    text = format(number, "f")
    return NUMBER + (text.rstrip("0").rstrip(".") if "." in text else text)


@lru_cache(maxsize=50_000)
def as_date(value: str, since_1904: bool) -> str:
    """A day is a number in a sheet. 1900 is a leap year there, so days before March of it are one off."""
    try:
        days = float(value)
    except ValueError:
        return clean(value)
    if not 0 <= days < 2_958_466:  # the year 10000
        return plain(value)
    if since_1904:
        start = datetime(1904, 1, 1, tzinfo=UTC)
    else:
        start = datetime(1899, 12, 30 if days >= 60 else 31, tzinfo=UTC)
    at = start + timedelta(seconds=round(days * 86_400, 3))
    if days < 1 and not since_1904:
        return clean(at.strftime("%H:%M:%S"))
    return DATE + (at.strftime("%Y-%m-%d") if days == int(days) else at.strftime("%Y-%m-%dT%H:%M:%S"))


class _Strings:
    """The texts that cells point to, on disk: a large workbook has millions."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("Q", [0])
        self._parts: list[str] = []
        self._length = 0
        self._is_text = self._is_phonetic = False
        self.at = lru_cache(maxsize=50_000)(self._at)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "t":
            self._is_text = True
        elif name == "rPh":
            self._is_phonetic = True

    def text(self, text: str) -> None:
        if self._is_text and not self._is_phonetic and self._length <= LONGEST_CELL:
            self._length += len(text)
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            told = clean("".join(self._parts)).encode()
            self._file.write(told)
            self._ends.append(self._ends[-1] + len(told))

    def _at(self, place: str) -> str:
        number = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else len(self._ends)
        if number + 1 >= len(self._ends):
            raise UnusableFile(
                _("A cell of the sheet points to a text that is not there. Save the workbook anew.")
            )
        begin, end = self._ends[number], self._ends[number + 1]
        return os.pread(self._file.fileno(), end - begin, begin).decode()


@contextmanager
def _strings_of(package: zipfile.ZipFile) -> Iterator[_Strings]:
    with TemporaryFile() as file:
        strings = _Strings(file)
        if _STRINGS in package.namelist():
            parse(package, _STRINGS, strings.begin, strings.end, strings.text)
            file.flush()
        yield strings
