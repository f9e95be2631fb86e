"""Winning a lead: who it may be shown first, then one transaction that fills, keeps what conflicts, and links."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers import profiles
from customers.companies import company_named
from customers.identities import NotAnIdentity, normalise_email, normalise_phone
from customers.leads.sourcing import note_source
from customers.leads.stepping import LeadRefused, lock, put, remember
from customers.models import (
    Arrival,
    Customer,
    Identity,
    Interaction,
    Lead,
    LeadState,
    LeadStatus,
    LeadStep,
    Task,
)
from customers.models.identity import IdentityKind

FILLED = ("name", "first_name", "last_name", "email", "phone", "company", "country", "language")
Given = Mapping[str, str]


@dataclass(frozen=True)
class Conflict:
    """The customer's value, which stays, and the other one that was given."""

    field: str
    kept: str
    given: str


@dataclass(frozen=True)
class Filling:
    """What a conversion puts into empty fields, and what it finds filled otherwise."""

    filled: dict[str, Any] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


@transaction.atomic
def convert(lead: Lead, *, by: User | None, into: Customer | None = None) -> Lead:
    """Win the lead, for its customer or for the one it turned out to be. A second call gives what the first gave.

    Fills only what is empty there, and keeps the other values in `conversion`. The lead and its history follow to
    `into`; the customer it was opened on stays. Raises LeadRefused for a lost lead.
    """
    locked = lock(lead, *([into.pk] if into else []))
    if locked.status == LeadStatus.WON:
        return locked
    if locked.status == LeadStatus.LOST:
        raise LeadRefused(_("The lead is lost. Open it again first."))
    target = Customer.objects.select_related("company").get(pk=into.pk if into else locked.customer_id)
    if target.merged_into_id:
        raise LeadRefused(_("This customer was merged into another. Choose that one."))
    filling = filling_of(locked, target)
    _fill(target, filling, locked, by=by)
    at = clock.now()
    if target.pk != locked.customer_id:
        _follow(locked, target, at=at)
    _win(locked, filling, at=at, by=by)
    return locked


def filling_of(lead: Lead, target: Customer) -> Filling:
    """What converting into this customer would fill, and what it would find in conflict."""
    filling = Filling()
    for name, value in given_of(lead, target).items():
        here = getattr(target, name)
        if here in ("", None):
            if _can_be(name, value, target) and _may_name(name, value, target):
                filling.filled[name] = value
            else:
                filling.conflicts.append(Conflict(name, "", value))
        elif _comparable(str(here)) != _comparable(value):
            filling.conflicts.append(Conflict(name, str(here), value))
    return filling


def given_of(lead: Lead, target: Customer) -> dict[str, str]:
    """What is known of the person from the lead: as they gave it, else as the customer says it was opened on."""
    profile = {} if target.pk == lead.customer_id else _profile(lead.customer)
    given = profile | {name: str(value) for name, value in lead.enquiry.items() if name in FILLED}
    return {name: _normal(name, value, given) for name, value in given.items() if value}


def _profile(customer: Customer) -> dict[str, str]:
    return {name: str(value) for name in FILLED if (value := getattr(customer, name))}


def _normal(name: str, value: str, given: Given) -> str:
    try:
        if name == "email":
            return normalise_email(value)
        return normalise_phone(value, country=given.get("country", "")) if name == "phone" else value
    except NotAnIdentity:
        return value


def _comparable(value: str) -> str:
    return " ".join(value.lower().split())


def _can_be(name: str, value: str, target: Customer) -> bool:
    """Whether the profile takes it: what was typed for a phone number or an address need not be one."""
    try:
        if name == "phone":
            normalise_phone(value, country=target.country)
        elif name == "email":
            normalise_email(value)
        elif name != "company":
            cast("models.Field[Any, Any]", Customer._meta.get_field(name)).clean(value, target)
    except (NotAnIdentity, ValidationError):
        return False
    return True


def _may_name(name: str, value: str, target: Customer) -> bool:
    """An address that names somebody else stays theirs."""
    if name != "email":
        return True
    named = Identity.objects.live().filter(kind=IdentityKind.EMAIL, value=value)
    return not named.exclude(customer=target).exists()


def _fill(target: Customer, filling: Filling, lead: Lead, *, by: User | None) -> None:
    values = dict(filling.filled)
    if "company" in values:
        values["company"] = company_named(values["company"])
    if target.owner_id is None and lead.owner_id:
        values["owner"] = lead.owner
        values |= {"team": lead.team} if target.team_id is None else {}
    if not values:
        return
    try:
        profiles.change(target, by=by, values=values)
    except (
        profiles.IdentityTaken
    ) as error:  # since we looked; asked once more, it is a conflict and stays theirs
        raise LeadRefused(str(error)) from error


def _follow(lead: Lead, target: Customer, *, at: datetime) -> None:
    """The lead and its states belong to the target from the beginning; as known before, they did not."""
    states = list(LeadState.objects.live().filter(lead=lead).order_by("occurred_at", "pk"))
    LeadState.objects.filter(lead=lead).supersede(at=at)
    for state in states:
        state.pk, state._state.adding = None, True
        state.customer, state.recorded_at = target, at
    LeadState.objects.bulk_create(states)
    Arrival.objects.note([lead.customer_id, target.pk], since=lead.opened_at)
    Customer.objects.filter(pk=target.pk, first_seen_at__gt=lead.opened_at).update(
        first_seen_at=lead.opened_at
    )
    for done in Interaction.objects.live().filter(lead=lead):
        done.amend(customer_id=target.pk)
    Task.objects.filter(lead=lead).update(customer=target)
    lead.customer = target
    note_source(lead)


def _win(lead: Lead, filling: Filling, *, at: datetime, by: User | None) -> None:
    result = {
        "filled": sorted(filling.filled),
        "conflicts": [vars(conflict) for conflict in filling.conflicts],
    }
    over = {"status": LeadStatus.WON, "closed_at": at, "changed_at": at, "converted_by": by}
    done = {"next_action": "", "next_action_on": None, "conversion": result, "customer": lead.customer}
    put(lead, over | done)
    remember(lead, LeadStep.CONVERTED, at=at, by=by)
    AuditEntry.objects.record("lead.converted", lead, by=by, customer=lead.customer_id, **result)
