"""An Excel workbook, opened with suspicion: what it unpacks to is bounded, and its XML may declare nothing.

Read as a stream. The ready-made readers keep a whole sheet in memory, and one cell in the last corner of an
otherwise empty sheet makes some of them ask for all of it.
"""

import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _

from customers.importing.encodings import UnusableFile

PIECE = 1 << 16
MOST_PARTS = 2_000
MOST_TIMES = 100
"""How much larger a part may be than it is packed; sheets of numbers reach thirty."""
ALWAYS_FINE = 10 * 1024 * 1024
_BOOK = "xl/workbook.xml"
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class Book:
    """`sheets`: the name of each and its part of the package. `dates`: for each cell style, whether it shows one."""

    sheets: tuple[tuple[str, str], ...]
    dates: tuple[bool, ...]
    since_1904: bool


def is_workbook(path: Path) -> bool:
    """By its content, whatever its name says."""
    if not zipfile.is_zipfile(path):
        return False
    with opened(path) as package:
        return _BOOK in package.namelist()


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Raises UnusableFile for what is broken or blows up when unpacked."""
    try:
        with zipfile.ZipFile(path) as package:
            _refuse_bombs(package)
            yield package
    except (*_DAMAGED, NotImplementedError, RuntimeError, EOFError, OSError):
        raise UnusableFile(
            _(
                "The workbook is damaged or locked with a password. Open it, save it anew and choose that file."
            )
        ) from None


def _refuse_bombs(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if len(parts) > MOST_PARTS:
        raise _Bomb
    for part in parts:
        if part.file_size > max(part.compress_size * MOST_TIMES, ALWAYS_FINE):
            raise _Bomb
    if sum(part.file_size for part in parts) > settings.IMPORT_MAX_UNPACKED_BYTES:
        raise _Bomb


class _Bomb(UnusableFile):
    def __init__(self) -> None:
        most = settings.IMPORT_MAX_UNPACKED_BYTES // (1024 * 1024)
        super().__init__(
            _(
                "The workbook unpacks to more than %(most)d MB, or to far more than a workbook would. Save the sheet as CSV and choose that file."
            )
            % {"most": most}
        )


def read_book(package: zipfile.ZipFile) -> Book:
    found, targets = _Sheets(), _Targets()
    parse(package, _BOOK, found.begin)
    parse(package, "xl/_rels/workbook.xml.rels", targets.begin)
    styles = _Styles()
    if "xl/styles.xml" in package.namelist():
        parse(package, "xl/styles.xml", styles.begin, styles.end)
    known = set(package.namelist())
    sheets = [(name, targets.of(key)) for name, key in found.sheets]
    kept = tuple((name, part) for name, part in sheets if part in known and "/worksheets/" in part)
    if not kept:
        raise UnusableFile(_("The workbook has no sheet with cells."))
    return Book(kept, tuple(styles.dates), found.since_1904)


Begin = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


def parse(
    package: zipfile.ZipFile,
    part: str,
    begin: Begin,
    end: End | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """The whole part, through callbacks that are told names without their namespace."""
    for _piece in pieces(package, part, begin, end, text):
        pass


def pieces(
    package: zipfile.ZipFile,
    part: str,
    begin: Begin,
    end: End | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """As `parse`, pausing after each piece, so that what was found can be taken away."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.StartElementHandler = _at_root(parser, begin, end)
    if text:
        parser.CharacterDataHandler = text
    try:
        with package.open(part) as stream:
            yield from _fed(parser, stream)
    except (expat.ExpatError, KeyError):
        raise UnusableFile(
            _(
                "The workbook is damaged or locked with a password. Open it, save it anew and choose that file."
            )
        ) from None


def _fed(parser: expat.XMLParserType, stream: IO[bytes]) -> Iterator[None]:
    read, most = 0, settings.IMPORT_MAX_UNPACKED_BYTES
    while piece := stream.read(PIECE):
        read += len(piece)
        if read > most:  # whatever it had declared
            raise _Bomb
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def _refuse_declarations(*_declared: Any) -> None:
    """No workbook has any; entities that grow or that name other files start with one."""
    raise UnusableFile(
        _("The workbook declares XML entities, which none needs. Save the sheet as CSV and choose that file.")
    )


def _at_root(parser: expat.XMLParserType, begin: Begin, end: End | None) -> Begin:
    """Most workbooks use no prefix, and then names need no looking at."""

    def root(name: str, attributes: Mapping[str, str]) -> None:
        prefix = name.rpartition(":")[0]
        start = len(prefix) + 1 if prefix else 0
        parser.StartElementHandler = (lambda name, told: begin(name[start:], told)) if start else begin
        if end:
            parser.EndElementHandler = (lambda name: end(name[start:])) if start else end
        begin(name[start:], attributes)

    return root


class _Sheets:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.since_1904 = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "") in ("1", "true")
        if name == "sheet":
            key = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheets.append((attributes.get("name", "")[:100].replace("\x00", ""), key))


class _Targets:
    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            self._of[attributes.get("Id", "")] = part

    def of(self, key: str) -> str:
        return self._of.get(key, "")


class _Styles:
    """Which cell styles show a date: by their number format."""

    def __init__(self) -> None:
        self.dates: list[bool] = []
        self._own: dict[str, bool] = {}
        self._in_cells = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        number = attributes.get("numFmtId", "0")
        if name == "numFmt":
            self._own[number] = shows_date(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            built_in = number.isdigit() and int(number) in _BUILT_IN_DATES
            self.dates.append(self._own.get(number, built_in))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


def shows_date(code: str) -> bool:
    """A number format with a day, month, year, hour or second in it, outside of quoted words and colours."""
    plain = _NO_DATE.sub("", code.split(";")[0]).casefold()
    return any(sign in plain for sign in "dmyhs") and "general" not in plain
