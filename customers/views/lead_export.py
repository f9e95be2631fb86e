"""The list of leads as a file."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import exported
from clm.accounts.views.signed_in import me
from clm.base.downloads import query_of
from customers.leads.listing import LeadListing
from customers.leads.taking_out import lead_lines


@require_safe
@requires(Capability.EXPORT)
def leads_export(request: HttpRequest) -> HttpResponseBase:
    """As it stands, all pages. A filter that can't be read leads back to its error."""
    listing = LeadListing(request.GET, me(request))
    if not listing.filters.is_valid():
        return redirect(f"{reverse('leads')}?{query_of(request)}")
    return exported(request, lead_lines(listing), name="leads", action="leads.exported")
