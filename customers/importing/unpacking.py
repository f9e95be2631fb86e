"""A workbook that was brought: kept beside the sheet of it that is read, so that another can be chosen."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from customers.importing.encodings import UnusableFile
from customers.importing.lines import SHEET
from customers.importing.shape import Shape, looks_like_header
from customers.importing.sheets import write_out
from customers.importing.workbooks import is_workbook, opened, read_book


@dataclass(frozen=True)
class Unpacked:
    """`sheets`: the names of all; `chosen`: the place of the one that is read."""

    shape: Shape
    sheets: tuple[str, ...]
    chosen: int


def book_of(path: Path) -> Path:
    return path.with_suffix(".xlsx")


def set_aside(path: Path) -> bool:
    """Whether the file is a workbook; it then makes room for the sheet that is to be read from it."""
    if not is_workbook(path):
        return False
    path.rename(book_of(path))
    return True


def unpack(path: Path, sheet: int | None = None) -> Unpacked:
    """Write the sheet of this place, or the first that is not empty, out to `path`. Raises UnusableFile."""
    with opened(book_of(path)) as package:
        book = read_book(package)
        names = tuple(name for name, _part in book.sheets)
        if sheet is not None and not 0 <= sheet < len(names):
            raise UnusableFile(_("The workbook has no such sheet."))
        for place in range(len(names)) if sheet is None else [sheet]:
            if rows := write_out(package, book, place, path):
                shape = Shape("utf-8", True, SHEET, looks_like_header(path, "utf-8", SHEET), rows)
                return Unpacked(shape, names, place)
    raise UnusableFile(
        _("The sheet is empty. Choose another.") if len(names) > 1 else _("The file is empty.")
    )


def forget(path: Path) -> None:
    """Personal data is not kept longer than it is needed."""
    path.unlink(missing_ok=True)
    book_of(path).unlink(missing_ok=True)
