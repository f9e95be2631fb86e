"""How a file is laid out: encoding, separator, header, columns. Found by looking, shown to the person, changeable."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from customers.importing.encodings import UnusableFile, find_encoding
from customers.importing.lines import SEPARATORS, SPACES, Line, OpenQuote, read_lines

LOOKED_AT = 100
MOST_COLUMNS = 500
_VALUE_LIKE = re.compile(r"[\s\d.,:/+\-$€£]+|.*@.*\..*|\d.*")


@dataclass(frozen=True)
class Shape:
    encoding: str
    is_encoding_sure: bool
    separator: str
    has_header: bool
    lines: int = 0


def find_shape(path: Path) -> Shape:
    """Raises UnusableFile."""
    encoding = find_encoding(path)
    separator = _find_separator(path, encoding.name)
    has_header = looks_like_header(path, encoding.name, separator)
    return Shape(encoding.name, encoding.is_sure, separator, has_header, encoding.lines)


def _find_separator(path: Path, encoding: str) -> str:
    """The one that cuts most lines into the same number of cells, and into most."""
    best = max((_consistency(path, encoding, each), each) for each in reversed([*SEPARATORS, SPACES]))
    return best[1] if best[0] > (0, 0) else "comma"


def _consistency(path: Path, encoding: str, separator: str) -> tuple[int, int]:
    widths = Counter(len(line.cells) for line in _sample(path, encoding, separator) if not line.broken)
    if not widths:
        return (0, 0)
    width, lines = widths.most_common(1)[0]
    total = widths.total()
    if width < 2 or lines < 0.8 * total:
        return (0, 0)
    return (0 if separator == SPACES else 1, width)


def _sample(path: Path, encoding: str, separator: str) -> list[Line]:
    found: list[Line] = []
    try:
        found.extend(islice(read_lines(path, encoding=encoding, separator=separator), LOOKED_AT))
    except OpenQuote:
        return found
    except UnicodeDecodeError:
        return found
    return found


def looks_like_header(path: Path, encoding: str, separator: str) -> bool:
    """The first line holds names only. Spreadsheets add empty columns behind the last one."""
    first = next(iter(_sample(path, encoding, separator)), None)
    names = [cell.strip() for cell in first.cells] if first else []
    while names and not names[-1]:
        names.pop()
    return bool(names) and all(names) and not any(_VALUE_LIKE.fullmatch(name) for name in names)


def read_columns(path: Path, shape: Shape) -> list[str]:
    """The columns' names, or “Column 1” and so on without a header. Raises UnusableFile."""
    try:
        first = next(read_lines(path, encoding=shape.encoding, separator=shape.separator), None)
    except OpenQuote as error:
        raise UnusableFile(str(error)) from None
    except UnicodeDecodeError:
        raise UnusableFile(
            _("The file is not %(encoding)s. Choose another encoding.") % {"encoding": shape.encoding}
        ) from None
    if first is None:
        raise UnusableFile(_("The file is empty."))
    if first.broken:
        raise UnusableFile(_("Line %(line)d: %(reason)s") % {"line": first.number, "reason": first.broken})
    if len(first.cells) > MOST_COLUMNS:
        raise UnusableFile(
            _("The file has %(columns)d columns; at most %(most)d can be read. Is the separator right?")
            % {"columns": len(first.cells), "most": MOST_COLUMNS}
        )
    if not shape.has_header:
        return [_("Column %(number)d") % {"number": number} for number in range(1, len(first.cells) + 1)]
    names = [cell.replace("\x00", "␀").strip() for cell in first.cells]  # a NUL can't be stored
    _refuse_duplicates(names)
    _refuse_header_only(path, shape)
    return [name[:100] or _("Column %(number)d") % {"number": number} for number, name in enumerate(names, 1)]


def _refuse_duplicates(names: Iterable[str]) -> None:
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        spelled = name.strip().casefold()
        if spelled and spelled in seen:
            raise UnusableFile(
                _(
                    "“%(name)s” is the name of column %(first)d and of column %(second)d. Rename one of them in the file."
                )
                % {"name": name.strip()[:100], "first": seen[spelled], "second": number}
            )
        seen[spelled] = number


def _refuse_header_only(path: Path, shape: Shape) -> None:
    try:
        lines = list(islice(read_lines(path, encoding=shape.encoding, separator=shape.separator), 2))
    except OpenQuote:
        return
    if len(lines) < 2:
        raise UnusableFile(_("The file has a header and no rows below it."))
