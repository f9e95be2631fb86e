from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, KeyedFact
from clm.base.money import AmountField, CurrencyField, RateField
from customers.models import Channel, ImportedRow


class SpendType(models.TextChoices):
    MEDIA = "media", _("Media")
    TOOLS = "tools", _("Tools")
    PEOPLE = "people", _("People")
    COMMISSION = "commission", _("Commission")
    OTHER = "other", _("Other")


class Spend(ImportedRow, KeyedFact):
    """Money spent on getting and keeping customers, on a local day (`occurred_at` is that day's start).

    A channel of null is unallocated: it counts in totals and is shown as such.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="+")
    campaign = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=12, choices=SpendType, default=SpendType.MEDIA)
    amount = AmountField()
    currency = CurrencyField()
    rate = RateField()
    reporting = models.GeneratedField(
        expression=F("amount") * F("rate"), output_field=AmountField(null=True), db_persist=True
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            *KeyedFact.Meta.constraints,
            models.CheckConstraint(condition=Q(amount__gte=0), name="metrics_spend_not_negative"),
        ]
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["occurred_at", "channel"], name="metrics_spend_at", condition=Q(superseded_at=None)
            ),
            models.Index(
                fields=["currency"], name="metrics_spend_unrated", condition=Q(superseded_at=None, rate=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
