"""Addresses that must not be written to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms import SuppressionForm
from campaigns.models import Suppression
from campaigns.models.suppression import SuppressionQuerySet
from campaigns.suppressing import NotAnAddress, lift, suppress
from campaigns.taking_out import suppression_lines
from campaigns.views.campaigns import may_edit
from campaigns.views.posting import posted
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
@also_as_file("suppressions", lambda request: suppression_lines(_found(request)))
def suppressions(request: HttpRequest) -> HttpResponse:
    form = SuppressionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = suppress(form.cleaned_data["address"], by=me(request))
        except NotAnAddress as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(request, _("Nobody writes to %(address)s any more.") % {"address": found})
            return redirect("suppressions")
    page = keyset.page(_found(request), sort="-suppressed_at", cursor=request.GET.get("after", ""))
    context = {"form": form, "page": page, "query": _query(request), "may_edit": may_edit(request)}
    return render(request, "campaigns/suppressions.html", context, status=422 if form.is_bound else 200)


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:200]


def _found(request: HttpRequest) -> SuppressionQuerySet:
    rows = Suppression.objects.live().select_related("suppressed_by")
    query = _query(request)
    return rows.filter(address__icontains=query) if query else rows


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def suppression_lifting(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Suppression.objects.live(), pk=pk)
    lift(found, by=me(request))
    messages.success(request, _("%(address)s may be written to again.") % {"address": found})
    return redirect("suppressions")
