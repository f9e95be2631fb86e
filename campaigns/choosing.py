"""What customers themselves choose: which messages they get, and in which language."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction

from campaigns.stopping import stop
from clm.accounts.models import AuditEntry
from clm.base import clock
from customers import profiles
from customers.merging.consents import SOURCE as MERGED
from customers.merging.consents import last_words
from customers.models import Arrival, Consent, Customer
from customers.models.consent import Purpose


def unsubscribe(customer: Customer, purpose: str, *, proof: Mapping[str, Any]) -> bool:
    """No more messages for this purpose, from this moment on. False when it was so already."""
    return bool(choose(customer, {purpose: False}, proof=proof))


@transaction.atomic
def choose(customer: Customer, wanted: Mapping[str, bool], *, proof: Mapping[str, Any]) -> list[str]:
    """Write down which purposes a customer allows. Returns those that changed.

    Takes the customer's lock, so that what a sender has not handed over by then never leaves. `proof` says how the
    choice reached us; no address of a machine is kept.
    """
    customer = Customer.objects.lock_present(customer.pk)
    at, given = clock.now(), _said(customer)
    changed = {
        purpose: is_given for purpose, is_given in wanted.items() if given.get(purpose) is not is_given
    }
    if not changed:
        return []
    Consent.objects.bulk_create(
        Consent(
            customer=customer,
            original_customer=customer,
            source="preferences",
            key=uuid4().hex,
            purpose=purpose,
            is_given=is_given,
            occurred_at=at,
            proof=dict(proof),
        )
        for purpose, is_given in changed.items()
    )
    Arrival.objects.note([customer.pk], since=at)
    for purpose, is_given in changed.items():
        if not is_given:
            stop(customer, purpose, at=at)
    AuditEntry.objects.record("customer.chose", customer, by=None, choices=changed, **dict(proof))
    return list(changed)


def allowed(customer: Customer) -> dict[str, bool]:
    """The last word on each purpose; a purpose nobody was asked about is not there."""
    return last_words(customer.pk)


def _said(customer: Customer) -> dict[str, bool]:
    """Without what only a merge says: its undoing takes that back, and the customer's own word has to stay."""
    words = Consent.objects.filter(customer=customer).last_words()
    return {last.purpose: last.is_given for last in words if last.source != MERGED}


def choose_language(customer: Customer, language: str) -> None:
    if customer.language != language and not customer.erased_at:
        profiles.change(customer, by=None, values={"language": language})


PURPOSES = tuple(Purpose.values)
