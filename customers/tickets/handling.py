"""What is done with a ticket until it is solved or closed. The verbs behind pages and API.

All lock the customer, then the ticket; all raise TicketRefused when the ticket is not in a state for it, and
ValidationError (by field).
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import Team, User
from clm.base import clock
from customers.leads.pursuing import clean
from customers.models import Customer, Ticket, TicketStatus, TicketStep
from customers.models.tickets.ticket import LONGEST_TEXT
from customers.models.tickets.words import OPEN
from customers.tasks_doing import refuse_stranger
from customers.tickets.stepping import StaleTicket, TicketRefused, Values, lock, step, take

EDITABLE = ("subject", "text", "type", "priority", "owner", "team")


def answer(ticket: Ticket, *, by: User | None, note: str, waits: bool = True) -> Ticket:
    """The customer was answered, as `note` has it; the ticket waits for them unless there is more to do here."""
    if not written(note):
        raise ValidationError({"note": _("Write what was answered.")})
    return answered(ticket, by=by, note=note, waits=waits)


def answered(ticket: Ticket, *, by: User | None, note: str = "", waits: bool = True) -> Ticket:
    """As `answer`, where nobody knows the words: another system says so."""

    def decide(ticket: Ticket, at: datetime) -> Values:
        _refuse_settled(ticket)
        status = TicketStatus.WAITING if waits else TicketStatus.OPEN
        return {"status": status, **_answered(ticket, at)}

    return step(ticket, TicketStep.ANSWERED, decide, by=by, note=written(note))


def solve(ticket: Ticket, *, by: User | None, note: str = "") -> Ticket:
    """The customer has what they asked for; telling them so was an answer."""

    def decide(ticket: Ticket, at: datetime) -> Values:
        _refuse_settled(ticket)
        return {"status": TicketStatus.SOLVED, "solved_at": at, **_answered(ticket, at)}

    return step(ticket, TicketStep.SOLVED, decide, by=by, note=written(note))


def close(ticket: Ticket, *, by: User | None, note: str = "") -> Ticket:
    """Nothing more is to be done: solved for good, or nothing that can be solved."""

    def decide(ticket: Ticket, at: datetime) -> Values:
        if ticket.status == TicketStatus.CLOSED:
            raise TicketRefused(_("The ticket is closed already."))
        return {"status": TicketStatus.CLOSED, "closed_at": at}

    return step(ticket, TicketStep.CLOSED, decide, by=by, note=written(note))


def reopen(ticket: Ticket, *, by: User | None, note: str = "") -> Ticket:
    """The customer came back to it: it is ours to act on again."""

    def decide(ticket: Ticket, at: datetime) -> Values:
        if ticket.status == TicketStatus.OPEN:
            raise TicketRefused(_("The ticket is open already."))
        return {"status": TicketStatus.OPEN, "solved_at": None, "closed_at": None, "merged_into": None}

    return step(ticket, TicketStep.REOPENED, decide, by=by, note=written(note))


def change(
    ticket: Ticket, *, by: User | None, values: Values, expected: datetime | None = None, note: str = ""
) -> Ticket:
    """Give fields new values. `expected` is the `changed_at` that was read; StaleTicket tells who came too late."""

    def decide(ticket: Ticket, at: datetime) -> Values:
        if expected is not None and ticket.changed_at != expected:
            raise StaleTicket(ticket)
        wanted = cleaned(ticket.customer, values, is_new_owner=_is_new(ticket))
        return {name: value for name, value in wanted.items() if getattr(ticket, name) != value}

    return step(ticket, TicketStep.CHANGED, decide, by=by, note=written(note))


def assign(ticket: Ticket, *, by: User | None, owner: User | None, team: Team | None = None) -> Ticket:
    """Give it to somebody; the team is theirs unless another is named."""
    theirs = team or (owner.team if owner else None) or ticket.team
    return change(ticket, by=by, values={"owner": owner, "team": theirs})


def take_back(ticket: Ticket, *, by: User | None, before: Values) -> Ticket:
    """Give it the columns that it had `before` something that was not meant. The time of its targets stood still
    while it was not open.
    """

    def decide(ticket: Ticket, at: datetime) -> Values:
        return {name: value for name, value in before.items() if getattr(ticket, name) != value}

    is_open_again = before["status"] in OPEN and not ticket.is_open
    what = TicketStep.REOPENED if is_open_again else TicketStep.CHANGED
    return step(ticket, what, decide, by=by)


@transaction.atomic
def merge(ticket: Ticket, into: Ticket, *, by: User | None) -> Ticket:
    """Both are about the same: the first is closed, the other goes on with what was asked in it. Returns the other.

    Opening the first again separates them.
    """
    gone = lock(ticket)
    kept = lock(into)
    at = clock.now()
    _refuse_merge(gone, kept)
    told = "\n\n".join(filter(None, [gone.subject, gone.text]))
    over = {"status": TicketStatus.CLOSED, "closed_at": at, "merged_into": kept}
    take(gone, TicketStep.MERGED, over, at=at, by=by, note=kept.subject)
    take(kept, TicketStep.JOINED, {}, at=at, by=by, note=told)
    return kept


def _refuse_merge(gone: Ticket, kept: Ticket) -> None:
    if gone.pk == kept.pk:
        raise ValidationError({"into": _("A ticket can't be merged into itself.")})
    if gone.customer_id != kept.customer_id:
        raise ValidationError({"into": _("The other ticket is another customer's.")})
    if gone.merged_into_id or kept.merged_into_id:
        raise TicketRefused(_("One of them was merged already. Open it again first."))


def cleaned(customer: Customer, values: Values, *, is_new_owner: Any = None) -> dict[str, Any]:
    """As they are kept. An owner must see the customer; one who has the ticket already stays."""
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    kept = dict(values)
    if "subject" in kept:
        kept["subject"] = _subject(str(kept["subject"]))
    if "text" in kept:
        kept["text"] = written(str(kept["text"]), "text")
    owner = kept.get("owner")
    if owner is not None and (is_new_owner is None or is_new_owner(owner)):
        refuse_stranger(customer, owner)
    return kept


def written(text: str, field: str = "note") -> str:
    return clean(text.replace("\r\n", "\n"), field, most=LONGEST_TEXT)


def _subject(text: str) -> str:
    text = clean(" ".join(text.split()), "subject", most=200)
    if not text:
        raise ValidationError({"subject": _("Say in a few words what it is about.")})
    return text


def _is_new(ticket: Ticket) -> Any:
    return lambda owner: owner.pk != ticket.owner_id


def _answered(ticket: Ticket, at: datetime) -> dict[str, datetime]:
    return {} if ticket.first_answered_at else {"first_answered_at": at}


def _refuse_settled(ticket: Ticket) -> None:
    if ticket.status == TicketStatus.SOLVED:
        raise TicketRefused(_("The ticket is solved. Open it again first."))
    if ticket.status == TicketStatus.CLOSED:
        raise TicketRefused(_("The ticket is closed. Open it again first."))
