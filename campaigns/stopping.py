"""What a customer's no does to messages. It is in force before the answer to it is on its way."""

import time
from datetime import datetime

from django.db import transaction

from campaigns.leaving import cancel, end_runs
from campaigns.models import Enrollment, Message, MessageState, Outcome, Reason
from clm.base import clock
from customers.models import Customer

# Longest wait for a mail that was already on the wire when the no came.
PATIENCE_SECONDS = 10.0


@transaction.atomic
def stop(customer: Customer, purpose: str, *, at: datetime) -> None:
    """Settle what waits for this purpose, and end the runs that are to end with it.

    Call in the transaction that writes the no, under the customer's lock. Its commit returns when no sender is
    handing one over any more: a mail later than that would be a broken promise.
    """
    runs = Enrollment.objects.filter(customer=customer, campaign__purpose=purpose)
    end_runs(runs.filter(version__leaves_on_unsubscribe=True), Outcome.UNSUBSCRIBED, at=at)
    messages = Message.objects.filter(customer=customer, purpose=purpose)
    cancel(messages, Reason.UNSUBSCRIBED, at=at)
    messages.filter(state=MessageState.HANDING).update(reason=Reason.UNSUBSCRIBED)
    transaction.on_commit(lambda: _await_those_on_the_wire(customer, purpose))


def _await_those_on_the_wire(customer: Customer, purpose: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    on_the_wire = Message.objects.filter(customer=customer, purpose=purpose, state=MessageState.HANDING)
    while on_the_wire.filter(lease_until__gt=clock.now()).exists() and time.monotonic() < until:
        time.sleep(0.02)
