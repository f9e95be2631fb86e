import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from clm.accounts.models import Job
from clm.base.db import ClockTimestamp
from customers.models.customer import Customer

KEPT_FOR = timedelta(hours=24)


def new_token() -> str:
    return secrets.token_urlsafe(32)


class PersonExportQuerySet(models.QuerySet["PersonExport"]):
    def expired(self, as_of: datetime) -> "PersonExportQuerySet":
        return self.filter(created_at__lt=as_of - KEPT_FOR)


class PersonExport(models.Model):
    """All data of one person as a zip, for a day. `content` is empty until its job has made it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    content = models.BinaryField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = PersonExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.customer_id} {self.created_at:%Y-%m-%d}"

    @property
    def expires_at(self) -> datetime:
        return self.created_at + KEPT_FOR
