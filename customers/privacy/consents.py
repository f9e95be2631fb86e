"""Saying for a customer what they allow: an entry of the ledger, with its proof."""

from datetime import datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival, Consent, Customer
from customers.models.consent import LONGEST_PROOF, Purpose

SOURCE = "by-hand"


@transaction.atomic
def say(
    customer: Customer,
    *,
    purpose: str,
    is_given: bool,
    by: User | None,
    proof: str,
    text_version: str = "",
    at: datetime | None = None,
) -> Consent:
    """Given or withdrawn, and how we know. In force from then on; a message not yet handed over asks again.

    Raises ValidationError (by field): consent without proof is none, and nobody consents tomorrow.
    """
    Customer.objects.filter(pk=customer.pk).lock()
    now = clock.now()
    proof = proof.strip()
    if purpose not in Purpose.values:
        raise ValidationError({"purpose": _("There is no such purpose.")})
    if is_given and not proof:
        raise ValidationError(
            {"proof": _("Say how we know: where and when it was given, and in which words.")}
        )
    if len(proof) > LONGEST_PROOF:
        raise ValidationError({"proof": _("At most 1,000 characters.")})
    if at is not None and at > now:
        raise ValidationError({"at": _("This is in the future. Give the moment when it was said.")})
    said = Consent.objects.create(
        customer=customer,
        original_customer=customer,
        source=SOURCE,
        key=uuid4().hex,
        purpose=purpose,
        is_given=is_given,
        text_version=text_version.strip(),
        proof={"said": proof} if proof else {},
        occurred_at=at or now,
    )
    Arrival.objects.note([customer.pk], since=said.occurred_at)
    AuditEntry.objects.record("consent.recorded", customer, by=by, purpose=purpose, is_given=is_given)
    return said
