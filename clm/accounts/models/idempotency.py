from datetime import datetime, timedelta

from django.db import models

from clm.accounts.models.user import User
from clm.base.db import ClockTimestamp

KEPT_FOR = timedelta(hours=24)


class IdempotentAnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def expired(self, as_of: datetime) -> "IdempotentAnswerQuerySet":
        return self.filter(created_at__lt=as_of - KEPT_FOR)


class IdempotentAnswer(models.Model):
    """The stored answer to a request that named an Idempotency-Key: the same key gives the same answer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = IdempotentAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
