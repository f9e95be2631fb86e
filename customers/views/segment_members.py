"""Customers into a segment by hand, and out of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.models import User
from clm.accounts.permissions import Capability, requires
from clm.accounts.saved_views import state_of
from clm.accounts.views.signed_in import me
from customers.listing import Listing
from customers.models import Customer, Segment
from customers.models.segment import SegmentKind
from customers.segments import filling, keeping
from customers.segments.forms import FillForm

AT_ONCE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_SEGMENTS)
def segment_fill(request: HttpRequest) -> HttpResponse:
    """All customers of a list, as its query string says: a few at once, many as a job."""
    user = me(request)
    query = state_of(QueryDict((request.POST or request.GET).get("query", "").replace("\x00", "")))
    listing = Listing(QueryDict(query), user, is_whole=True)
    if not listing.filters.is_valid():
        return redirect(f"{reverse('customers')}?{query}")
    form = FillForm(user, request.POST or None, initial={"query": query})
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                return _filled(request, _target(form, user), listing, query)
        except ValidationError as error:
            form.add_error("name", error.messages[0])
    status = 422 if form.is_bound else 200
    context = {"form": form, "listing": listing, "query": query}
    return render(request, "customers/segments/fill.html", context, status=status)


def _target(form: FillForm, user: User) -> Segment:
    chosen: Segment | None = form.cleaned_data["segment"]
    name = form.cleaned_data["name"]
    return chosen or keeping.create(by=user, name=name, kind=SegmentKind.STATIC)


def _filled(request: HttpRequest, segment: Segment, listing: Listing, query: str) -> HttpResponse:
    if listing.narrowed[: AT_ONCE + 1].count() > AT_ONCE:
        job = filling.fill(segment, query, by=me(request))
        messages.info(request, _("The customers are being added; you may leave this page."))
        return redirect("job", pk=job.pk)
    added = filling.add(segment, listing.narrowed, by=me(request))
    text = ngettext("%(n)s customer was added.", "%(n)s customers were added.", added) % {"n": added}
    messages.success(request, text)
    return redirect("segment", pk=segment.pk)


@require_POST
@requires(Capability.EDIT_SEGMENTS)
def segment_member_removal(request: HttpRequest, pk: int, customer: int) -> HttpResponse:
    user = me(request)
    segment = get_object_or_404(Segment.objects.visible_to(user), pk=pk)
    chosen = Customer.objects.visible_to(user).filter(pk=customer)
    taken = get_object_or_404(chosen)
    try:
        filling.take_out(segment, chosen, by=user)
    except filling.KeptByConditions as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(customer)s was taken out.") % {"customer": taken})
    return redirect("segment", pk=pk)
