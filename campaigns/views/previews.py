"""Previews of a text that is being written, and test mails to oneself."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.lacking import Lack, bare, lacks
from campaigns.models import Template
from campaigns.previewing import CannotSendTest, kept, preview, send_test
from campaigns.rendering import CannotRender, Text, plain_text
from campaigns.text_form import posted_blocks
from campaigns.texts import LANGUAGES
from campaigns.views.framing import is_framed, mail_document
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.models import Customer
from customers.searching import SHORTEST, found

MOST_FOUND = 8
COUNTED_SECONDS = 300


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def template_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Of what stands in the form now, saved or not."""
    template = get_object_or_404(Template.objects.usable(), pk=pk)
    customer, text = _customer(request), _written(request)
    drawn = preview(text, customer=customer, by=me(request))
    context: dict[str, Any] = {
        "template": template,
        "preview": drawn,
        "customer": customer,
        "lacks": _lacks(text) if drawn.rendered and not customer else [],
    }
    return render(request, "campaigns/_preview.html", context)


def _lacks(text: Text) -> list[Lack]:
    """Of all customers, whoever the mail will go to. Counted once in a while, not at every letter."""
    known = f"mail-lacks:{'.'.join(sorted(bare(text)))}"
    found: list[Lack] | None = cache.get(known)
    if found is None:
        found = lacks([text], Customer.objects.present())
        cache.set(known, found, COUNTED_SECONDS)
    return found


@is_framed
@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
def mail_preview(request: HttpRequest, key: str) -> HttpResponse:
    html = kept(key, by=me(request))
    if html is None:
        raise Http404
    return mail_document(html)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def template_test(request: HttpRequest, pk: int) -> HttpResponse:
    """A test mail of what stands in the form, to the one who asks."""
    get_object_or_404(Template.objects.usable(), pk=pk)
    try:
        send_test(_written(request), customer=_customer(request), by=me(request))
    except (CannotRender, CannotSendTest) as refusal:
        return _told(request, pk, "error", str(refusal))
    return _told(
        request,
        pk,
        "success",
        _("A test mail is on its way to %(address)s.") % {"address": me(request).email},
    )


def _told(request: HttpRequest, pk: int, tone: str, sentence: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "campaigns/_test_sent.html", {"tone": tone, "sentence": sentence})
    messages.add_message(request, messages.SUCCESS if tone == "success" else messages.ERROR, sentence)
    language = request.POST.get("language", "")
    return redirect(
        f"{reverse('template', args=[pk])}?language={language}" if language in LANGUAGES else "templates"
    )


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def template_customers(request: HttpRequest) -> HttpResponse:
    """Customers to preview as."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    visible = Customer.objects.visible_to(me(request)).present()
    customers = list(found(visible, query).order_by("name")[:MOST_FOUND]) if len(query) >= SHORTEST else []
    return render(request, "campaigns/_preview_customers.html", {"customers": customers, "query": query})


def _written(request: HttpRequest) -> Text:
    language = request.POST.get("language", "")
    return plain_text(
        language=language if language in LANGUAGES else "en",
        subject=request.POST.get("subject", "").strip(),
        preheader=request.POST.get("preheader", "").strip(),
        blocks=posted_blocks(request.POST),
    )


def _customer(request: HttpRequest) -> Customer | None:
    """Nobody in particular unless the form names one that this user may see."""
    text = request.POST.get("customer", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return Customer.objects.visible_to(me(request)).filter(pk=int(text)).first()
