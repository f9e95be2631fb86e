"""Whether a file that was brought for an import tells of a person, whatever its encoding, in any sheet."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from clm.base.inventory import Person
from clm.base.recognising import tells_of
from customers.importing.encodings import UnusableFile
from customers.importing.setup import file_of
from customers.importing.sheets import write_out
from customers.importing.unpacking import book_of
from customers.importing.workbooks import opened, read_book
from customers.models import Import

LONGEST_LINE = 1 << 16


def is_in_file(run: Import, person: Person) -> bool:
    """Of a workbook that can't be read any more nobody knows: it counts as telling."""
    path = file_of(run)
    if path.exists() and any(tells_of(line, person) for line in _lines(path, run.encoding or "utf-8")):
        return True
    book = book_of(path)
    try:
        return book.exists() and any(tells_of(line, person) for line in _lines_of_book(book))
    except UnusableFile:
        return True


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, errors="ignore") as file:
        while line := file.readline(LONGEST_LINE):
            yield line


def _lines_of_book(path: Path) -> Iterator[str]:
    with opened(path) as package, TemporaryDirectory() as folder:
        book, sheet = read_book(package), Path(folder) / "sheet.txt"
        for place in range(len(book.sheets)):
            write_out(package, book, place, sheet)
            yield from _lines(sheet, "utf-8")
