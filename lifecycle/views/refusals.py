from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base import keyset
from customers.models import Customer
from lifecycle.models import LifecycleModel, Parking, Refusal
from lifecycle.parking import rules_of


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def refusals(request: HttpRequest) -> HttpResponse:
    """Moves that a model did not allow, newest first, of customers the user may see."""
    rows = Refusal.objects.for_list().filter(customer__in=Customer.objects.visible_to(me(request)))
    page = keyset.page(rows, sort="-at", cursor=request.GET.get("after", ""))
    return render(request, "lifecycle/refusals.html", {"page": page})


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def parkings(request: HttpRequest) -> HttpResponse:
    """Customers whom rules moved to and fro, within a day or day by day, or to whom they could not be applied.

    They wait for somebody to look. `?model=`: those of one model.
    """
    rows = Parking.objects.filter(released_at=None, customer__in=Customer.objects.visible_to(me(request)))
    if slug := request.GET.get("model"):
        rows = rows.filter(model__in=[one for one in LifecycleModel.objects.all() if one.slug == slug])
    page = keyset.page(
        rows.select_related("customer", "model"), sort="-parked_at", cursor=request.GET.get("after", "")
    )
    rules = rules_of(list(page.rows))
    context = {
        "page": page,
        "rows": [(parking, rules[parking.pk]) for parking in page.rows],
        "may_release": may(me(request), Capability.EDIT_CUSTOMERS),
    }
    return render(request, "lifecycle/parkings.html", context)
