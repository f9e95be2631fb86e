"""One line in the log when a request starts and one when it ends, without what people searched for.

Django's own lines say the same with the whole path, so they are off (settings), but for refused forms: there
`MaskedPaths` takes out of the path what may be secret or personal.
"""

import logging
import re
from contextlib import suppress

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import Resolver404, get_urlconf, resolve
from django_structlog.middlewares import RequestMiddleware

MASK = "…"
# Numbers of rows, and names that we or an administrator gave to models, metrics and the like.
MOST_KNOWN = 1000
_told_whole: set[tuple[str, str | None]] = (
    set()
)  # looking for the page takes a while; masked paths are not kept
_PLAIN = re.compile(r"<(?:int|slug):(\w+)>")


class RequestLog(RequestMiddleware):
    """Leaves out the query, where names and addresses of customers stand, and masks keys and external ids.

    Tells the address that limits count by: what a client writes into a header of its own is not believed.
    """

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        from clm.base.limits import sender  # the settings read this module before there are apps

        with suppress(PermissionDenied):  # it came through a socket
            structlog.contextvars.bind_contextvars(ip=sender(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        told: str | None = request.__dict__.get("_told_as")  # when it starts and when it ends
        if told is None:
            told = request.__dict__["_told_as"] = f"{request.method} {masked(request.path_info)}"
        return told


class MaskedPaths(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                masked(part) if isinstance(part, str) and part.startswith("/") else part
                for part in record.args
            )
        return True


def masked(path: str) -> str:
    """The path with a mask for every part that is neither our own word, nor a number, nor a slug.

    Where no page stands all but the first part is masked: it may be a link that was copied badly.
    """
    where = path, get_urlconf()
    if where in _told_whole:
        return path
    told = _masked(path)
    if told == path and len(_told_whole) < MOST_KNOWN:
        _told_whole.add(where)
    return told


def _masked(path: str) -> str:
    try:
        match = resolve(path)
    except Resolver404:
        first, slash, rest = path.lstrip("/").partition("/")
        return f"/{first}{slash}{MASK if rest else ''}"
    plain = set(_PLAIN.findall(match.route))
    captured = match.captured_kwargs  # type: ignore[attr-defined]  # the stubs do not know it
    secret = [str(value) for name, value in captured.items() if name not in plain and value]
    return "/".join(MASK if any(value in part for value in secret) else part for part in path.split("/"))
