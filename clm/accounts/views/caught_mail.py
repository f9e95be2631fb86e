"""Mail of a try-out, which nobody gets: for administrators, as it holds links that sign people in."""

from pathlib import Path
from urllib.parse import urlencode

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.base.caught_mail import Caught, CaughtMail

SHOWN = 50
VIEWS = ("html", "text", "headers")
# A stranger's document: it runs nothing, asks nobody but picture servers, and its links open beside our pages.
FOREIGN = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src 'self' https: data:; font-src https:; frame-ancestors 'self'"
)


@require_safe
@requires(Capability.ADMINISTER)
def caught_mail(request: HttpRequest) -> HttpResponse:
    """Where nothing is caught: where mail goes instead."""
    if not settings.CAUGHT_MAIL_DIR:
        return render(request, "accounts/caught_mail_none.html", {"server": _mail_server()})
    about = request.GET.get("q", "").strip()[:200]
    found = _mailbox().newest(SHOWN + 1, before=request.GET.get("before", "")[:30], about=about)
    older = urlencode({"q": about, "before": found[SHOWN - 1].key}) if len(found) > SHOWN else ""
    return render(
        request, "accounts/caught_mail.html", {"mails": found[:SHOWN], "about": about, "older": older}
    )


@require_safe
@requires(Capability.ADMINISTER)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no views with arguments
def caught_mail_one(request: HttpRequest, key: str) -> HttpResponse:
    caught = _one(key)
    offered = [view for view in VIEWS if view == "headers" or getattr(caught, view)]
    asked = request.GET.get("show", "")
    shown = asked if asked in offered else offered[0]
    context = {"caught": caught, "offered": offered, "shown": shown}
    return render(request, "accounts/caught_mail_one.html", context)


@require_safe
@requires(Capability.ADMINISTER)
@xframe_options_sameorigin
def caught_mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The mail's own document, for the frame of the page above."""
    answer = HttpResponse('<base target="_blank">' + _one(key).html)
    answer.headers["Content-Security-Policy"] = FOREIGN
    return answer


def _mail_server() -> str:
    """Empty when mail goes to nobody."""
    is_sent = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if is_sent else ""


def _mailbox() -> CaughtMail:
    if not settings.CAUGHT_MAIL_DIR:
        raise Http404("No mail is caught here.")
    return CaughtMail(Path(settings.CAUGHT_MAIL_DIR))


def _one(key: str) -> Caught:
    caught = _mailbox().one(key)
    if caught is None:
        raise Http404("There is no such mail.")
    return caught
