"""The list of leads as a file."""

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from clm.accounts.models import AuditEntry
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.downloads import attachment, format_of, query_of, saved
from customers.leads.listing import LeadListing
from customers.leads.taking_out import lead_lines


@require_safe
@requires(Capability.EXPORT)
def leads_export(request: HttpRequest) -> HttpResponseBase:
    """As it stands, all pages. A filter that can't be read leads back to its error."""
    listing, format = LeadListing(request.GET, me(request)), format_of(request)
    if not listing.filters.is_valid():
        return redirect(f"{reverse('leads')}?{query_of(request)}")
    with transaction.atomic():
        file = saved(lead_lines(listing), format=format)
        AuditEntry.objects.record("leads.exported", by=me(request), query=query_of(request))
    return attachment(file, name="leads", format=format)
