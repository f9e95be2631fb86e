"""The customer that a body or a parameter names, also by the number of somebody merged into it."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from clm.accounts.api import caller
from clm.base.rest.views import ApiView
from customers.models import Customer
from customers.whose import of_customer


def named_customer(request: Request, pk: int, *, field: str = "customer") -> Customer:
    """Of those whom the caller sees. 400 naming the field when there is none."""
    found = Customer.objects.visible_to(caller(request)).became(pk)
    if found is None:
        raise ValidationError({field: [_("There is no such customer.")]})
    return found


def of_the_customer(view: ApiView, *, known_at: datetime | None = None) -> Q:
    """Of rows those of `?customer=`; all when it is not given."""
    pk = view.whole_number("customer")
    return Q() if pk is None else of_customer(pk, known_at=known_at)
