"""Jobs that walk everybody: a replay over all history, and the taking over of a version."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from clm.accounts.models import Job
from clm.accounts.models.job import JobQuerySet, JobStatus
from lifecycle.models import LifecycleModel, ModelVersion


def walks_of(versions: Iterable[ModelVersion]) -> JobQuerySet:
    """The jobs that work out the history with these versions, or walk everybody into them; newest first."""
    wanted = [version.pk for version in versions]
    kinds = ["lifecycle.replay", "lifecycle.takeover"]
    return Job.objects.order_by("-pk").filter(kind__in=kinds, parameters__version__in=wanted)


def last_finished(model: LifecycleModel) -> datetime | None:
    """When the last pass over everybody began that came to its end: by then all that was ever changed had its effect."""
    nightly = Job.objects.filter(kind="lifecycle.nightly")
    passes = walks_of(model.versions.all()) | nightly
    begun: datetime | None = passes.filter(status=JobStatus.DONE).aggregate(at=Max("started_at"))["at"]
    return begun


def last_begun(model: LifecycleModel) -> datetime | None:
    """When rules last began to decide anew about everybody."""
    begun: datetime | None = walks_of(model.versions.all()).aggregate(at=Max("started_at"))["at"]
    return begun
