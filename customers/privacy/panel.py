"""The way from a customer's page to what the person may ask of us."""

from typing import Any

from django.http import HttpRequest

from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base.panels import Panel, register
from customers.models import Customer


def _privacy(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    return {"customer": customer} if may(me(request), Capability.EDIT_CUSTOMERS) else None


register(
    "customer",
    Panel("privacy", "customers/privacy/_panel.html", _privacy, place="side", order=90, is_late=True),
)
