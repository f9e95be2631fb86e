from django.db import models
from django.db.models import F, Q

from clm.base.db import ClockTimestamp
from customers.models.customer import Customer


class CustomerMerge(models.Model):
    """`loser` was found to be `winner`. Reversible; an old `known_at` sees them apart."""

    loser = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    winner = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="customers_merge_into_one_winner"
            ),
            models.CheckConstraint(condition=~Q(loser=F("winner")), name="customers_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.winner_id}"
