from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from clm.base.db import ClockTimestamp
from customers.models import Customer
from lifecycle.models.lifecycle_model import LifecycleModel
from lifecycle.models.stage import Stage


class CurrentStage(models.Model):
    """The narrow, hot cache of each customer's open period. No index on stage: moves stay HOT updates."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", related_query_name="current_stage"
    )
    model = models.ForeignKey(LifecycleModel, models.CASCADE, related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False)
    furthest = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "customer"], name="lifecycle_current_one")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.stage_id}"


class NextDueQuerySet(models.QuerySet["NextDue"]):
    def due(self, as_of: datetime) -> "NextDueQuerySet":
        return self.filter(at__lte=as_of)

    def workable(self, as_of: datetime) -> "NextDueQuerySet":
        """Due, of customers whom rules may move: neither merged into another nor parked, in models in force."""
        parked = Parking.objects.filter(
            customer=OuterRef("customer"), model=OuterRef("model"), released_at=None
        )
        in_force = self.due(as_of).filter(model__versions__status="published")
        return in_force.filter(~Exists(parked), customer__merged_into=None)


class NextDue(models.Model):
    """When a customer's target may next change by itself, without a new fact."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    model = models.ForeignKey(LifecycleModel, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = NextDueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "customer"], name="lifecycle_due_one")]
        indexes = [models.Index(fields=["model", "at"], name="lifecycle_due_at")]

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.at}"


class Parking(models.Model):
    """Rules that moved a customer to and fro are kept off it until somebody looks: `rules` names them."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    model = models.ForeignKey(LifecycleModel, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    rules = models.JSONField(default=list)
    parked_at = models.DateTimeField(db_default=ClockTimestamp())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "model"], condition=Q(released_at=None), name="lifecycle_parking_once"
            )
        ]

    def __str__(self) -> str:
        return self.reason
