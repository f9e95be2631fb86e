"""What can be done to many tickets at once: each by the same verb as one by hand, and taken back by verbs, too."""

from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clm.accounts import bulk
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.templatetags.formats import number
from customers.bulk_forms import AssignForm
from customers.models import Priority, Ticket, TicketStatus
from customers.models.tickets.ticket import TicketQuerySet
from customers.tickets import handling
from customers.tickets.bulk_forms import PriorityForm, StatusForm
from customers.tickets.listing import TicketListing
from customers.worked_on import Change, Kept, WorkedOn, instant, people, plain, told_assigned, whose

PAGE = "tickets"
REACHED = ("first_answered_at", "solved_at", "closed_at")
SETTLING: dict[str, Callable[..., Ticket]] = {
    TicketStatus.SOLVED: handling.solve,
    TicketStatus.CLOSED: handling.close,
    TicketStatus.OPEN: handling.reopen,
}


def _rows(query: QueryDict, user: User) -> TicketQuerySet:
    listing = TicketListing(query, user)
    if not listing.filters.is_valid():
        raise bulk.Unreadable(listing.filters.misread)
    return listing.filters.narrowed()


def counted(tickets: int) -> str:
    return ngettext("%(shown)s ticket", "%(shown)s tickets", tickets) % {"shown": number(tickets)}


def _kept(ticket: Ticket) -> dict[str, Any]:
    told = {"owner": ticket.owner_id, "team": ticket.team_id, "priority": ticket.priority}
    state = {"status": ticket.status, "merged_into": ticket.merged_into_id}
    return told | state | plain(ticket, *REACHED)


def assign(ticket: Ticket, values: bulk.Values, by: User) -> Ticket:
    return handling.assign(ticket, by=by, **whose(ticket, values))


def press(ticket: Ticket, values: bulk.Values, by: User) -> Ticket:
    return handling.change(ticket, by=by, values={"priority": values["priority"]})


def settle(ticket: Ticket, values: bulk.Values, by: User) -> Ticket:
    if ticket.status == values["status"]:
        return ticket
    return SETTLING[values["status"]](ticket, by=by, note=values["note"])


def _restore(ticket: Ticket, before: Kept, by: User) -> None:
    reached = {name: instant(before[name]) for name in REACHED}
    state = {"status": before["status"], "merged_into_id": before["merged_into"]}
    told = people(before) | {"priority": before["priority"]}
    handling.take_back(ticket, by=by, before=told | state | reached)


TICKETS = WorkedOn(Ticket, _kept, _restore)
bulk.register_page(
    bulk.BulkPage(
        PAGE,
        _("Tickets"),
        "tickets",
        rows=_rows,
        seen=lambda user: Ticket.objects.visible_to(user),
        unknown=lambda query, user: TicketListing(query, user).filters.unknown,
        counted=counted,
        row_url=lambda pk: reverse("ticket", args=[pk]),
    )
)
_ACTIONS: list[tuple[str, Any, str, Any, Change, Callable[[bulk.Values], str]]] = [
    ("assign", _("Assign"), "user-plus", AssignForm, assign, told_assigned),
    (
        "priority",
        _("Priority"),
        "flag",
        PriorityForm,
        press,
        lambda values: str(Priority(values["priority"]).label),
    ),
    (
        "status",
        _("Status"),
        "circle-check",
        StatusForm,
        settle,
        lambda values: str(TicketStatus(values["status"]).label),
    ),
]
for order, (key, label, icon, form, change, told) in enumerate(_ACTIONS):
    bulk.register(
        bulk.Action(
            PAGE,
            key,
            label,
            icon,
            Capability.EDIT_CUSTOMERS,
            form,
            do=TICKETS.doing(change),
            undo=TICKETS.put_back,
            told=told,
            order=order,
        )
    )
