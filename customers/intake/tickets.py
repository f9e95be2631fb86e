"""The kind tickets: opened with the past that another system tells, or changed by the verbs of a person."""

from datetime import datetime
from functools import partial
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import Team, User
from customers.intake import lookups
from customers.intake import reading as read
from customers.intake.batch import Batch, Outcome, What
from customers.intake.factual import OWNER, TEAM, WHO, key
from customers.intake.kinds import Field, Kind, Row
from customers.intake.pursued import change_each, give_customers, last_of_each_key
from customers.intake.things import count
from customers.models import Priority, Ticket, TicketStatus, TicketType
from customers.models.tickets.ticket import LONGEST_TEXT
from customers.tickets import handling
from customers.tickets.opening_many import PastTicket, open_chunk
from customers.tickets.stepping import TicketRefused

PLAIN = ("subject", "text", "type", "priority", "owner_id", "team_id")
TIMES = ("first_answered_at", "solved_at", "closed_at")


def write_tickets(batch: Batch) -> None:
    """In the order of the rows; one ticket named twice is what its last row says."""
    if batch.written_by:  # nothing remembers what it did, so it could not be undone
        batch.refuse([(row, "", _("Tickets come through the API, not from a file.")) for row in batch.rows])
    lookups.put_owners_and_teams(batch)
    known = _known(batch)
    nameless = [row for row in batch.rows if row.key not in known and not row.values.get("subject")]
    batch.refuse([(row, "subject", _("A new ticket needs a subject.")) for row in nameless])
    rows = last_of_each_key(batch)
    outcomes = _open(batch, [row for row in rows if row.key not in known])
    again = [(row, known[row.key]) for row in rows if row.key in known]
    outcomes += change_each(batch, again, partial(_changed, batch), refused=TicketRefused)
    count(batch, outcomes)


def _known(batch: Batch) -> dict[str, Ticket]:
    named = Ticket.objects.filter(source=batch.source, key__in={row.key for row in batch.rows})
    return {ticket.key: ticket for ticket in named.select_related("customer")}


def _open(batch: Batch, rows: list[Row]) -> list[Outcome]:
    if not rows:
        return []
    give_customers(batch, rows)
    tickets = open_chunk([_past(batch.source, row) for row in rows], by=batch.by)
    return [Outcome(row.number, "added", one.pk) for row, one in zip(rows, tickets, strict=True)]


def _past(source: str, row: Row) -> PastTicket:
    given = {name: row.values[name] for name in (*PLAIN, *TIMES, "status", "note") if name in row.values}
    return PastTicket(row.customer_id, cast(datetime, row.earliest), source, row.key, **cast(Any, given))


def _changed(batch: Batch, row: Row, ticket: Ticket) -> What:
    given = {name: row.values[name] for name in PLAIN if name in row.values}
    differing = {name: value for name, value in given.items() if getattr(ticket, name) != value}
    status = str(row.values.get("status", ticket.status))
    moves = status != ticket.status and not ticket.merged_into_id
    if differing:
        ticket = handling.change(ticket, by=batch.by, values=_as_objects(differing))
    if moves:
        _move(ticket, status, note=str(row.values.get("note", "")), by=batch.by)
    return "amended" if differing or moves else "unchanged"


def _as_objects(values: dict[str, Any]) -> dict[str, Any]:
    models: dict[str, Any] = {"owner_id": User, "team_id": Team}
    return {
        name.removesuffix("_id"): models[name].objects.get(pk=value) if name in models else value
        for name, value in values.items()
    }


def _move(ticket: Ticket, status: str, *, note: str, by: User | None) -> None:
    if status in (TicketStatus.WAITING, TicketStatus.SOLVED) and not ticket.is_open:
        ticket = handling.reopen(ticket, by=by)
    verbs = {
        TicketStatus.OPEN: handling.reopen,
        TicketStatus.WAITING: handling.answered,
        TicketStatus.SOLVED: handling.solve,
        TicketStatus.CLOSED: handling.close,
    }
    verbs[TicketStatus(status)](ticket, by=by, note=note)


TICKETS = Kind(
    "tickets",
    gettext_lazy("Tickets"),
    (
        key(gettext_lazy("Ticket id"), "ticket_id", "ticket", "id"),
        *WHO,
        Field("person", gettext_lazy("Customer's name"), read.text(200)),
        Field("subject", gettext_lazy("Subject"), read.text(200)),
        Field("text", gettext_lazy("Text"), read.text(LONGEST_TEXT)),
        Field("type", gettext_lazy("Type"), read.one_of(TicketType.values)),
        Field("priority", gettext_lazy("Priority"), read.one_of(Priority.values)),
        Field("status", gettext_lazy("Status"), read.one_of(TicketStatus.values)),
        Field("note", gettext_lazy("What was answered"), read.text(LONGEST_TEXT)),
        OWNER,
        TEAM,
        Field("opened_at", gettext_lazy("Opened"), read.instant),
        Field("first_answered_at", gettext_lazy("First answered"), read.instant),
        Field("solved_at", gettext_lazy("Solved"), read.instant),
        Field("closed_at", gettext_lazy("Closed"), read.instant),
    ),
    write_tickets,
    by_file=False,
)
