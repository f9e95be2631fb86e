from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from clm.base.db import TsTzRange
from clm.base.facts import Recorded, RecordedQuerySet
from customers.models import CustomerFact
from lifecycle.models.lifecycle_model import LifecycleModel
from lifecycle.models.stage import Stage
from lifecycle.models.version import ModelVersion, Rule


class Cause(models.TextChoices):
    RULE = "rule", _("Rule")
    PERSON = "person", _("Person")
    API = "api", _("API")
    IMPORT = "import", _("Import")
    INITIAL = "initial", _("First seen")


class StagePeriodQuerySet(RecordedQuerySet["StagePeriod"]):
    def at(self, as_of: datetime | Combinable, known_at: datetime | None = None) -> Self:
        """The period each customer was in just before an instant, as known at another.

        A stay that was closed after `known_at` was open as far as anybody knew then.
        """
        lasts = Q(left_at=None) | Q(left_at__gte=as_of)
        if known_at is not None:
            lasts |= Q(left_at__gt=known_at)
        return self.known(known_at).filter(lasts, entered_at__lt=as_of)

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(Q(left_at=None) | Q(left_at__gt=start), entered_at__lt=end)


class StagePeriod(CustomerFact, Recorded):
    """A stay in a stage, [entered_at, left_at); open while `left_at` is null. Only `lifecycle.admission` writes it."""

    # The database holds both together to a stage of the model: one foreign key of two columns, in a migration.
    model = models.ForeignKey(
        LifecycleModel, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=10, choices=Cause)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)

    objects = StagePeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="lifecycle_period_no_overlap",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("model", RangeOperators.EQUAL),
                    (TsTzRange("entered_at", "left_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(superseded_at=None),
            ),
            models.UniqueConstraint(
                fields=["customer", "model"],
                condition=Q(superseded_at=None, left_at=None),
                name="lifecycle_period_one_open",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gt=F("entered_at")), name="lifecycle_period_has_length"
            ),
            models.CheckConstraint(
                condition=Q(cause="rule", rule__isnull=False) | (~Q(cause="rule") & Q(rule=None)),
                name="lifecycle_period_rule_iff_by_rule",
            ),
        ]
        indexes = [
            models.Index(
                fields=["model", "entered_at"],
                name="lifecycle_period_entered",
                condition=Q(superseded_at=None),
            ),
            models.Index(fields=["customer", "model", "entered_at"], name="lifecycle_period_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.entered_at:%Y-%m-%d}"

    def as_known_at(self, known_at: datetime | None) -> Self:
        """With what nobody knew then taken back: that it would end, and that it would be superseded."""
        if known_at is not None:
            self.left_at = self.left_at if self.left_at and self.left_at <= known_at else None
            self.superseded_at = None
        return self
