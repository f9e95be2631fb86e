from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, KeyedFact
from customers.models.facts import CustomerFact, ImportedRow

LONGEST_PROOF = 1000


class Purpose(models.TextChoices):
    MARKETING = "marketing", _("Marketing messages")
    OPEN_TRACKING = "open_tracking", _("Seeing whether a message is opened")
    CLICK_TRACKING = "click_tracking", _("Seeing which links are clicked")
    PROFILING = "profiling", _("Scores and predictions")


class ConsentQuerySet(FactQuerySet["Consent"]):
    def last_words(self) -> Self:
        """Of each customer the entry that holds now, for each purpose that there is one for."""
        ledger = self.live().order_by("customer", "purpose", "-occurred_at", "-pk")
        return ledger.distinct("customer", "purpose")


class Consent(CustomerFact, ImportedRow, KeyedFact):
    """One entry of the ledger: given or withdrawn for a purpose. The last before an instant is the one that holds."""

    purpose = models.CharField(max_length=20, choices=Purpose)
    is_given = models.BooleanField()
    text_version = models.CharField(max_length=100, blank=True)
    proof = models.JSONField(default=dict, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            models.Index(
                fields=["customer", "purpose", "occurred_at"],
                name="customers_consent_at",
                condition=Q(superseded_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.is_given}"
