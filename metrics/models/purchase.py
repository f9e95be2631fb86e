from django.db import models

from customers.models import Customer


class Purchase(models.Model):
    """A roll-up: the qualifying orders as known now, each with the one after it. Rebuilt by `metrics.folding`.

    Never asked without regard to `ChangedPurchases`: those customers' rows may be behind their facts.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_constraint=False)
    order_id = models.BigIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    is_first = models.BooleanField()
    next_at = models.DateTimeField(null=True)
    gap = models.IntegerField(null=True)
    kept = models.DecimalField(max_digits=16, decimal_places=4)
    revenue = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    gross = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    channel_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="metrics_purchase_at"),
            models.Index(fields=["at"], name="metrics_purchase_first", condition=models.Q(is_first=True)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.day}"


class ChangedPurchases(models.Model):
    """A customer whose orders or refunds changed since the last fold.

    Written by triggers on both tables, in the transaction of the change: whoever sees the change sees this row.
    """

    customer_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.customer_id)


class Folding(models.Model):
    """One row: the zone that days of `Purchase` were counted in, and when it was last folded."""

    zone = models.CharField(max_length=64)
    folded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="metrics_folding_is_one_row")]

    def __str__(self) -> str:
        return f"{self.folded_at}"
