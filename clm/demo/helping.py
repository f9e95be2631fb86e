"""What customers asked for in the last weeks: tickets, most of them solved, a few open, one or the other late."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from clm.accounts.models import Role, User
from clm.demo import SOURCE, staff
from clm.demo.loading import customer_ids
from customers.models import Customer, Priority, Ticket, TicketStatus, TicketType
from customers.tickets.opening_many import PastTicket, open_chunk

Row = dict[str, object]
LATELY = timedelta(days=45)
EVERY = 9  # orders
ASKED: tuple[tuple[str, str, str, str], ...] = (
    (
        TicketType.QUESTION,
        Priority.NORMAL,
        "Which grind for a French press?",
        "I have a new press, and no grinder.",
    ),
    (TicketType.PROBLEM, Priority.HIGH, "The parcel has not come", "It should have been here on Tuesday."),
    (
        TicketType.COMPLAINT,
        Priority.HIGH,
        "A bag was torn open",
        "Half of the beans were in the box, not in the bag.",
    ),
    (TicketType.QUESTION, Priority.LOW, "Is there a refill without the tin?", "We have three tins by now."),
    (TicketType.PROBLEM, Priority.NORMAL, "Wrong address on the invoice", "Our office moved in spring."),
    (
        TicketType.PROBLEM,
        Priority.URGENT,
        "No coffee for the Monday meeting",
        "Forty people, nothing delivered.",
    ),
    (TicketType.COMPLAINT, Priority.NORMAL, "The last roast tastes burnt", "The one before was excellent."),
)
ANSWERS = (
    "Sent a new parcel today.",
    "Wrote back with our guide to grinding.",
    "Corrected it, and apologised.",
)


@transaction.atomic
def bring_tickets(orders: Sequence[Row], until: datetime, seed: int) -> None:
    """Once: where there are tickets already, nothing happens."""
    lately = [row for row in orders if row["occurred_at"] > until - LATELY]  # type: ignore[operator]
    if Ticket.objects.exists() or not lately:
        return
    ids = customer_ids()
    owners = dict(Customer.objects.filter(owner__isnull=False).values_list("pk", "owner"))
    manager = User.objects.get(email=next(one.email for one in staff.STAFF if one.role == Role.MANAGER))
    pasts = [
        _past(number, ids[str(row["customer"])], row["occurred_at"], until, Random(f"{seed}/ticket/{number}"))  # type: ignore[arg-type]
        for number, row in enumerate(lately)
        if number % EVERY == 0
    ]
    open_chunk([_given(one, owners, manager.pk) for one in pasts], by=None)


def _past(number: int, customer: int, ordered_at: datetime, until: datetime, rng: Random) -> PastTicket:
    kind, priority, subject, text = ASKED[rng.randrange(len(ASKED))]
    opened = min(
        ordered_at + timedelta(hours=rng.uniform(2, 70)), until - timedelta(hours=rng.uniform(1, 30))
    )
    answered = opened + timedelta(hours=rng.lognormvariate(1.6, 1.0))
    solved = answered + timedelta(hours=rng.lognormvariate(2.8, 0.9))
    told = dict(_how_far(opened, answered, solved, until, rng))
    return PastTicket(
        customer,
        opened.replace(microsecond=0),
        SOURCE,
        f"H-{number}",
        subject,
        text,
        kind,
        priority,
        **told,  # type: ignore[arg-type]
    )


def _how_far(
    opened: datetime, answered: datetime, solved: datetime, until: datetime, rng: Random
) -> Iterator[tuple[str, object]]:
    """Some of the last two weeks are still unanswered, or wait for the customer."""
    is_fresh = opened > until - timedelta(days=14)
    if answered >= until or (is_fresh and rng.random() < 0.12):
        yield "status", TicketStatus.OPEN
        return
    yield "first_answered_at", answered.replace(microsecond=0)
    yield "note", rng.choice(ANSWERS)
    if solved >= until or (is_fresh and rng.random() < 0.25):
        yield "status", TicketStatus.WAITING if rng.random() < 0.6 else TicketStatus.OPEN
        return
    yield "solved_at", solved.replace(microsecond=0)
    yield "status", TicketStatus.SOLVED


def _given(past: PastTicket, owners: Mapping[int, int | None], manager: int) -> PastTicket:
    """To whoever looks after the customer; of the others the manager has every second."""
    owner = owners.get(past.customer_id) or (manager if int(past.key[2:]) // EVERY % 2 else None)
    return replace(past, owner_id=owner)
