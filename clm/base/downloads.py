"""Rows as a file to save: CSV or an Excel workbook, written to disk before the answer begins.

What fails while the rows are read fails as a page does, never in the middle of a file that looks whole.
"""

from collections.abc import Iterable, Sequence
from typing import IO, TypeVar

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from clm.base.spreadsheets import csv_file
from clm.base.workbooks import with_numbers, xlsx_file

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


def table_download(rows: Rows, *, name: str, format: str) -> HttpResponse:
    """A table that is in memory already, whose numbers are told as text. `name` without its ending."""
    with saved(with_numbers(rows) if format == XLSX else rows, format=format) as file:
        answer = HttpResponse(file.read(), content_type=_TYPES[format])
    return _named(answer, name, format)


def attachment(file: IO[bytes], *, name: str, format: str) -> FileResponse:
    return _named(FileResponse(file, content_type=_TYPES[format]), name, format)


Answer = TypeVar("Answer", bound=HttpResponseBase)


def _named(answer: Answer, name: str, format: str) -> Answer:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return answer
