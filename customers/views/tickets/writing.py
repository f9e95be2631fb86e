"""Opening a ticket on a customer, and changing what it says."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from customers.models import Customer, Ticket
from customers.tickets import handling
from customers.tickets.forms import TicketForm, differences, for_edit, for_new, read_anew
from customers.tickets.opening import open_ticket, whose
from customers.tickets.stepping import StaleTicket
from customers.views.tickets.page import after, visible_ticket


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_ticket_new(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Customer.objects.visible_to(me(request)).select_related("owner__team", "team", "company")
    customer = get_object_or_404(seen, pk=pk)
    if customer.merged_into_id and request.method != "POST":
        return redirect("customer-ticket-new", pk=customer.merged_into_id)
    data = request.POST if request.method == "POST" else None
    form = TicketForm(data, initial=for_new(**whose(customer, by=me(request), values={})))
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200, customer=customer)
    token = str(form.cleaned_data["token"] or "")
    try:
        opened = open_ticket(customer, by=me(request), values=form.values(), token=token)
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, form, status=422, customer=customer)
    messages.success(request, _("The ticket is open."))
    return after(me(request), opened)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def ticket_edit(request: HttpRequest, pk: int) -> HttpResponse:
    edited = visible_ticket(me(request), pk)
    form = TicketForm(request.POST if request.method == "POST" else None, initial=for_edit(edited))
    if not form.is_valid():
        return _form(request, form, status=422 if form.is_bound else 200, ticket=edited)
    if form.read_at() is None:
        return _stale(request, form, edited)
    try:
        handling.change(edited, by=me(request), values=form.values(), expected=form.read_at())
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, form, status=422, ticket=edited)
    except StaleTicket as stale:
        return _stale(request, form, stale.current)
    messages.success(request, _("Saved."))
    return after(me(request), edited)


def _form(request: HttpRequest, form: TicketForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "tickets/ticket_form.html", {"form": form} | context, status=status)


def _stale(request: HttpRequest, form: TicketForm, current: Ticket) -> HttpResponse:
    """Both values side by side; saving again then replaces what is there now, knowingly."""
    told = list(differences(form, current))
    read_anew(form, current)
    return _form(request, form, status=409, ticket=current, conflicts=told)
