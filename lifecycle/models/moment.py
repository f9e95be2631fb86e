"""Working tables of a walk, temporary and per transaction (`lifecycle.walk`); Django only reads them."""

from django.db import models


class Walker(models.Model):
    """A customer whose history is being worked out again from `since`."""

    customer_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "walk_customer"

    def __str__(self) -> str:
        return str(self.customer_id)


class Moment(models.Model):
    """An instant at which some condition may change for a customer; `as_of` is the exclusive bound just after it."""

    customer_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    as_of = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "walk_moment"

    def __str__(self) -> str:
        return f"{self.customer_id} at {self.at}"
