"""Rows as a file to save: CSV or an Excel workbook, written to disk before the answer begins.

What fails while the rows are read fails as a page does, never in the middle of a file that looks whole.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, TypeVar

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from clm.base.spreadsheets import csv_file
from clm.base.workbooks import xlsx_file

CSV, XLSX = FORMATS = ("csv", "xlsx")
_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def format_of(request: HttpRequest) -> str:
    """What the address asks for, as `?format=xlsx`; else CSV."""
    return XLSX if request.GET.get("format") == XLSX else CSV


def query_of(request: HttpRequest) -> str:
    """The question without the format of its answer."""
    query = request.GET.copy()
    query.pop("format", None)
    return query.urlencode()


Rows = Iterable[Sequence[object]]


def saved(rows: Rows, *, format: str) -> IO[bytes]:
    return xlsx_file(rows) if format == XLSX else csv_file(rows)


Columns = Mapping[str, str | Callable[[Any], object]]


def table(rows: Iterable[Any], columns: Columns) -> Iterator[list[object]]:
    """The headings, then each row by what they name: an attribute's path ("owner.email"), or a function.

    Rows that come by a cursor are let go whatever happens: an error would keep it open into the next transaction.
    """
    try:
        yield list(columns)
        for row in rows:
            yield [_read(row, path) if isinstance(path, str) else path(row) for path in columns.values()]
    finally:
        if isinstance(rows, Generator):
            rows.close()


def _read(row: Any, path: str) -> object:
    """Nothing where one on the way is missing."""
    for name in path.split("."):
        row = getattr(row, name) if row is not None else None
    return row


def attachment(file: IO[bytes], *, name: str, format: str) -> FileResponse:
    return _named(FileResponse(file, content_type=_TYPES[format]), name, format)


Answer = TypeVar("Answer", bound=HttpResponseBase)


def _named(answer: Answer, name: str, format: str) -> Answer:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return answer
