"""Leads by the thousand, with their past: for demo data and imports."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Protocol

from django.db import transaction

from clm.accounts.models import AuditEntry, Organisation, User
from customers.intake.lookups import Rates
from customers.leads.assigning import Free, give_all
from customers.leads.sourcing import note_sources
from customers.models import Arrival, Customer, Lead, LeadState, LeadStatus, LeadStep
from customers.models.lead_state import STEP_TO

CHUNK = 5_000
AFTER = {step: LeadStatus(status) for status, step in STEP_TO.items()}


@dataclass(frozen=True)
class PastLead:
    """A lead and the steps it took after it was opened, in order; LOST needs `lost_reason`."""

    customer_id: int
    opened_at: datetime
    steps: Sequence[tuple[LeadStep, datetime]] = ()
    title: str = ""
    owner_id: int | None = None
    team_id: int | None = None
    channel_id: int | None = None
    value: Decimal | None = None
    currency: str = ""
    next_action: str = ""
    next_action_on: date | None = None
    expected_close_on: date | None = None
    lost_reason: str = ""


def open_many(pasts: Iterable[PastLead], *, by: User | None) -> int:
    """Leads with their states, arrivals and first sights; a transaction for each 5,000. Returns how many."""
    organisation, stream, opened = Organisation.objects.current(), iter(pasts), 0
    while chunk := list(islice(stream, CHUNK)):
        with transaction.atomic():
            open_chunk(chunk, organisation)
            AuditEntry.objects.record("leads.opened", by=by, count=len(chunk))
        opened += len(chunk)
    return opened


def open_chunk(pasts: list[PastLead], organisation: Organisation) -> list[Lead]:
    """In the caller's transaction; the leads in the order of their pasts."""
    rates = Rates(organisation.currency, {past.currency or organisation.currency for past in pasts})
    present = Customer.objects.lock_all_present({past.customer_id for past in pasts})
    pasts = _given([replace(past, customer_id=present[past.customer_id]) for past in pasts])
    leads = Lead.objects.bulk_create(_lead(past, rates, organisation) for past in pasts)
    note_sources(leads)
    states = [state for lead, past in zip(leads, pasts, strict=True) for state in _states(lead, past)]
    LeadState.objects.bulk_create(states, batch_size=CHUNK)
    see_first(pasts)
    return leads


def _given(pasts: list[PastLead]) -> list[PastLead]:
    """The open ones that come with neither owner nor team go to whom the assignment rules choose."""
    free = [past for past in pasts if not past.owner_id and not past.team_id and _is_open(past)]
    if not free:
        return pasts
    whose = {past.customer_id for past in free}
    countries = dict(Customer.objects.filter(pk__in=whose).values_list("pk", "country"))
    reps = give_all([Free(past.customer_id, countries[past.customer_id], past.channel_id) for past in free])
    chosen = {
        id(past): replace(past, owner_id=rep.pk, team_id=rep.team_id)
        for past, rep in zip(free, reps, strict=True)
        if rep
    }
    return [chosen.get(id(past), past) for past in pasts]


def _is_open(past: PastLead) -> bool:
    return not past.steps or past.steps[-1][0] not in (LeadStep.LOST, LeadStep.CONVERTED)


def _lead(past: PastLead, rates: Rates, organisation: Organisation) -> Lead:
    at = dict(past.steps)
    status = AFTER[past.steps[-1][0]] if past.steps else LeadStatus.NEW
    is_over = status in (LeadStatus.WON, LeadStatus.LOST)
    return Lead(
        original_customer_id=past.customer_id,
        status=status,
        contacted_at=at.get(LeadStep.CONTACTED),
        qualified_at=at.get(LeadStep.QUALIFIED) or at.get(LeadStep.PROPOSED),
        closed_at=past.steps[-1][1] if is_over else None,
        conversion={"filled": [], "conflicts": []} if status == LeadStatus.WON else None,
        **(_plain(past) | _priced(past, rates, organisation)),
    )


def _plain(past: PastLead) -> dict[str, Any]:
    left_out = ("steps", "currency")
    last = past.steps[-1][1] if past.steps else past.opened_at
    return {name: value for name, value in vars(past).items() if name not in left_out} | {"changed_at": last}


def _priced(past: PastLead, rates: Rates, organisation: Organisation) -> dict[str, Any]:
    if past.value is None:
        return {"currency": "", "rate": None}
    currency = past.currency or organisation.currency
    return {
        "currency": currency,
        "rate": rates.on(currency, past.opened_at.astimezone(organisation.tz).date()),
    }


def _states(lead: Lead, past: PastLead) -> Iterator[LeadState]:
    """The next action belongs to the last of them."""
    steps = [(LeadStep.OPENED, past.opened_at), *past.steps]
    for number, (what, at) in enumerate(steps, start=1):
        is_last = number == len(steps)
        yield LeadState(
            lead=lead,
            customer_id=lead.customer_id,
            original_customer_id=lead.customer_id,
            step=what,
            status=AFTER.get(what, LeadStatus.NEW),
            occurred_at=at,
            owner_id=lead.owner_id,
            team_id=lead.team_id,
            channel_id=lead.channel_id,
            value=lead.value,
            currency=lead.currency,
            rate=lead.rate,
            next_action=lead.next_action if is_last else "",
            next_action_on=lead.next_action_on if is_last else None,
            expected_close_on=lead.expected_close_on,
            note=lead.lost_reason if what == LeadStep.LOST else "",
            actor_id=lead.owner_id,
        )


class Opened(Protocol):
    """Something of a customer that began at an instant."""

    @property
    def customer_id(self) -> int: ...
    @property
    def opened_at(self) -> datetime: ...


def see_first(pasts: Sequence[Opened]) -> None:
    """Customers are first seen with the first of these at the latest, and looked at anew."""
    earliest: dict[int, datetime] = {}
    for past in pasts:
        earliest[past.customer_id] = min(past.opened_at, earliest.get(past.customer_id, past.opened_at))
    seen_later = Customer.objects.filter(pk__in=earliest).only("pk", "first_seen_at")
    late = [one for one in seen_later if one.first_seen_at > earliest[one.pk]]
    for one in late:
        one.first_seen_at = earliest[one.pk]
    Customer.objects.bulk_update(late, ["first_seen_at"], batch_size=1000)
    Arrival.objects.bulk_create(
        [Arrival(customer_id=pk, since=at) for pk, at in earliest.items()], batch_size=CHUNK
    )
