from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, Q

from clm.accounts.models.user import User
from clm.base import clock
from clm.base.db import ClockTimestamp

SILENT_AFTER = timedelta(minutes=2)


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def beat(self, name: str) -> None:
        self.update_or_create(name=name, defaults={"at": clock.now()})

    def is_silent(self, name: str, *, as_of: datetime) -> bool:
        return not self.filter(Q(at__gte=as_of - SILENT_AFTER), name=name).exists()

    def is_overdue(self, name: str) -> bool:
        """Silent by the database's own clock. One that never beat gets as long, counted from the first user."""
        expected = ClockTimestamp() - SILENT_AFTER
        never_seen = ~Exists(self.filter(name=name))
        return User.objects.filter(
            Q(Exists(self.filter(name=name, at__lt=expected))) | Q(never_seen, created_at__lt=expected)
        ).exists()


class Heartbeat(models.Model):
    """Last sign of life of a background process; the page frame warns when it is old."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField(db_default=ClockTimestamp())

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
