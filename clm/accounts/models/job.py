from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clm.accounts.models.audit import AuditEntry
from clm.accounts.models.user import Role, User
from clm.base import clock
from clm.base.db import ClockTimestamp

LEASE = timedelta(minutes=5)


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> "JobQuerySet":
        return self.filter(status__in=OPEN)

    def stranded(self, as_of: datetime) -> "JobQuerySet":
        """Open, and nobody works on it: never picked up, or its worker died."""
        return self.open().filter(Q(lease_until=None) | Q(lease_until__lt=as_of))

    def visible_to(self, user: User) -> "JobQuerySet":
        return self if user.role in (Role.ADMINISTRATOR, Role.MANAGER) else self.filter(owner=user)


class Job(models.Model):
    """Long work with a progress bar. The row is the truth; a Celery task only drives it (`clm.accounts.jobs`)."""

    kind = models.CharField(max_length=50)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    parameters = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    cursor = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(status__in=["queued", "running"]),
                name="accounts_job_open",
            )
        ]

    def __str__(self) -> str:
        return title_in_words(self.title, self.parameters)

    def claim(self) -> bool:
        """Take the job for one lease. False when another worker has it, or it is over."""
        now = clock.now()
        claimed = (
            Job.objects.filter(pk=self.pk)
            .stranded(now)
            .update(
                status=JobStatus.RUNNING,
                lease_until=now + LEASE,
                started_at=self.started_at or now,
                attempts=F("attempts") + 1,
            )
        )
        self.refresh_from_db()
        return claimed == 1

    def advance(self, *, done: int, total: int | None = None, cursor: dict[str, Any] | None = None) -> bool:
        """Show progress, keep the place to resume from, renew the lease. False when it was cancelled, or another took it."""
        held = self.lease_until
        changes: dict[str, Any] = {"done": done, "lease_until": clock.now() + LEASE}
        changes |= {"attempts": 0} if done > self.done else {}  # only work done counts as progress
        changes |= {} if total is None else {"total": total}
        changes |= {} if cursor is None else {"cursor": cursor}
        for field, value in changes.items():
            setattr(self, field, value)
        mine = Job.objects.filter(pk=self.pk, status=JobStatus.RUNNING, lease_until=held)
        return mine.update(**changes) == 1

    def release(self) -> None:
        mine = Job.objects.filter(pk=self.pk, status=JobStatus.RUNNING, lease_until=self.lease_until)
        mine.update(lease_until=None)

    def finish(self, result: dict[str, Any] | None = None) -> None:
        self._end(JobStatus.DONE, result=result or {})

    def fail(self, error: str) -> None:
        self._end(JobStatus.FAILED, error=error)

    @transaction.atomic
    def cancel(self, *, by: User | None = None) -> bool:
        """It ends after the step it is in; what was done stays. False when it had ended before."""
        if not self._end(JobStatus.CANCELLED):
            return False
        AuditEntry.objects.record("job.cancelled", self, by=by)
        return True

    def _end(self, status: JobStatus, **changes: Any) -> bool:
        ended = (
            Job.objects.filter(pk=self.pk)
            .open()
            .update(status=status, finished_at=clock.now(), lease_until=None, **changes)
        )
        self.refresh_from_db()
        return ended == 1

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def share(self) -> float | None:
        """Of the work that is done; None while nobody knows how much there is."""
        return None if not self.total else min(1.0, int(100 * self.done / self.total) / 100)


def title_in_words(title: str, parameters: Mapping[str, Any]) -> str:
    """In the reader's language. What is no pattern, or lacks a parameter, is shown as it was written."""
    try:
        return gettext(title) % parameters
    except (KeyError, TypeError, ValueError):
        return title
