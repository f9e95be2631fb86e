from datetime import datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, KeyedFact
from clm.base.money import AmountField, CurrencyField, RateField
from customers.models.channel import Channel
from customers.models.facts import CustomerFact, ImportedRow
from customers.models.product import Product


class OrderStatus(models.TextChoices):
    PAID = "paid", _("Paid")
    PENDING = "pending", _("Pending")
    CANCELLED = "cancelled", _("Cancelled")


class OrderQuerySet(FactQuerySet["Order"]):
    def with_kept(self, as_of: datetime | Combinable | None = None, known_at: datetime | None = None) -> Self:
        """Annotate `kept`: net amount less the refunds that had happened and were known."""
        from customers.models.refund import Refund

        bound = OuterRef(as_of) if isinstance(as_of, OuterRef) else as_of  # one query further in
        refunded = (
            Refund.objects.known(known_at)
            .before(bound)
            .filter(order_id=OuterRef("root"))
            .values("order_id")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        zero = Value(Decimal(0), DecimalField(max_digits=16, decimal_places=4))
        return self.annotate(kept=F("net") - Coalesce(Subquery(refunded), zero))

    def qualifying(
        self, as_of: datetime | Combinable | None = None, known_at: datetime | None = None
    ) -> Self:
        """Paid, not a test, and something kept after refunds: what makes somebody a paying customer."""
        return (
            self.known(known_at)
            .before(as_of)
            .filter(status=OrderStatus.PAID, is_test=False, net__gt=0)
            .with_kept(as_of, known_at)
            .filter(kept__gt=0)
        )


class Order(CustomerFact, ImportedRow, KeyedFact):
    currency = CurrencyField()
    gross = AmountField()
    discount = AmountField(default=0)
    tax = AmountField(default=0)
    shipping = AmountField(default=0)
    rate = RateField()
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.PAID)
    is_test = models.BooleanField(default=False)
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    net = models.GeneratedField(
        expression=F("gross") - F("discount") - F("tax") - F("shipping"),
        output_field=AmountField(),
        db_persist=True,
    )
    net_reporting = models.GeneratedField(
        expression=(F("gross") - F("discount") - F("tax") - F("shipping")) * F("rate"),
        output_field=AmountField(null=True),
        db_persist=True,
    )

    objects = OrderQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            # What was taken back of a customer, to say why a history changed: few rows.
            models.Index(
                fields=["customer", "superseded_at"],
                name="customers_order_gone",
                condition=Q(superseded_at__isnull=False),
            ),
            models.Index(
                fields=["customer", "occurred_at"], name="customers_order_at", condition=Q(superseded_at=None)
            ),
            models.Index(
                fields=["occurred_at"], name="customers_order_by_time", condition=Q(superseded_at=None)
            ),
            models.Index(fields=["root"], name="customers_order_root"),
            models.Index(
                fields=["channel"], name="customers_order_channel", condition=Q(channel__isnull=False)
            ),
            models.Index(
                fields=["currency"],
                name="customers_order_unrated",
                condition=Q(superseded_at=None, rate=None),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class OrderLineQuerySet(FactQuerySet["OrderLine"]):
    def bought(self) -> Self:
        """Without lines that were taken back: their last version is of nothing."""
        return self.filter(quantity__gt=0)


class OrderLine(CustomerFact, ImportedRow, KeyedFact):
    """A product of an order, for how much. `order` is the order's first version: the line stays when it is amended.

    Customer and moment are those of the order, and follow it.
    """

    can_be_first = False  # never earlier than its order

    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=13, decimal_places=3, default=1)
    amount = AmountField()

    objects = OrderLineQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "occurred_at"],
                name="customers_orderline_at",
                condition=Q(superseded_at=None),
            ),
            models.Index(
                fields=["occurred_at"], name="customers_orderline_by_time", condition=Q(superseded_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"
