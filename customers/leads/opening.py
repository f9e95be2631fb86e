"""Opening a lead: on a customer there is, or on somebody new. A person is one customer for life."""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, IdempotentAnswer, Role, User
from clm.base import clock
from customers import profiles
from customers.companies import company_named
from customers.identities import NotAnIdentity, normalise_email
from customers.leads.assigning import Given, give
from customers.leads.pursuing import EDITABLE, clean, cleaned
from customers.leads.sourcing import note_source
from customers.leads.stepping import Values, priced, remember
from customers.models import Customer, Identity, Lead, LeadStep
from customers.models.identity import IdentityKind

# What is kept of a person as they gave it: fields of a profile, the company by name.
PERSON = ("name", "first_name", "last_name", "email", "phone", "company", "country", "language")


@transaction.atomic
def open_lead(
    *,
    by: User | None,
    values: Values,
    customer: Customer | None = None,
    person: Values | None = None,
    note: str = "",
) -> Lead:
    """A new lead on this customer; without one on the customer that the person's e-mail names, else on a new one.

    With neither "owner" nor a team in `values` the assignment rules choose (see `assigning`). Raises ValidationError (by field), and IdentityTaken when the e-mail names a customer `by` may not see.
    """
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    enquiry = _enquiry(person or {})
    whose = customer or _customer_of(enquiry, by=by)
    whose = Customer.objects.lock_present(whose.pk)
    profiles.refuse_erased(whose)
    given = _given(by, values, whose)
    lead = Lead(
        customer=whose,
        original_customer=whose,
        enquiry=enquiry,
        **(_defaults(by, values, given) | cleaned(values)),
    )
    lead.opened_at = lead.changed_at = at = clock.now()
    lead.currency, lead.rate = priced(lead)
    lead.full_clean()
    lead.save(force_insert=True)
    lead.refresh_from_db()
    note_source(lead)
    remember(lead, LeadStep.OPENED, at=at, by=by, note=clean(note))
    AuditEntry.objects.record("lead.opened", lead, by=by, customer=whose.pk)
    if given:
        given.record(lead, by=by)
    return lead


def open_once(token: str, *, by: User, asked: Any, make: Callable[[], Lead]) -> Lead:
    """The lead made for this token and what was `asked` with it; a second call waits for the first, and gives the same."""
    content = json.dumps(asked, default=_plain, sort_keys=True)
    key = f"lead-new:{token or uuid4()}:{hashlib.sha256(content.encode()).hexdigest()}"
    with transaction.atomic():
        IdempotentAnswer.objects.bulk_create(
            [IdempotentAnswer(user=by, key=key, request_hash="")], ignore_conflicts=True
        )
        kept = IdempotentAnswer.objects.select_for_update().get(user=by, key=key)
        if kept.body:
            return Lead.objects.get(pk=kept.body["lead"])
        lead = make()
        kept.status, kept.body = 201, {"lead": lead.pk}
        kept.save(update_fields=["status", "body"])
    return lead


def _plain(value: object) -> object:
    return value.pk if isinstance(value, models.Model) else str(value)


def _enquiry(person: Values) -> dict[str, str]:
    unknown = person.keys() - set(PERSON)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    return {name: text for name, value in person.items() if (text := clean(str(value or ""), name))}


def _given(by: User | None, values: Values, whose: Customer) -> Given | None:
    """By a rule, when nobody was named: neither a person nor a team, nor the rep who opens it."""
    if "owner" in values or values.get("team") or (by and by.role == Role.REP):
        return None
    return give(whose, values.get("channel"))


def _defaults(by: User | None, values: Values, given: Given | None) -> dict[str, Any]:
    """A rep's lead is theirs; a lead is of its owner's team."""
    theirs = by if by and by.is_restricted else None
    owner = values.get("owner", given.rep if given else theirs)
    return {"owner": owner, "team": owner.team if owner else None}


def _customer_of(enquiry: Values, *, by: User | None) -> Customer:
    try:
        return _known_by_email(enquiry, by=by) or _registered(enquiry, by=by)
    except profiles.IdentityTaken as taken:
        if taken.field != "email" or not _sees(by, taken.holder):
            raise
        return taken.holder  # somebody was quicker


def _known_by_email(enquiry: Values, *, by: User | None) -> Customer | None:
    try:
        email = normalise_email(str(enquiry.get("email", "")))
    except NotAnIdentity:
        return None
    named = Identity.objects.live().filter(kind=IdentityKind.EMAIL, value=email)
    holder = Customer.objects.filter(pk__in=named.values("customer")).first()
    if holder and not _sees(by, holder):
        raise profiles.IdentityTaken("email", holder)
    return holder


def _sees(by: User | None, customer: Customer) -> bool:
    return by is None or Customer.objects.visible_to(by).filter(pk=customer.pk).exists()


def _registered(enquiry: Values, *, by: User | None) -> Customer:
    if not any(enquiry.get(name) for name in ("name", "first_name", "last_name", "email", "phone")):
        raise ValidationError({"name": _("Give at least a name, an e-mail address or a phone number.")})
    profile = {name: value for name, value in enquiry.items() if name != "company"}
    return profiles.register(
        by=by, values=profile | {"company": company_named(str(enquiry.get("company", "")))}
    )
