"""What a version would do, worked out into tables of its own: nothing here is part of anybody's history."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Job
from clm.base.db import ClockTimestamp
from customers.models import Customer
from lifecycle.models.period import Cause
from lifecycle.models.stage import Stage
from lifecycle.models.version import ModelVersion, Rule

KEPT = timedelta(days=7)


class Span(models.TextChoices):
    """Over what a version is tried: `now` as if published now, `history` over everything, `days` over a stretch."""

    NOW = "now", _("Published now")
    HISTORY = "history", _("Over the whole history")
    DAYS = "days", _("Over days of the past")


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def expired(self, as_of: datetime) -> "SimulationQuerySet":
        return self.filter(requested_at__lt=as_of - KEPT)

    def rehearsals(self, draft: ModelVersion, span: str) -> "SimulationQuerySet":
        """Of publishing it, from now on or over the history, the latest first."""
        return self.filter(version=draft, span=span).order_by("-pk")

    def as_published(self, draft: ModelVersion) -> "SimulationQuerySet":
        """Of publishing it, whichever way."""
        return self.filter(version=draft, span__in=(Span.NOW, Span.HISTORY)).order_by("-pk")

    def for_page(self) -> "SimulationQuerySet":
        return self.select_related("version__model", "job", "requested_by")


class Simulation(models.Model):
    """`read` is the fingerprint of the version that was tried, `rules` its rules by id: a draft changes.

    `since` and `until` bound what the version decides about; for one published now both are the same instant. `result`
    is there once `finished_at` is.
    """

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="+")
    span = models.CharField(max_length=10, choices=Span)
    since = models.DateTimeField()
    until = models.DateTimeField()
    read = models.CharField(max_length=64)
    rules = models.JSONField(default=dict)
    requested_at = models.DateTimeField(db_default=ClockTimestamp())
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["requested_at"], name="lifecycle_simulation_age")]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def heirs(self) -> dict[str, str]:
        """Where those went whose stage the version has no more, slugs by slug; nothing once the job is forgotten."""
        return dict(self.job.parameters.get("heirs", {})) if self.job else {}


class SimulatedFlow(models.Model):
    """How many customers of one chunk were in one stage and would be in another, or in the same one."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="flows")
    chunk = models.BigIntegerField()
    from_stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    to_stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    customers = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.from_stage_id} → {self.to_stage_id}: {self.customers}"


class SimulatedMove(models.Model):
    """A customer who would be elsewhere than in truth; `entered_at`, `cause` and `rule` are those of the stay there."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="moves", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    from_stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    to_stage = models.ForeignKey(Stage, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    entered_at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=Cause)
    rule = models.ForeignKey(
        Rule, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "customer"], name="lifecycle_simulated_move_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.from_stage_id} → {self.to_stage_id}"


class SimulatedPeriod(models.Model):
    """A stay in the history that a version would have given, of a simulation over more than the present."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="periods", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=10, choices=Cause)
    rule = models.ForeignKey(
        Rule, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "customer", "entered_at"], name="lifecycle_simulated_period_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} {self.entered_at:%Y-%m-%d}"
