from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from lifecycle.models.labels import label_of

if TYPE_CHECKING:
    from lifecycle.models.version import ModelVersion


class LifecycleModelQuerySet(models.QuerySet["LifecycleModel"]):
    def running(self) -> "LifecycleModelQuerySet":
        """With a published version, so that customers have a stage in them."""
        return self.filter(versions__status="published")

    def primary(self) -> "LifecycleModel | None":
        return self.filter(is_primary=True).first()


class LifecycleModel(models.Model):
    """A named, ordered set of stages. Several run side by side; one is primary."""

    slug = models.SlugField(max_length=50, unique=True)
    labels = models.JSONField(_("names"), default=dict)
    description = models.JSONField(default=dict, blank=True)
    preset = models.CharField(max_length=50, blank=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = LifecycleModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_primary"], condition=Q(is_primary=True), name="lifecycle_model_one_primary"
            )
        ]

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug

    def published(self) -> "ModelVersion | None":
        return self.versions.filter(status="published").first()
