from typing import Any

from django.db import models
from django.db.models import Q

from clm.accounts import doors
from clm.accounts.models.user import User
from clm.base.db import ClockTimestamp


class AuditManager(models.Manager["AuditEntry"]):
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


class AuditEntry(models.Model):
    at = models.DateTimeField(db_default=ClockTimestamp())
    actor = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=10)
    action = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditManager()

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
