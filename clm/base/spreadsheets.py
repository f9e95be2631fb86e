"""CSV that a spreadsheet opens without running anything in it.

A cell that a spreadsheet would take for a formula gets an apostrophe, unless it is a plain number; the importer
takes it off again, so that what goes out comes back the same.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.utils import timezone

FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def guarded(cell: object) -> str:
    """Moments are told in the present time zone, with their distance from UTC."""
    text = "" if cell is None else _local(cell) if isinstance(cell, datetime) else str(cell)
    bare = text.lstrip(" ")
    starts_like_one = bare[:1] in FORMULA_STARTS if bare else False
    already = bare[:1] == "'" and bare.lstrip("' ")[:1] in FORMULA_STARTS and bare.strip("' ") != ""
    return f"'{text}" if (starts_like_one or already) and not _NUMBER.fullmatch(text) else text


def _local(moment: datetime) -> str:
    told = timezone.localtime(moment) if moment.tzinfo else moment
    return told.isoformat(timespec="seconds")


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that `guarded` put before it."""
    return cell[1:] if cell[:1] == "'" and guarded(cell[1:]) == cell else cell


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines for a streaming answer, the first with a byte order mark for Excel's sake."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])


def csv_file(rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """The same on disk, so that what fails while the rows are read does so before an answer has begun."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        file.writelines(line.encode() for line in csv_lines(rows))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
