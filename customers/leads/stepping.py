"""One step of a lead: locked, changed, and remembered as the state it came to be in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from customers.intake.lookups import Rates
from customers.leads.sourcing import note_source
from customers.models import Arrival, Customer, Lead, LeadState, LeadStep

LARGEST = 10**12  # what an amount in the reporting currency holds
# What a state says of its lead.
REMEMBERED = (
    "status",
    "place_id",
    "owner_id",
    "team_id",
    "channel_id",
    "value",
    "currency",
    "rate",
    "next_action",
    "next_action_on",
    "expected_close_on",
)
Values = Mapping[str, Any]
# Given the locked lead and the clock: the columns that change. Raises what refuses the step.
Decide = Callable[[Lead, datetime], Values]


class LeadRefused(ValueError):
    """The lead is not in a state for this step; the message says what would be possible."""


class StaleLead(ValueError):
    """Somebody changed the lead since it was read; `current` is what it is now."""

    def __init__(self, current: Lead) -> None:
        self.current = current
        super().__init__()


@transaction.atomic
def step(
    lead: Lead,
    what: LeadStep | Callable[[Lead], LeadStep],
    decide: Decide,
    *,
    by: User | None,
    note: str = "",
) -> Lead:
    """Lock the customer and the lead, let `decide` say what changes, write it. Returns the lead as it is now."""
    locked = lock(lead)
    at = clock.now()
    what = what if isinstance(what, LeadStep) else what(locked)
    before = {name: getattr(locked, name) for name in REMEMBERED}
    changes = dict(decide(locked, at))
    if not changes and not note:
        return locked
    put(locked, changes | {"changed_at": at})
    if "channel" in changes:
        note_source(locked)
        Arrival.objects.note([locked.customer_id], since=locked.opened_at)
    if note or before != {name: getattr(locked, name) for name in REMEMBERED}:
        remember(locked, what, at=at, by=by, note=note)
    AuditEntry.objects.record(f"lead.{what}", locked, by=by, fields=sorted(changes))
    return locked


def lock(lead: Lead, *also: int) -> Lead:
    """The lead as it is, locked after its customer and those that `also` names, in id order."""
    Customer.objects.filter(pk__in=[lead.customer_id, *also]).lock()
    return Lead.objects.select_for_update(of=("self",)).select_related("customer").get(pk=lead.pk)


def put(lead: Lead, changes: Values) -> None:
    """Save these columns; the rate follows value and currency. Raises ValidationError (by field)."""
    for name, value in changes.items():
        setattr(lead, name, value)
    if {"value", "currency"} & changes.keys():
        lead.currency, lead.rate = priced(lead)
    lead.full_clean()
    lead.save(update_fields=[*changes, "currency", "rate"])


def priced(lead: Lead) -> tuple[str, Any]:
    """The currency of the lead's value, the reporting one unless named, and its rate of today."""
    if lead.value is None:
        return "", None
    reporting = Organisation.objects.current().currency
    currency = lead.currency or reporting
    rate = Rates(reporting, {currency}).on(currency, localdate())
    if rate is not None and lead.value * rate >= LARGEST:
        raise ValidationError({"value": _("The value is too large.")})
    return currency, rate


def remember(lead: Lead, what: LeadStep, *, at: datetime, by: User | None, note: str = "") -> None:
    """Write the state the lead is in as a fact, and have its customer looked at."""
    LeadState.objects.create(
        lead=lead,
        customer_id=lead.customer_id,
        original_customer_id=lead.customer_id,
        step=what,
        occurred_at=at,
        actor=by,
        note=note,
        **{name: getattr(lead, name) for name in REMEMBERED},
    )
    Arrival.objects.note([lead.customer_id], since=at)
