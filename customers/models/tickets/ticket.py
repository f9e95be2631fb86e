from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Least, Upper
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from customers.models.company import Company
from customers.models.facts import CustomerFact, SeenWithCustomer
from customers.models.owned import Owned
from customers.models.tickets.words import IS_OPEN, OPEN, Priority, TicketStatus, TicketType

LONGEST_TEXT = 20_000


class TicketQuerySet(SeenWithCustomer["Ticket"]):
    def open(self) -> Self:
        return self.filter(IS_OPEN)

    def overdue(self, as_of: datetime) -> Self:
        """Ours to act on, and past the target of the first answer or of the solution."""
        return self.filter(due_at__lte=as_of)

    def for_list(self) -> Self:
        return self.select_related("customer", "customer__company", "owner")


class Ticket(CustomerFact, Owned):
    """What a customer asked for. The row is a cache of its `TicketState`s.

    The clock of the targets stands still while it is not open: `paused` so far, since `paused_since` anew. `due_at` is
    when the next of them runs out. `source` and `key` name it in the system it came from.
    """

    # That of the customer when it was opened.
    company = models.ForeignKey(
        Company,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("company"),
    )
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True, max_length=LONGEST_TEXT)
    type = models.CharField(_("type"), max_length=10, choices=TicketType, default=TicketType.QUESTION)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, default=Priority.NORMAL)
    status = models.CharField(_("status"), max_length=10, choices=TicketStatus, default=TicketStatus.OPEN)
    opened_at = models.DateTimeField(db_default=ClockTimestamp())
    first_answered_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    answer_by = models.DateTimeField(null=True, blank=True)
    solve_by = models.DateTimeField(null=True, blank=True)
    paused = models.DurationField(default=timedelta)
    paused_since = models.DateTimeField(null=True, blank=True)
    due_at = models.GeneratedField(
        expression=Case(
            When(status="open", first_answered_at=None, then=Least("answer_by", "solve_by")),
            When(status="open", then=F("solve_by")),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    # The ticket in which it goes on.
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=64)
    key = models.CharField(max_length=200)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "opened_at"], name="customers_ticket_of"),
            models.Index(
                fields=["owner", "due_at", "id"],
                name="customers_ticket_agenda",
                condition=Q(status__in=["open", "waiting"]),
            ),
            models.Index(fields=["due_at", "id"], name="customers_ticket_by_due"),
            models.Index(fields=["opened_at", "id"], name="customers_ticket_by_opened"),
            models.Index(fields=["changed_at", "id"], name="customers_ticket_by_changed"),
            # For the search: by words of the subject, and by the beginning of another system's key.
            GinIndex(OpClass(Upper("subject"), name="gin_trgm_ops"), name="customers_ticket_about"),
            models.Index(
                OpClass(Upper("key"), name="text_pattern_ops"),
                name="customers_ticket_key_starts",
                condition=~Q(source="clm"),
            ),
            models.Index(
                fields=["company"], name="customers_ticket_of_company", condition=Q(company__isnull=False)
            ),
            models.Index(
                fields=["merged_into"], name="customers_ticket_merged", condition=Q(merged_into__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="customers_ticket_named_once"),
            models.CheckConstraint(condition=~Q(subject=""), name="customers_ticket_says_what"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "waiting"], solved_at=None, closed_at=None)
                | Q(status="solved", solved_at__isnull=False, closed_at=None)
                | Q(status="closed", closed_at__isnull=False),
                name="customers_ticket_over_when_it_is",
            ),
            models.CheckConstraint(
                condition=Q(status="open", paused_since=None)
                | ~Q(status="open") & Q(paused_since__isnull=False),
                name="customers_ticket_runs_while_open",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(status="closed"), name="customers_ticket_merged_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def settled_at(self) -> datetime | None:
        """When the customer had what they asked for, or it was given up."""
        return self.solved_at or self.closed_at

    def is_overdue(self, as_of: datetime) -> bool:
        return self.due_at is not None and self.due_at <= as_of
