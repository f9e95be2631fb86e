from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, models

from clm.base.db import ClockTimestamp
from customers.models.customer import Customer


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    def note(self, customer_ids: Iterable[int], *, since: datetime) -> None:
        """Say that these customers have facts, new or corrected, from `since` on. Same transaction as the facts."""
        self.bulk_create([Arrival(customer_id=pk, since=since) for pk in customer_ids], batch_size=5000)

    def take(self, customer_ids: Sequence[int]) -> dict[int, datetime]:
        """The earliest news of each of them, taken off the queue. What came for one that was merged meanwhile is passed
        on to the winner, for the next who asks.
        """
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [list(customer_ids)])
            return dict(cursor.fetchall())


_TAKE = """
    WITH taken AS (DELETE FROM customers_arrival WHERE customer_id = ANY(%s) RETURNING customer_id, since),
    passed_on AS (
        INSERT INTO customers_arrival (customer_id, since)
        SELECT loser.merged_into_id, min(since) FROM taken JOIN customers_customer AS loser ON loser.id = customer_id
        WHERE loser.merged_into_id IS NOT NULL GROUP BY 1)
    SELECT customer_id, min(since) FROM taken GROUP BY customer_id
"""


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
