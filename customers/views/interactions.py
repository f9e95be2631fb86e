"""Notes, calls and meetings: written, corrected and taken back on the page of a customer or a lead, or on their own."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers import interactions
from customers.interaction_forms import InteractionForm
from customers.interactions import NotTheWriter
from customers.models import Customer, Interaction, Lead
from customers.models.interaction import InteractionKind
from customers.timeline_doings import interactions_of_lead
from customers.views.leads import visible_lead

CHANGED = "interactions-changed"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_interaction_new(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Customer.objects.visible_to(me(request)).select_related("company")
    customer = get_object_or_404(seen, pk=pk)
    if customer.merged_into_id and request.method != "POST":
        return redirect("customer-interaction-new", pk=customer.merged_into_id)
    if customer.merged_into_id:  # what was written while the two became one is kept
        customer = get_object_or_404(seen, pk=customer.merged_into_id)
    return _write(request, customer)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_interaction_new(request: HttpRequest, pk: int) -> HttpResponse:
    lead = visible_lead(me(request), pk)
    return _write(request, lead.customer, lead)


def _write(request: HttpRequest, customer: Customer, lead: Lead | None = None) -> HttpResponse:
    kind = request.GET.get("kind", "")
    if kind not in ("", *InteractionKind.values):
        raise BadRequest(_("There is no such kind of interaction."))
    context = {"customer": customer, "lead": lead, "kind": kind, "kinds": InteractionKind.choices}
    if not kind:
        return _composer(request, context)
    form = InteractionForm(request.POST if request.method == "POST" else None, kind=kind, lead=lead)
    if not form.is_valid():
        return _composer(request, context | {"form": form}, status=422 if form.is_bound else 200)
    token = str(form.cleaned_data["token"] or "")
    given: dict[str, Any] = {
        "by": me(request),
        "values": form.values(),
        "lead": lead,
        "then": form.then(),
        "token": token,
    }
    try:
        interactions.record(customer, kind, **given)
    except ValidationError as refusal:
        form.take(refusal)
        return _composer(request, context | {"form": form}, status=422)
    return _written(request, customer, lead, context)


def _composer(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    is_part = request.headers.get("HX-Request")
    template = "_composer" if is_part else "interaction"
    return render(request, f"customers/interactions/{template}.html", context, status=status)


def _written(
    request: HttpRequest, customer: Customer, lead: Lead | None, context: dict[str, Any]
) -> HttpResponse:
    """The lead's page is read anew: its status and next action may be others."""
    told = {
        "note": _("The note is kept."),
        "call": _("The call is logged."),
        "meeting": _("The meeting is logged."),
    }
    text = told[context["kind"]]
    if not request.headers.get("HX-Request"):
        messages.success(request, text)
        return redirect("lead", pk=lead.pk) if lead else redirect("customer", pk=customer.pk)
    if lead:
        messages.success(request, text)
        return HttpResponse(headers={"HX-Refresh": "true"})
    answer = render(request, "customers/interactions/_composer.html", context | {"kind": ""})
    return _telling(answer, text)


def _telling(answer: HttpResponse, text: str) -> HttpResponse:
    answer.headers["HX-Trigger"] = json.dumps({"toast": {"tone": "success", "text": text}, CHANGED: {}})
    return answer


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lead_interactions(request: HttpRequest, pk: int) -> HttpResponse:
    """What was done about the lead, for its page, or as a page of its own."""
    lead = visible_lead(me(request), pk)
    context = {"lead": lead, "entries": interactions_of_lead(lead)}
    is_part = request.headers.get("HX-Request")
    return render(request, f"customers/interactions/{'_of_lead' if is_part else 'of_lead'}.html", context)


def _own(request: HttpRequest, pk: int) -> Interaction:
    """By its root, whatever version; foreign customers' are not there, others' of one's customers are forbidden."""
    seen = Interaction.objects.visible_to(me(request)).filter(root=pk).order_by("-pk")
    found = seen.select_related("customer", "lead__customer").first()
    if found is None:
        return get_object_or_404(Interaction.objects.none())
    if found.actor_id != me(request).pk:
        raise PermissionDenied(_("Only who wrote it may change it."))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def interaction_edit(request: HttpRequest, pk: int) -> HttpResponse:
    written = _own(request, pk)
    form = InteractionForm(
        request.POST if request.method == "POST" else None, kind=written.kind, written=written
    )
    context = {"interaction": written, "form": form, "customer": written.customer, "lead": written.lead}
    if not form.is_valid():
        return _edited(request, context, status=422 if form.is_bound else 200)
    try:
        interactions.correct(written, by=me(request), values=form.values())
    except ValidationError as refusal:
        form.take(refusal)
        return _edited(request, context, status=422)
    except NotTheWriter as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return _after(request, written, _("Saved."))


def _edited(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    is_part = request.headers.get("HX-Request")
    template = "_edit" if is_part else "edit"
    return render(request, f"customers/interactions/{template}.html", context, status=status)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def interaction_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back; in its place the page offers to undo that."""
    written = _own(request, pk)
    try:
        interactions.take_back(written, by=me(request))
    except ValidationError as refusal:
        messages.info(request, " ".join(refusal.messages))
    if request.headers.get("HX-Request"):
        return render(request, "customers/interactions/_taken_back.html", {"interaction": written})
    return _after(request, written, _("It is taken back."))


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def interaction_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what was taken back."""
    written = _own(request, pk)
    interactions.put_back(written, by=me(request))
    return _after(request, written, _("It is back."))


def _after(request: HttpRequest, written: Interaction, text: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _telling(HttpResponse(), text)
    messages.success(request, text)
    if written.lead_id:
        return redirect("lead", pk=written.lead_id)
    return redirect("customer", pk=written.customer_id)
