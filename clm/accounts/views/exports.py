"""Lists and tables as files: for whom may take data out, written whole before the answer begins, audited with their count."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponseBase

from clm.accounts.models import AuditEntry
from clm.accounts.permissions import Capability, View, may
from clm.accounts.views.signed_in import me
from clm.base.downloads import FORMATS, XLSX, Rows, attachment, format_of, query_of, saved
from clm.base.workbooks import with_numbers

Lines = Callable[..., Rows | None]


def exported(
    request: HttpRequest,
    rows: Rows,
    *,
    name: str,
    action: str,
    subject: Model | None = None,
    numbers_as_text: bool = False,
    **details: Any,
) -> FileResponse:
    """The rows, heading first, in the format that is asked for. `name` is the file's, without its ending.

    `numbers_as_text`: the cells are numbers told as text; a workbook gets them as numbers. Raises PermissionDenied.
    """
    if not may(me(request), Capability.EXPORT):
        raise PermissionDenied
    counted, format = _Counted(rows), format_of(request)
    with transaction.atomic():
        lines = with_numbers(counted) if numbers_as_text and format == XLSX else counted
        file = saved(lines, format=format)
        told = {"rows": counted.number, "format": format, "query": query_of(request)} | details
        AuditEntry.objects.record(action, subject, by=me(request), **told)
    return attachment(file, name=name, format=format)


class _Counted:
    """Counts the rows below the heading as they are read."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Sequence[object]]:
        for place, row in enumerate(self.rows):
            self.number = place
            yield row


def also_as_file(name: str, lines: Lines, *, numbers_as_text: bool = False) -> Callable[[View], View]:
    """The page's table as a file too: the same address with `?format=csv` or `xlsx`, all pages of it.

    `lines` gets what the view gets, and answers None where there is nothing to tell, such as for a filter that can't
    be read: then the page says so.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "GET" or request.GET.get("format") not in FORMATS:
                return view(request, *args, **kwargs)
            if not may(me(request), Capability.EXPORT):
                raise PermissionDenied
            rows = lines(request, *args, **kwargs)
            if rows is None:
                return view(request, *args, **kwargs)
            action = f"{name.replace('-', '_')}.exported"
            return exported(
                request, rows, name=name, action=action, numbers_as_text=numbers_as_text, path=request.path
            )

        answered.exports = name  # type: ignore[attr-defined]
        return answered

    return decorate
