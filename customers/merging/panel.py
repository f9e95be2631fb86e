"""On a customer's page: who was merged into them, and the way to merge with another."""

from typing import Any

from django.http import HttpRequest

from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base.panels import Panel, register
from customers.models import Customer, CustomerMerge, Twins

SHOWN = 5


def _twins(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Whom the search found like them, and whom they are made of."""
    user = me(request)
    seen = Twins.objects.open().visible_to(user).select_related("one", "other").order_by("-score")
    pairs = [*seen.filter(one=customer)[:SHOWN], *seen.filter(other=customer)[:SHOWN]]
    others = [(twins.other if twins.one_id == customer.pk else twins.one, twins) for twins in pairs]
    merges = CustomerMerge.objects.standing().filter(winner=customer).select_related("loser")
    context = {"customer": customer, "others": others, "merges": merges.order_by("-recorded_at")[:SHOWN]}
    return context | {"may_edit": may(user, Capability.EDIT_CUSTOMERS)}


register(
    "customer", Panel("twins", "customers/merging/_panel.html", _twins, place="side", order=80, is_late=True)
)
