"""The list of customers: found, narrowed, ordered, page by page, or as a file."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clm.accounts import bulk
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.saved_views import Views, state_of
from clm.accounts.views.exports import exported
from clm.accounts.views.signed_in import me
from customers.bulk_actions import CUSTOMERS
from customers.listing import Listing
from customers.models import Customer

PAGE = "customers"


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customers(request: HttpRequest) -> HttpResponse:
    user, listing = me(request), Listing(request.GET, me(request))
    views = Views(PAGE, request, user)
    if begun := views.beginning():
        return begun
    context = {
        "listing": listing,
        "currency": Organisation.objects.current().currency,
        "is_new_here": not listing.page.rows and not listing.is_narrowed and not _anybody(request),
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
        "may_export": may(user, Capability.EXPORT),
        "may_import": may(user, Capability.IMPORT),
        "may_fill": may(user, Capability.EDIT_SEGMENTS),
        "views": views,
        "whole": views.whole,
        "state": views.state,
        "bulk": _bar(listing),
    }
    return render(request, "customers/customers.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customers_filters(request: HttpRequest) -> HttpResponse:
    """Every filter there is, set as in the address: for the drawer, or a page of its own without htmx."""
    is_part = request.headers.get("HX-Request")
    context = {"listing": Listing(request.GET, me(request))}
    return render(request, f"customers/{'_filters' if is_part else 'filters'}.html", context)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customers_count(request: HttpRequest) -> HttpResponse:
    """How many the list holds, for a page that came before its count."""
    context = {"listing": Listing(request.GET, me(request)), "is_asked_now": True}
    return render(request, "customers/_count.html", context)


def _bar(listing: Listing) -> bulk.Bar:
    """What can be done to the rows that are ticked."""
    has_more = bool(listing.page.next or listing.page.previous)
    export = "customers-export" if may(listing.user, Capability.EXPORT) else ""
    return bulk.bar_for(PAGE, listing.user, query=state_of(listing.query), has_more=has_more, export=export)


def _anybody(request: HttpRequest) -> bool:
    return Customer.objects.visible_to(me(request)).present().exists()


@require_safe
@requires(Capability.EXPORT)
def customers_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it stands, all pages or the rows that were ticked, as CSV or a workbook.

    A filter that can't be read leads back to its error.
    """
    query, only = _exported(request.GET)
    listing = Listing(query, me(request), is_whole=True, only=only)
    if not listing.filters.is_valid():
        return redirect(f"{reverse('customers')}?{state_of(query)}")
    return exported(
        request,
        listing.lines(),
        name="customers",
        action="customers.exported",
        query=state_of(query),
        customers=only,
    )


def _exported(sent: QueryDict) -> tuple[QueryDict, list[int] | None]:
    """The list's address, and the ticked rows; the address alone from the button above the list, or for all."""
    if "query" not in sent:
        return sent, None
    chosen = bulk.Chosen.read(CUSTOMERS, sent)
    return QueryDict(chosen.query), None if chosen.ids is None else list(chosen.ids)
