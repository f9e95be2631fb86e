"""Jobs that walk everybody: a replay over all history, and the taking over of a version."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from clm.accounts.models import Job
from clm.accounts.models.job import JobQuerySet
from lifecycle.models import LifecycleModel, ModelVersion


def walks_of(versions: Iterable[ModelVersion]) -> JobQuerySet:
    """The jobs that work out the history with these versions, or walk everybody into them; newest first."""
    wanted = [version.pk for version in versions]
    kinds = ["lifecycle.replay", "lifecycle.takeover"]
    return Job.objects.order_by("-pk").filter(kind__in=kinds, parameters__version__in=wanted)


def last_begun(model: LifecycleModel) -> datetime | None:
    """When rules last began to decide anew about everybody."""
    begun: datetime | None = walks_of(model.versions.all()).aggregate(at=Max("started_at"))["at"]
    return begun
