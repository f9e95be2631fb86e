"""One ticket's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base import clock, panels
from customers.models import Ticket
from customers.tickets.forms import AnswerForm
from customers.tickets.history import history_of

ALL_OF_IT = 2_000
OTHERS_SHOWN = 10


def visible_ticket(user: User, pk: int) -> Ticket:
    related = ("customer", "customer__company", "customer__owner", "company", "owner", "team", "merged_into")
    return get_object_or_404(Ticket.objects.visible_to(user).select_related(*related), pk=pk)


def after(user: User, ticket: Ticket) -> HttpResponse:
    """Its page; the list for those who see it no longer."""
    is_seen = Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()
    return redirect("ticket", pk=ticket.pk) if is_seen else redirect("tickets")


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, visible_ticket(me(request), pk), AnswerForm())


def show(request: HttpRequest, shown: Ticket, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    others = Ticket.objects.filter(customer=shown.customer).exclude(pk=shown.pk).order_by("-opened_at")
    goes_on = shown.merged_into if shown.merged_into and _is_same(shown) else None
    context: dict[str, Any] = {
        "ticket": shown,
        "form": form,
        "now": clock.now(),
        "others": list(others[:OTHERS_SHOWN]),
        "goes_on": goes_on,
        "header_panels": panels.shown("customer", "header", request, shown.customer),
        "history": history_of(shown, most=ALL_OF_IT if "history" in request.GET else None),
        "has_more_history": "history" not in request.GET,
        "may_edit": may(me(request), Capability.EDIT_CUSTOMERS),
        "is_mine": shown.owner_id == me(request).pk,
    }
    return render(request, "tickets/ticket.html", context, status=status)


def _is_same(ticket: Ticket) -> bool:
    """Still of the same customer: one that was separated again has its own."""
    return ticket.merged_into is not None and ticket.merged_into.customer_id == ticket.customer_id
