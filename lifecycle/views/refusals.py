from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import keyset
from customers.models import Customer
from lifecycle.models import LifecycleModel, Parking, Refusal
from lifecycle.parking import rules_of
from lifecycle.taking_out import parking_lines, refusal_lines


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("refusals", lambda request: refusal_lines(_refused(request)))
def refusals(request: HttpRequest) -> HttpResponse:
    """Moves that a model did not allow, newest first, of customers the user may see."""
    page = keyset.page(_refused(request), sort="-at", cursor=request.GET.get("after", ""))
    return render(request, "lifecycle/refusals.html", {"page": page})


def _refused(request: HttpRequest) -> "QuerySet[Refusal]":
    return Refusal.objects.for_list().filter(customer__in=Customer.objects.visible_to(me(request)))


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("parkings", lambda request: parking_lines(_parked(request)))
def parkings(request: HttpRequest) -> HttpResponse:
    """Customers whom rules moved to and fro, within a day or day by day, or to whom they could not be applied.

    They wait for somebody to look. `?model=`: those of one model.
    """
    page = keyset.page(_parked(request), sort="-parked_at", cursor=request.GET.get("after", ""))
    rules = rules_of(list(page.rows))
    context = {
        "page": page,
        "rows": [(parking, rules[parking.pk]) for parking in page.rows],
        "may_release": may(me(request), Capability.EDIT_CUSTOMERS),
    }
    return render(request, "lifecycle/parkings.html", context)


def _parked(request: HttpRequest) -> "QuerySet[Parking]":
    rows = Parking.objects.filter(released_at=None, customer__in=Customer.objects.visible_to(me(request)))
    if slug := request.GET.get("model"):
        rows = rows.filter(model__in=[one for one in LifecycleModel.objects.all() if one.slug == slug])
    return rows.select_related("customer", "model")
