"""Tickets by the thousand, with their past: from other systems, and for demo data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clm.accounts.models import User
from customers.leads.opening_many import see_first
from customers.models import Customer, Priority, Ticket, TicketState, TicketStatus, TicketStep, TicketType
from customers.models.tickets.words import OPEN
from customers.tickets.targets import Targets, promise, read_targets

CHUNK = 5_000


@dataclass(frozen=True)
class PastTicket:
    """What became of it since `opened_at`. What can't be is put right: nothing comes before the opening."""

    customer_id: int
    opened_at: datetime
    source: str
    key: str
    subject: str
    text: str = ""
    type: str = TicketType.QUESTION
    priority: str = Priority.NORMAL
    status: str = ""
    note: str = ""
    owner_id: int | None = None
    team_id: int | None = None
    first_answered_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_now(self) -> TicketStatus:
        """As it says, else as its instants do."""
        told = (
            TicketStatus.CLOSED
            if self.closed_at
            else TicketStatus.SOLVED
            if self.solved_at
            else TicketStatus.OPEN
        )
        return TicketStatus(self.status) if self.status else told


def open_chunk(pasts: Sequence[PastTicket], *, by: User | None) -> list[Ticket]:
    """In the caller's transaction, which holds the locks of customers there were; in the order of their pasts."""
    targets = read_targets()
    firsts = Customer.objects.filter(pk__in={past.customer_id for past in pasts}).select_related(
        "owner__team"
    )
    whose = firsts.in_bulk()
    tickets = Ticket.objects.bulk_create(
        (_ticket(past, whose[past.customer_id], targets) for past in pasts), batch_size=CHUNK
    )
    states = [
        state for ticket, past in zip(tickets, pasts, strict=True) for state in _states(ticket, past, by)
    ]
    TicketState.objects.bulk_create(states, batch_size=CHUNK)
    see_first(pasts)
    return tickets


def _ticket(past: PastTicket, customer: Customer, targets: Targets) -> Ticket:
    owner, team = _whose(past, customer)
    ticket = Ticket(
        original_customer_id=past.customer_id,
        company_id=customer.company_id,
        **{name: value for name, value in vars(past).items() if name not in ("note", "owner_id", "team_id")}
        | {"status": past.is_now, "owner_id": owner, "team_id": team}
        | _instants(past),
    )
    promise(ticket, targets)
    if ticket.first_answered_at:  # what had been promised then
        unanswered = Ticket(opened_at=past.opened_at, priority=past.priority, paused=timedelta())
        promise(unanswered, targets)
        ticket.answer_by = unanswered.answer_by
    return ticket


def _whose(past: PastTicket, customer: Customer) -> tuple[int | None, int | None]:
    owner = customer.owner if customer.owner and customer.owner.is_active else None
    if past.owner_id is None and past.team_id is None and owner:
        return owner.pk, owner.team_id or customer.team_id
    return past.owner_id, past.team_id or customer.team_id


def _instants(past: PastTicket) -> dict[str, Any]:
    """In their order, and only those that its status has."""
    status, opened = past.is_now, past.opened_at
    answered = max(past.first_answered_at, opened) if past.first_answered_at else None
    if status == TicketStatus.WAITING:
        answered = answered or opened
    solved, closed = None, None
    if status not in OPEN:
        solved = max(past.solved_at or past.closed_at or opened, answered or opened)
        closed = max(past.closed_at or solved, solved) if status == TicketStatus.CLOSED else None
        answered = answered or (solved if past.solved_at or status == TicketStatus.SOLVED else None)
        solved = solved if past.solved_at or status == TicketStatus.SOLVED else None
    paused = None if status == TicketStatus.OPEN else solved or closed or answered
    last = max(filter(None, (opened, answered, solved, closed)))
    return {
        "first_answered_at": answered,
        "solved_at": solved,
        "closed_at": closed,
        "paused_since": paused,
        "changed_at": last,
    }


def _states(ticket: Ticket, past: PastTicket, by: User | None) -> Iterator[TicketState]:
    """The note belongs to the last of them."""
    steps = [
        (TicketStep.OPENED, TicketStatus.OPEN, ticket.opened_at),
        (TicketStep.ANSWERED, _when_answered(ticket), ticket.first_answered_at),
        (TicketStep.SOLVED, TicketStatus.SOLVED, ticket.solved_at),
        (TicketStep.CLOSED, TicketStatus.CLOSED, ticket.closed_at),
    ]
    taken = [(what, status, at) for what, status, at in steps if at is not None]
    if ticket.first_answered_at == ticket.solved_at is not None:  # the solution was the answer
        taken = [one for one in taken if one[0] != TicketStep.ANSWERED]
    for number, (what, status, at) in enumerate(taken, start=1):
        yield TicketState(
            ticket=ticket,
            customer_id=ticket.customer_id,
            original_customer_id=ticket.customer_id,
            step=what,
            type=ticket.type,
            priority=ticket.priority,
            status=status,
            owner_id=ticket.owner_id,
            team_id=ticket.team_id,
            occurred_at=at,
            note=past.note if number == len(taken) else "",
            actor=by,
        )


def _when_answered(ticket: Ticket) -> TicketStatus:
    return TicketStatus.WAITING if ticket.status == TicketStatus.WAITING else TicketStatus.OPEN
