"""Customers whom rules moved to and fro: kept where they are until somebody looks."""

from django.db import transaction

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Arrival, Customer
from lifecycle.models import Parking, Rule

ERROR = "error:"  # how the reason of a parking begins when the rules failed


@transaction.atomic
def release(customer: Customer, parking: int, *, by: User | None) -> bool:
    """Let rules move the customer again, from the next evaluation on. False when somebody did so before."""
    Customer.objects.filter(pk=customer.pk).lock()
    waiting = Parking.objects.filter(pk=parking, customer=customer, released_at=None)
    parked = waiting.select_related("model").first()
    if parked is None:
        return False
    waiting.update(released_at=clock.now())
    Arrival.objects.note([customer.pk], since=BEGINNING)  # facts came while rules kept off
    AuditEntry.objects.record(
        "customer.released", customer, by=by, model=parked.model.slug, reason=parked.reason
    )
    return True


def rules_of(parkings: list[Parking]) -> dict[int, list[Rule]]:
    """The rules that pulled each way, by the parking's id. One query."""
    wanted = {rule for parking in parkings for rule in parking.rules if isinstance(rule, int)}
    rules = Rule.objects.select_related("stage", "version__model").in_bulk(wanted) if wanted else {}
    return {parking.pk: [rules[rule] for rule in parking.rules if rule in rules] for parking in parkings}
