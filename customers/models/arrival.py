from collections.abc import Iterable
from datetime import datetime

from django.db import models

from clm.base.db import ClockTimestamp
from customers.models.customer import Customer


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    def note(self, customer_ids: Iterable[int], *, since: datetime) -> None:
        """Say that these customers have facts, new or corrected, from `since` on. Same transaction as the facts."""
        self.bulk_create([Arrival(customer_id=pk, since=since) for pk in customer_ids], batch_size=5000)


class Arrival(models.Model):
    """A customer got facts that somebody has to look at: the queue of incremental evaluation.

    Append-only for writers, so that noting one never waits; a reader deletes what it has worked off.
    Set-based writers insert with SQL: one row per customer with the earliest `occurred_at` of the batch.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_constraint=False)
    since = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = ArrivalQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.customer_id} since {self.since}"
