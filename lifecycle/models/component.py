from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from clm.base.db import TsTzRange
from clm.base.facts import Recorded, RecordedQuerySet
from customers.models import CustomerFact
from lifecycle.models.labels import label_of
from lifecycle.models.lifecycle_model import LifecycleModel
from lifecycle.models.version import ModelVersion


class Component(models.Model):
    """An activity that runs beside the stages: support, feedback, renewal."""

    model = models.ForeignKey(LifecycleModel, models.PROTECT, related_name="components")
    slug = models.SlugField(max_length=50)
    labels = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["model", "position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "slug"], name="lifecycle_component_slug_once")
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug


class ComponentRule(models.Model):
    """While `condition` holds, the component is under way. `labels` is its name in this version, else its own."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="component_rules")
    component = models.ForeignKey(Component, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    labels = models.JSONField(default=dict, blank=True)
    condition = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "component"], name="lifecycle_component_rule_once")
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or str(self.component)


class ComponentPeriodQuerySet(RecordedQuerySet["ComponentPeriod"]):
    def at(self, as_of: datetime, known_at: datetime | None = None) -> Self:
        """What was under way just before an instant, as known at another: the row of a run that ends is superseded."""
        return self.known(known_at).filter(Q(ended_at=None) | Q(ended_at__gte=as_of), started_at__lt=as_of)


class ComponentPeriod(CustomerFact, Recorded):
    component = models.ForeignKey(Component, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ComponentPeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="lifecycle_component_no_overlap",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("component", RangeOperators.EQUAL),
                    (TsTzRange("started_at", "ended_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(superseded_at=None),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("started_at")),
                name="lifecycle_component_has_length",
            ),
        ]
        # The constraint's index finds no customer by a plain number: its operators take bigint on both sides.
        indexes = [models.Index(fields=["customer"], name="lifecycle_component_of")]

    def __str__(self) -> str:
        return f"{self.component_id} {self.started_at:%Y-%m-%d}"
