"""Making a customer from a form: pressing the button twice makes one."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import transaction

from clm.accounts.models import IdempotentAnswer, User
from customers import profiles
from customers.companies import company_named
from customers.models import Customer


@transaction.atomic
def register_once(token: str, *, by: User, values: Mapping[str, Any], company: str) -> Customer:
    """The customer made with this token and these values; a second call waits for the first, and gives the same.

    A form that was gone back to and filled in for somebody else has the same token, so it is no second call.
    Raises what `profiles.register` raises; nothing is kept then, so the token may be used again.
    """
    key = _key(token, values, company)
    IdempotentAnswer.objects.bulk_create(
        [IdempotentAnswer(user=by, key=key, request_hash="")], ignore_conflicts=True
    )
    kept = IdempotentAnswer.objects.select_for_update().get(user=by, key=key)
    if kept.body:
        return Customer.objects.get(pk=kept.body["customer"])
    customer = profiles.register(by=by, values={**values, "company": company_named(company)})
    kept.status, kept.body = 201, {"customer": customer.pk}
    kept.save(update_fields=["status", "body"])
    return customer


def is_registered(token: str, *, by: User, values: Mapping[str, Any], company: str) -> bool:
    """Whether that was done already with this token: a second press asks nothing anew."""
    key = _key(token, values, company)
    return IdempotentAnswer.objects.filter(user=by, key=key, status=201).exists()


def _key(token: str, values: Mapping[str, Any], company: str) -> str:
    return f"customer-new:{token or uuid4()}:{_digest({**values, 'company': company})}"


def _digest(values: Mapping[str, Any]) -> str:
    content = json.dumps(values, default=lambda one: one.pk, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


@transaction.atomic
def change(customer: Customer, *, by: User, values: Mapping[str, Any], company: str, **read: Any) -> Customer:
    """As `profiles.change`, with the company by its name."""
    return profiles.change(customer, by=by, values={**values, "company": company_named(company)}, **read)
