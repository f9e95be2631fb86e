from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from customers.models.facts import CustomerFact
from customers.models.lead import Lead
from customers.models.score import MOST_POINTS
from customers.models.task import Task


class ThresholdAction(models.TextChoices):
    OPEN = "open", _("Open a lead")
    QUALIFY = "qualify", _("Open a lead and qualify it")
    TASK = "task", _("Plan a task")


class Threshold(models.Model):
    """What is done when a customer's fit and interest both come to these marks. It acts on who crosses from now on."""

    name = models.CharField(_("name"), max_length=100)
    fit = models.PositiveSmallIntegerField(_("fit at least"), default=0, validators=[MaxValueValidator(100)])
    interest = models.PositiveIntegerField(
        _("interest at least"), default=0, validators=[MaxValueValidator(MOST_POINTS)]
    )
    action = models.CharField(_("then"), max_length=10, choices=ThresholdAction)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    again_after_days = models.PositiveSmallIntegerField(
        _("again after days"), default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="customers_threshold_one_of_a_name",
                violation_error_message=_("Another threshold has this name. Choose another."),
            ),
            models.CheckConstraint(
                condition=Q(fit__gt=0) | Q(interest__gt=0),
                name="customers_threshold_has_a_mark",
                violation_error_message=_("Say how much fit or interest it takes."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CrossingQuerySet(models.QuerySet["ThresholdCrossing"]):
    def due(self) -> Self:
        """Not acted on yet."""
        return self.filter(acted_at=None, is_quiet=False)


class ThresholdCrossing(CustomerFact):
    """A customer came to a threshold, and has not fallen below it since (`fell_at`).

    Acted on once. A quiet one is not acted on: the customer was above already when the threshold was set, or crosses
    again too soon.
    """

    threshold = models.ForeignKey(Threshold, models.CASCADE, related_name="+", db_index=False)
    crossed_at = models.DateTimeField()
    fell_at = models.DateTimeField(null=True, blank=True)
    is_quiet = models.BooleanField(default=False)
    acted_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    objects = CrossingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["threshold", "customer"],
                condition=Q(fell_at=None),
                name="customers_threshold_crossed_once",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "threshold"], name="customers_crossing_of"),
            models.Index(
                fields=["id"], name="customers_crossing_due", condition=Q(acted_at=None, is_quiet=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.threshold_id}"
