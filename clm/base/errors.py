"""Error pages in the frame, with the request's id and a way on. The API answers in its own error body."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clm.base.context import request_id


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad_request", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "permission_denied", _("Your role does not allow this."))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", _("There is nothing at this address."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request,
        403,
        "csrf_failed",
        _("The form was open for too long. Go back, reload the page and send it again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Also when the database is away, so without the frame: nothing here may ask it."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable(request)
    if _is_api(request):
        return _json(500, "error", _("Something went wrong on our side."))
    html = render_to_string("500.html", {"request_id": request_id(), "theme": _theme(request)})
    return _with_id(HttpResponse(html, status=500))


def unavailable(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return _json(503, "busy", _("The database did not answer in time. Nothing was changed; try again."))
    html = render_to_string("503.html", {"request_id": request_id(), "theme": _theme(request)})
    return _with_id(HttpResponse(html, status=503, headers={"Retry-After": "30"}))


def _answer(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    if _is_api(request):
        return _json(status, code, sentence)
    context = {"sentence": sentence, "request_id": request_id()}
    return _with_id(HttpResponse(render_to_string(f"{status}.html", context, request), status=status))


def _json(status: int, code: str, sentence: str) -> HttpResponse:
    kind = "server_error" if status >= 500 else "client_error"
    body = {"type": kind, "errors": [{"code": code, "detail": sentence, "attr": None}]}
    return _with_id(JsonResponse(body, status=status))


def _with_id(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("X-Request-ID", request_id())
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in ("light", "dark") else "system"
