from django.db import models

from customers.models.customer import Customer


class PurchaseSummary(models.Model):
    """What a customer has bought, as known now: a cache of qualifying orders for lists, rebuilt by the writers of orders.

    Amounts are net of refunds, in the reporting currency. `unconverted` counts orders left out for want of a rate.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="purchases")
    orders = models.PositiveIntegerField(default=0)
    purchase_days = models.PositiveIntegerField(default=0)
    revenue = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    unconverted = models.PositiveIntegerField(default=0)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["revenue", "customer"], name="customers_purchases_revenue"),
            models.Index(fields=["last_order_at", "customer"], name="customers_purchases_last"),
        ]

    def __str__(self) -> str:
        return f"{self.orders}"
