from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.states import State, StateQuerySet
from customers.models.tickets.ticket import Ticket
from customers.models.tickets.words import Priority, TicketStatus, TicketType


class TicketStep(models.TextChoices):
    """What was done to the ticket."""

    OPENED = "opened", _("Opened")
    ANSWERED = "answered", _("Answered")
    CHANGED = "changed", _("Changed")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Opened again")
    MERGED = "merged", _("Merged into another")
    JOINED = "joined", _("Another was merged into it")


class TicketStateQuerySet(StateQuerySet["TicketState"]):
    of: ClassVar[str] = "ticket"


class TicketState(State):
    """What a ticket was from `occurred_at` until its next state, by which step it came to be so, and what was said."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    step = models.CharField(max_length=10, choices=TicketStep)
    type = models.CharField(max_length=10, choices=TicketType)
    priority = models.CharField(max_length=10, choices=Priority)
    status = models.CharField(max_length=10, choices=TicketStatus)

    objects = TicketStateQuerySet.as_manager()

    class Meta(State.Meta):
        indexes = [
            *State.Meta.indexes,
            models.Index(fields=["ticket", "occurred_at"], name="customers_ticketstate_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.occurred_at:%Y-%m-%d}"
