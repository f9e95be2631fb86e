"""What a new organisation does first, worked out from the data it has."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.base.context import address
from customers.models import Customer, Order
from lifecycle.models import LifecycleModel, StagePeriod


@dataclass(frozen=True)
class FirstStep:
    title: str | Promise
    text: str | Promise
    action: str | Promise
    href: str
    is_done: bool
    is_allowed: bool


def first_steps(user: User) -> list[FirstStep]:
    """In order. Each has its own button; one that the user's role does not allow says so."""
    has_customers = Customer.objects.exists()
    has_stages = StagePeriod.objects.live().filter(model__in=LifecycleModel.objects.running()).exists()
    return [
        FirstStep(
            _("Bring in your customers and orders"),
            _("A CSV file of orders is enough: one row for each order, with who, when and how much."),
            _("Import a file"),
            address("import-new"),
            is_done=has_customers and Order.objects.exists(),
            is_allowed=may(user, Capability.IMPORT),
        ),
        FirstStep(
            _("Choose your lifecycle model"),
            _("The stage history of every customer is then worked out as it would have been."),
            _("Choose a model"),
            address("lifecycle-models"),
            is_done=has_stages,
            is_allowed=may(user, Capability.EDIT_MODELS),
        ),
    ]
