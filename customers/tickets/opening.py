"""Opening a ticket on a customer there is."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer, Ticket, TicketStep
from customers.once import key_of
from customers.profiles import refuse_erased
from customers.tickets.handling import cleaned
from customers.tickets.stepping import Values, remember
from customers.tickets.targets import promise, read_targets

SOURCE = "clm"


@transaction.atomic
def open_ticket(customer: Customer, *, by: User | None, values: Values, token: str = "") -> Ticket:
    """A new ticket. Unless "owner" is in `values` it is the customer's owner's, else its opener's when a rep.

    The same `token` and values again give the same ticket. Of a customer merged away it is the winner's. Raises
    ValidationError (by field).
    """
    locked = Customer.objects.lock_present(customer.pk)
    refuse_erased(locked)
    key = key_of(token, by=by, about=["ticket", locked.pk], values=values) if token else str(uuid4())
    if known := Ticket.objects.filter(source=SOURCE, key=key).first():
        return known
    if "subject" not in values:
        raise ValidationError({"subject": _("Say in a few words what it is about.")})
    kept = whose(locked, by=by, values=values) | cleaned(locked, values)
    at = clock.now()
    ticket = Ticket(
        customer=locked,
        original_customer=locked,
        company_id=locked.company_id,
        source=SOURCE,
        key=key,
        opened_at=at,
        changed_at=at,
        **kept,
    )
    promise(ticket, read_targets())
    ticket.full_clean()
    ticket.save(force_insert=True)
    ticket.refresh_from_db()
    remember(ticket, TicketStep.OPENED, at=at, by=by)
    Customer.objects.filter(pk=locked.pk, first_seen_at__gt=at).update(first_seen_at=at)
    AuditEntry.objects.record("ticket.opened", ticket, by=by, customer=locked.pk)
    return ticket


def whose(customer: Customer, *, by: User | None, values: Values) -> dict[str, Any]:
    """Who looks after it, and which team, where nobody says so."""
    theirs = customer.owner if customer.owner and customer.owner.is_active else None
    owner = values.get("owner", theirs or (by if by and by.is_restricted else None))
    return {"owner": owner, "team": owner.team if owner and owner.team else customer.team}
