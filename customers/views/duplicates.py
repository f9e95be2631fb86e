"""Customers who may be one: the list of what the search found."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clm.accounts.models import Job
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset
from customers.duplicates import finding
from customers.merging.comparing import suggested_winners
from customers.models import Twins
from customers.models.likeness import TwinsQuerySet
from customers.taking_out import twin_lines

SHOWN = 25


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("duplicates", lambda request: twin_lines(_found(request)))
def duplicates(request: HttpRequest) -> HttpResponse:
    user, found = me(request), _found(request)
    page = keyset.page(found, sort="-score", cursor=request.GET.get("cursor", ""), size=SHOWN)
    searches = Job.objects.filter(kind=finding.JOB_KIND).order_by("-pk")
    context: dict[str, Any] = {
        "page": page,
        "pairs": suggested_winners(page.rows),
        "count": keyset.count(found),
        "last": searches.first(),
        "may_edit": may(user, Capability.EDIT_CUSTOMERS),
    }
    return render(request, "customers/merging/duplicates.html", context)


def _found(request: HttpRequest) -> TwinsQuerySet:
    return Twins.objects.open().visible_to(me(request)).select_related("one__company", "other__company")


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def duplicates_search(request: HttpRequest) -> HttpResponse:
    finding.search(by=me(request))
    messages.success(request, _("The search is under way. This page shows what it finds."))
    return redirect("duplicates")


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def duplicates_dismissal(request: HttpRequest, pk: int) -> HttpResponse:
    twins = get_object_or_404(Twins.objects.visible_to(me(request)).select_related("one"), pk=pk)
    finding.dismiss(twins, by=me(request))
    messages.success(request, _("They are not shown as duplicates again."))
    return redirect("duplicates")
