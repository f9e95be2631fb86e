from datetime import datetime, timedelta
from typing import Any

from django.db import models

from clm.accounts.models.job import Job
from clm.accounts.models.user import Role, User
from clm.base.db import ClockTimestamp

KEPT_FOR = timedelta(days=7)


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def visible_to(self, user: User) -> "BulkChangeQuerySet":
        return self if user.role in (Role.ADMINISTRATOR, Role.MANAGER) else self.filter(owner=user)


class BulkChange(models.Model):
    """One action on many rows of a list. Its rows tell what became of each, and what takes it back."""

    page = models.CharField(max_length=50)
    action = models.CharField(max_length=50)
    values = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    ids = models.JSONField(null=True)  # None: all that the query finds
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    chosen = models.BigIntegerField()
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undoing = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    restored = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["created_at"], name="accounts_bulk_by_time")]

    def __str__(self) -> str:
        return f"{self.page}: {self.action}"


class BulkRowQuerySet(models.QuerySet["BulkRow"]):
    def changed(self) -> "BulkRowQuerySet":
        return self.filter(refusal="")

    def refused(self) -> "BulkRowQuerySet":
        return self.exclude(refusal="")

    def to_restore(self) -> "BulkRowQuerySet":
        return self.changed().filter(restored=None).order_by("subject")

    def forgotten_by(self, as_of: datetime) -> "BulkRowQuerySet":
        return self.filter(change__created_at__lt=as_of - KEPT_FOR)

    def keep(self, change: BulkChange, *, before: dict[int, Any], refused: dict[int, str]) -> None:
        """What a portion came to; one that is done again after a kill keeps what was written the first time."""
        rows = [BulkRow(change=change, subject=pk, before=values) for pk, values in before.items()]
        rows += [BulkRow(change=change, subject=pk, refusal=reason) for pk, reason in refused.items()]
        self.bulk_create(rows, ignore_conflicts=True)


class BulkRow(models.Model):
    """A row that was changed, and what it was `before`; or one that was not, and the `refusal`."""

    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="rows")
    subject = models.BigIntegerField()
    before = models.JSONField(null=True)
    refusal = models.TextField(blank=True)
    restored = models.BooleanField(null=True)  # None: nobody has tried

    objects = BulkRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "subject"], name="accounts_bulkrow_once")]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.subject}"
