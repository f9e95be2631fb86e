from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, KeyedFact
from customers.models.facts import CustomerFact, ImportedRow


class Channel(models.Model):
    """Where customers come from: paid search, referral, trade fair."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_paid = models.BooleanField(_("paid"), default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Touch(CustomerFact, ImportedRow, KeyedFact):
    """One dated contact with a channel: the raw material of attribution and CAC."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    campaign = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "occurred_at"], name="customers_touch_at", condition=Q(superseded_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.occurred_at:%Y-%m-%d}"
