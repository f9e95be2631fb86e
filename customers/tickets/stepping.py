"""One step of a ticket: locked, changed, and remembered as the state it came to be in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Arrival, Customer, Ticket, TicketState, TicketStatus, TicketStep
from customers.tickets.targets import promise, read_targets

# What a state says of its ticket.
REMEMBERED = ("type", "priority", "status", "owner_id", "team_id")
Values = Mapping[str, Any]
# Given the locked ticket and the clock: the columns that change. Raises what refuses the step.
Decide = Callable[[Ticket, datetime], Values]


class TicketRefused(ValueError):
    """The ticket is not in a state for this step; the message says what would be possible."""


class StaleTicket(ValueError):
    """Somebody changed the ticket since it was read; `current` is what it is now."""

    def __init__(self, current: Ticket) -> None:
        self.current = current
        super().__init__()


@transaction.atomic
def step(ticket: Ticket, what: TicketStep, decide: Decide, *, by: User | None, note: str = "") -> Ticket:
    """Lock the customer and the ticket, let `decide` say what changes, write it. Returns the ticket as it is now."""
    locked = lock(ticket)
    at = clock.now()
    changes = dict(decide(locked, at))
    if changes or note:
        take(locked, what, changes, at=at, by=by, note=note)
    return locked


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is, locked after its customer."""
    Customer.objects.filter(pk=ticket.customer_id).lock()
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("customer")
    return rows.get(pk=ticket.pk)


def take(
    ticket: Ticket, what: TicketStep, changes: Values, *, at: datetime, by: User | None, note: str = ""
) -> None:
    """Write what changes of a locked ticket. Raises ValidationError (by field)."""
    before = {name: getattr(ticket, name) for name in REMEMBERED}
    put(ticket, changes, at=at)
    if note or before != {name: getattr(ticket, name) for name in REMEMBERED}:
        remember(ticket, what, at=at, by=by, note=note)
    AuditEntry.objects.record(
        f"ticket.{what}", ticket, by=by, customer=ticket.customer_id, fields=sorted(changes)
    )


def put(ticket: Ticket, changes: Values, *, at: datetime) -> None:
    """Save these columns; the clock of the targets runs while the ticket is open, and no longer."""
    was_open = ticket.status == TicketStatus.OPEN
    for name, value in changes.items():
        setattr(ticket, name, value)
    is_open = ticket.status == TicketStatus.OPEN
    if was_open and not is_open:
        ticket.paused_since = at
    if is_open and ticket.paused_since:
        ticket.paused, ticket.paused_since = ticket.paused + (at - ticket.paused_since), None
    if is_open or "priority" in changes:
        promise(ticket, read_targets())
    ticket.changed_at = at
    ticket.full_clean(exclude=["source", "key"], validate_unique=False)
    ticket.save(update_fields=[*changes, "paused", "paused_since", "answer_by", "solve_by", "changed_at"])
    ticket.refresh_from_db(fields=["due_at"])


def remember(ticket: Ticket, what: TicketStep, *, at: datetime, by: User | None, note: str = "") -> None:
    """Write the state the ticket is in as a fact, and have its customer looked at."""
    TicketState.objects.create(
        ticket=ticket,
        customer_id=ticket.customer_id,
        original_customer_id=ticket.customer_id,
        step=what,
        occurred_at=at,
        actor=by,
        note=note,
        **{name: getattr(ticket, name) for name in REMEMBERED},
    )
    Arrival.objects.note([ticket.customer_id], since=at)
