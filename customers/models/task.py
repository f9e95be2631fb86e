from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.db import ClockTimestamp
from customers.models.customer import Customer
from customers.models.facts import CustomerFact
from customers.models.lead import Lead

MOST_PRESSING = 6
IS_OPEN = Q(done_at=None, dropped_at=None)


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> Self:
        """Who sees a customer sees what is to be done for them."""
        if not user.is_restricted:
            return self
        return self.filter(customer__in=Customer.objects.visible_one_by_one(user).values("pk"))

    def open(self) -> Self:
        return self.filter(IS_OPEN)

    def overdue(self, as_of: datetime) -> Self:
        """Open, and due at the latest then."""
        return self.open().filter(due_at__lte=as_of)

    def to_remind(self, as_of: datetime) -> Self:
        """Open, and the moment of the reminder has come; those that were reminded of are left out."""
        return self.open().filter(remind_at__lte=as_of, reminded_at=None)

    def pressing(self) -> "list[Task]":
        """The open ones, those due first at first; at most MOST_PRESSING."""
        return list(self.open().for_list().order_by("due_at", "pk")[:MOST_PRESSING])

    def for_list(self) -> Self:
        return self.select_related("customer", "customer__company", "lead__customer", "owner")


class Task(CustomerFact):
    """What a rep is to do for a customer, by a day or an instant.

    `due_at` is the instant from which on it is late: with `has_time` the one that was named, else the end of `due_on`
    in the organisation's zone. Open until `done_at`, or `dropped_at` when it is not to be done after all.
    """

    title = models.CharField(_("what is to be done"), max_length=200)
    lead = models.ForeignKey(
        Lead, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("lead")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    due_on = models.DateField(_("day"))
    due_at = models.DateTimeField()
    has_time = models.BooleanField(default=False)
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    planned_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    # Sent twice, planned once.
    key = models.CharField(max_length=100, null=True, blank=True, unique=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "planned_at"], name="customers_task_of"),
            models.Index(
                fields=["owner", "due_at", "id"],
                name="customers_task_agenda",
                condition=Q(done_at=None, dropped_at=None),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="customers_task_by_due",
                condition=Q(done_at=None, dropped_at=None),
            ),
            models.Index(
                fields=["done_at", "id"], name="customers_task_done", condition=Q(done_at__isnull=False)
            ),
            models.Index(fields=["lead"], name="customers_task_lead", condition=Q(lead__isnull=False)),
            models.Index(
                fields=["remind_at"],
                name="customers_task_to_remind",
                condition=Q(done_at=None, dropped_at=None, reminded_at=None, remind_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dropped_at=None), name="customers_task_done_or_dropped"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="customers_task_says_what"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.dropped_at is None

    def is_overdue(self, as_of: datetime) -> bool:
        return self.is_open and self.due_at <= as_of
