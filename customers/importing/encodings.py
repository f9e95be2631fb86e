"""Which characters the bytes of a file stand for. A guess is offered, never acted on silently."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-15", "cp850", "windows-1250", "windows-1251")
PIECE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "Excel"),
    (b"\xd0\xcf\x11\xe0", "Excel"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"SQLite format", "SQLite"),
    (b"\x89PNG", "PNG"),
)


class UnusableFile(Exception):
    """The file can't be imported as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Encoding:
    """`name` as understood; `is_sure` false means that a person has to look at the preview and confirm."""

    name: str
    is_sure: bool
    lines: int = 0


def find_encoding(path: Path) -> Encoding:
    with path.open("rb") as file:
        start = file.read(4096)
    refuse_other_formats(start)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), "") or _unmarked_utf16(start)
    if marked:
        return Encoding(marked, is_sure=True, lines=count_lines(path, marked))
    try:
        return Encoding("utf-8", is_sure=True, lines=count_lines(path, "utf-8"))
    except UnusableFile:
        return Encoding("windows-1252", is_sure=False, lines=count_lines(path, "iso-8859-15"))


def refuse_other_formats(start: bytes) -> None:
    if not start.strip(b" \r\n\t\x00\xef\xbb\xbf\xff\xfe"):
        raise UnusableFile(_("The file is empty."))
    found = next((name for mark, name in _NOT_TEXT if start.startswith(mark)), "")
    if found:
        raise UnusableFile(
            _(
                "This is a file of the kind %(kind)s, whatever its name says. Save or export it as CSV or as an Excel workbook (.xlsx) and choose that file."
            )
            % {"kind": found}
        )


def _unmarked_utf16(start: bytes) -> str:
    """Text of mostly ASCII letters has a zero in every second byte."""
    half = len(start) // 2
    if half < 8:
        return ""
    if start[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > 0.7 * half else ""


def count_lines(path: Path, encoding: str) -> int:
    """How many lines the file has, all of it decoded. Raises UnusableFile at the first byte that does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = done = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeError as error:  # a plain one where UTF-16 has no mark at its start
                raise _unreadable(encoding, lines, done + getattr(error, "start", 0)) from None
            lines += text.count("\n") or text.count("\r")
            done += len(piece)
            if not piece:
                return lines


def _unreadable(encoding: str, lines: int, place: int) -> UnusableFile:
    return UnusableFile(
        _(
            "The file is not %(encoding)s: byte %(place)d (after line %(line)d) does not fit. Choose another encoding."
        )
        % {"encoding": encoding, "place": place, "line": lines}
    )
