from django.db import models
from django.db.models import F, Q

from clm.base.facts import FactQuerySet, KeyedFact
from clm.base.money import AmountField, CurrencyField, RateField
from customers.models.facts import CustomerFact, ImportedRow
from customers.models.order import Order


class Refund(CustomerFact, ImportedRow, KeyedFact):
    """Money given back for an order, in the order's currency and at the order's rate. `order` is its first version."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    amount = AmountField()
    currency = CurrencyField()
    rate = RateField()
    reason = models.CharField(max_length=200, blank=True)
    reporting = models.GeneratedField(
        expression=F("amount") * F("rate"), output_field=AmountField(null=True), db_persist=True
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            *KeyedFact.Meta.constraints,
            models.CheckConstraint(condition=Q(amount__gt=0), name="customers_refund_positive"),
        ]
        indexes = [
            *KeyedFact.Meta.indexes,
            # What was taken back of a customer, to say why a history changed: few rows.
            models.Index(
                fields=["customer", "superseded_at"],
                name="customers_refund_gone",
                condition=Q(superseded_at__isnull=False),
            ),
            models.Index(
                fields=["order", "occurred_at"], name="customers_refund_of", condition=Q(superseded_at=None)
            ),
            models.Index(
                fields=["customer", "occurred_at"],
                name="customers_refund_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["currency"],
                name="customers_refund_unrated",
                condition=Q(superseded_at=None, rate=None),
            ),
        ]

    def __str__(self) -> str:
        return self.key
