from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, Recorded
from customers.models.facts import FactFilledBySets


class IdentityKind(models.TextChoices):
    EXTERNAL = "external", _("External id")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")


class Identity(FactFilledBySets, Recorded):
    """What a customer is known by: a normalised value that names one customer only while live.

    `source` names the system an external id belongs to; it is empty for e-mail and phone.
    """

    kind = models.CharField(max_length=10, choices=IdentityKind)
    source = models.CharField(max_length=64, blank=True)
    value = models.CharField(max_length=254)

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [
            # The value first: it tells nearly all of them apart, so that the others are seldom compared.
            models.UniqueConstraint(
                fields=["value", "kind", "source"],
                condition=Q(superseded_at=None),
                name="customers_identity_names_one_customer",
            )
        ]
        indexes = [
            models.Index(fields=["customer"], name="customers_identity_of", condition=Q(superseded_at=None)),
            # The rows of an import lie side by side.
            BrinIndex(fields=["written_by"], name="customers_identity_written_by", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.value
