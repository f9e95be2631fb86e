from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team
from clm.base.facts import Fact
from customers.models.facts import CustomerFact
from customers.models.states import StateQuerySet
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


class TicketState(CustomerFact, Fact):
    """What a ticket was from `occurred_at` until its next state, by which step it came to be so, and what was said.

    Owner and team are ids as they were: they outlive what they name.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    step = models.CharField(max_length=10, choices=TicketStep)
    type = models.CharField(max_length=10, choices=TicketType)
    priority = models.CharField(max_length=10, choices=Priority)
    status = models.CharField(max_length=10, choices=TicketStatus)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    team = models.ForeignKey(
        Team, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    note = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    objects = TicketStateQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "occurred_at"],
                name="customers_ticketstate_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(fields=["ticket", "occurred_at"], name="customers_ticketstate_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.occurred_at:%Y-%m-%d}"
