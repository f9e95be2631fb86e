from datetime import date
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from clm.accounts import doors
from clm.accounts.models.user import User
from clm.base.days import end_of, start_of
from clm.base.db import ClockTimestamp

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def record(
        self, action: str, subject: models.Model | None = None, *, by: User | None = None, **details: Any
    ) -> "AuditEntry":
        """Write who did what to which object, in the transaction of the verb that did it.

        `action` is dotted and past tense ("customer.created"); `details` are plain JSON values.
        """
        return self.create(
            action=action,
            actor=by,
            door=doors.current(),
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=subject.pk if subject else None,
            subject_label=str(subject)[:200] if subject else "",
            details=details,
        )

    def matching(
        self,
        *,
        zone: ZoneInfo,
        text: str = "",
        actor: User | None = None,
        door: str = "",
        since: date | None = None,
        until: date | None = None,
        before: int | None = None,
    ) -> Self:
        """Newest first, with the actor; local days from `since` to `until`; `before` continues a page."""
        found = self.select_related("actor").order_by("-pk")
        if text:
            found = found.filter(Q(action__icontains=text) | Q(subject_label__icontains=text))
        wanted = {
            "actor": actor,
            "door": door,
            "at__gte": since and start_of(since, zone),
            "at__lt": until and end_of(until, zone),
            "pk__lt": before,
        }
        return found.filter(**{name: value for name, value in wanted.items() if value})


class AuditEntry(models.Model):
    at = models.DateTimeField(db_default=ClockTimestamp())
    actor = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=10)
    action = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="accounts_audit_by_subject"),
            models.Index(fields=["-at"], name="accounts_audit_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(door__in=["page", "api", "task", "command"]), name="accounts_audit_door_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label}"

    @property
    def door_name(self) -> "StrPromise":
        return doors.NAMES[self.door]
