"""The list of tickets, its filters, and those of one customer for the page that asks for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clm.accounts import bulk
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.saved_views import Views
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import clock
from customers.models import Customer, Ticket
from customers.taking_out import ticket_lines
from customers.tickets.listing import TicketListing

SHOWN = 5


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("tickets", lambda request: ticket_lines(TicketListing(request.GET, me(request))))
def tickets(request: HttpRequest) -> HttpResponse:
    user, listing = me(request), TicketListing(request.GET, me(request))
    views = Views("tickets", request, user)
    if begun := views.beginning():
        return begun
    is_bare = not listing.page.rows and not listing.is_narrowed
    context = {
        "listing": listing,
        "now": listing.now,
        "is_bare": is_bare,
        "is_new_here": is_bare and not listing.seen.exists(),
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
        "bulk": _bar(listing),
        "views": views,
        "whole": views.whole,
    }
    return render(request, "tickets/tickets.html", context)


def _bar(listing: TicketListing) -> bulk.Bar:
    """What can be done to the tickets that are ticked. Its rows are those of the tab one sees."""
    query = listing.query.copy()
    query.pop("after", None)
    query["tab"] = listing.tab
    has_more = bool(listing.page.next or listing.page.previous)
    return bulk.bar_for("tickets", listing.user, query=query.urlencode(), has_more=has_more)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def tickets_filters(request: HttpRequest) -> HttpResponse:
    """Every filter there is, set as in the address: for the drawer, or a page of its own without htmx."""
    is_part = request.headers.get("HX-Request")
    context = {"listing": TicketListing(request.GET, me(request))}
    return render(request, f"tickets/{'_filters' if is_part else 'filters'}.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_tickets(request: HttpRequest, pk: int) -> HttpResponse:
    """The last tickets of a customer, for their page; without htmx the list has them all."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)), pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect(f"/tickets/?tab=all&customer={pk}")
    mine = Ticket.objects.filter(customer=customer).for_list().order_by("-opened_at", "-pk")
    found = list(mine[: SHOWN + 1])
    may_open = may(me(request), Capability.EDIT_CUSTOMERS) and not customer.merged_into_id
    context = {"customer": customer, "tickets": found[:SHOWN], "has_more": len(found) > SHOWN}
    return render(request, "tickets/_of_customer.html", context | {"may_open": may_open, "now": clock.now()})
