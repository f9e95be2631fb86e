"""Whom a public link is about, and the manners of all public pages."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.links import UnknownLink
from clm.accounts.models import Organisation
from clm.base.limits import Limit, sender
from customers.models import Customer

LANGUAGES = dict(settings.LANGUAGES)
# Mail houses post for all their readers from a few addresses: only links are counted one by one.
BY_LINK, BY_SENDER = Limit("public-link", 20), Limit("public-sender", 1200)
View = Callable[[HttpRequest, str], HttpResponse]


def public(view: View) -> View:
    """Let in by the signed link alone, so without cookies: no sign-in and no CSRF token. Nothing is cached or told on."""

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = _limited(request, token) or view(request, token)
        except UnknownLink:
            response = sentence(
                request,
                404,
                _("This link does not work"),
                _(
                    "It may have been cut off on its way. Open it from the message again, or copy the whole address."
                ),
            )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def _limited(request: HttpRequest, token: str) -> HttpResponse | None:
    if not (BY_LINK.is_over(token[-43:]) or BY_SENDER.is_over(sender(request))):
        return None
    response = sentence(
        request, 429, _("That was too quick"), _("Nothing was changed. Wait a minute and try again.")
    )
    response.headers["Retry-After"] = "60"
    return response


def customer_by(pk: int) -> Customer | None:
    """The customer, or whom they were merged into; nobody when they are gone (their links still work)."""
    found = Customer.objects.select_related("merged_into").filter(pk=pk).first()
    return (found.merged_into or found) if found else None


def language_for(request: HttpRequest, customer: Customer | None) -> str:
    """What was chosen on the page, else the customer's, else the browser's, else the organisation's."""
    chosen = request.POST.get("language") or request.GET.get("language", "")
    short = (customer.language if customer else "").replace("_", "-").partition("-")[0].lower()
    if chosen in LANGUAGES or short in LANGUAGES:
        return chosen if chosen in LANGUAGES else short
    if request.headers.get("Accept-Language"):
        return translation.get_language_from_request(request)
    return next((code for code in Organisation.objects.current().languages if code in LANGUAGES), "en")


def shown(request: HttpRequest, name: str, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    frame = {"company": Organisation.objects.current().name}
    return render(request, f"campaigns/public/{name}.html", frame | context, status=status)


def sentence(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    with translation.override(language_for(request, None)):
        return shown(request, "sentence", {"title": title, "sentence": text}, status=status)
