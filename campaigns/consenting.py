"""A customer's yes and no to messages. A no is in force before the answer to it is on its way."""

import time
from collections.abc import Mapping
from uuid import uuid4

from django.db import transaction

from campaigns.leaving import cancel, end_runs
from campaigns.models import Enrollment, Message, MessageState, Outcome, Reason
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival, Consent, Customer
from customers.models.consent import Purpose

# Longest wait for a mail that was already on the wire when the no came.
PATIENCE_SECONDS = 10.0


def withdraw(
    customer: Customer,
    purpose: str = Purpose.MARKETING,
    *,
    source: str = "unsubscribe",
    proof: Mapping[str, str | int] | None = None,
    by: User | None = None,
) -> bool:
    """No more messages of this purpose. False when it was no already; what waits is settled all the same.

    Returns when no sender is handing one over any more: a mail later than that is a broken promise.
    """
    changed = _withdraw(customer, purpose, source, proof or {}, by)
    _await_those_on_the_wire(customer, purpose)
    return changed


@transaction.atomic
def _withdraw(
    customer: Customer, purpose: str, source: str, proof: Mapping[str, str | int], by: User | None
) -> bool:
    Customer.objects.filter(pk=customer.pk).lock()
    changed = _say(customer, purpose, False, source=source, proof=proof, by=by)
    at = clock.now()
    runs = Enrollment.objects.filter(
        customer=customer, campaign__purpose=purpose, version__leaves_on_unsubscribe=True
    )
    end_runs(runs, Outcome.UNSUBSCRIBED, at=at)
    messages = Message.objects.filter(customer=customer, purpose=purpose)
    cancel(messages, Reason.UNSUBSCRIBED, at=at)
    messages.filter(state=MessageState.HANDING).update(reason=Reason.UNSUBSCRIBED)
    return changed


@transaction.atomic
def give(
    customer: Customer,
    purpose: str = Purpose.MARKETING,
    *,
    source: str = "preferences",
    proof: Mapping[str, str | int] | None = None,
    by: User | None = None,
) -> bool:
    """Messages of this purpose are welcome. False when they were already."""
    Customer.objects.filter(pk=customer.pk).lock()
    return _say(customer, purpose, True, source=source, proof=proof or {}, by=by)


def agrees(customer: Customer, purpose: str = Purpose.MARKETING) -> bool | None:
    """The customer's last word; None when there was none."""
    said = Consent.objects.live().filter(customer=customer, purpose=purpose)
    return said.order_by("-occurred_at", "-pk").values_list("is_given", flat=True).first()


def _say(
    customer: Customer,
    purpose: str,
    is_given: bool,
    *,
    source: str,
    proof: Mapping[str, str | int],
    by: User | None,
) -> bool:
    if agrees(customer, purpose) is is_given:
        return False
    at = clock.now()
    Consent.objects.create(
        customer=customer,
        original_customer=customer,
        purpose=purpose,
        is_given=is_given,
        source=source,
        key=uuid4().hex,
        occurred_at=at,
        proof=dict(proof),
    )
    Arrival.objects.note([customer.pk], since=at)
    action = "consent.given" if is_given else "consent.withdrawn"
    AuditEntry.objects.record(action, customer, by=by, purpose=purpose, source=source)
    return True


def _await_those_on_the_wire(customer: Customer, purpose: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    on_the_wire = Message.objects.filter(customer=customer, purpose=purpose, state=MessageState.HANDING)
    while on_the_wire.filter(lease_until__gt=clock.now()).exists() and time.monotonic() < until:
        time.sleep(0.02)
