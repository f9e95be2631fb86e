from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Job
from clm.base.db import ClockTimestamp

JOB_KIND = "import"


class ImportStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Undone")


class ImportQuerySet(models.QuerySet["Import"]):
    def for_list(self) -> "ImportQuerySet":
        return self.select_related("job", "created_by")


class Import(models.Model):
    """One file brought in: how it was read, what it changed, and the rows that could not be."""

    kind = models.CharField(_("what"), max_length=20)
    source = models.CharField(_("source"), max_length=64)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    separator = models.CharField(_("separator"), max_length=10, blank=True)
    has_header = models.BooleanField(_("first line names the columns"), default=True)
    mapping = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=10, choices=ImportStatus, default=ImportStatus.DRAFT)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_busy(self) -> bool:
        """Something runs in the background: a check, the import or its undoing."""
        return self.job is not None and self.job.is_open

    @property
    def is_being_taken_in(self) -> bool:
        return self.job is not None and self.job.is_open and self.job.kind == JOB_KIND

    @property
    def has_stopped(self) -> bool:
        """Ended before its end: failed, or its job was cancelled. It can go on from there, or be undone."""
        ended_early = self.status in (ImportStatus.RUNNING, ImportStatus.FAILED)
        return ended_early and not self.is_busy


class ImportProblem(models.Model):
    """A row that could not be taken over, and why."""

    run = models.ForeignKey(Import, models.CASCADE, related_name="problems")
    line = models.PositiveBigIntegerField()
    column = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=500)
    raw = models.TextField(blank=True)
    cells = models.JSONField(null=True)

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
