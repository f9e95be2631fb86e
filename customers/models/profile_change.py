from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from clm.base.facts import Fact, FactQuerySet
from customers.models.facts import FactFilledBySets


class ProfileChange(FactFilledBySets, Fact):
    """A profile field took a value. The value as of an instant is that of the last change before it.

    `field` is a column of Customer, or "fields.<name>" for one of the company's own fields; `value` is plain JSON
    (a foreign key's id for owner, team and company). A value without a date holds since `clm.base.facts.BEGINNING`.
    """

    field = models.CharField(max_length=80)
    value = models.JSONField(null=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "field", "occurred_at"],
                name="customers_profile_at",
                condition=Q(superseded_at=None),
            ),
            # The rows of an import lie side by side.
            BrinIndex(fields=["written_by"], name="customers_profile_written_by", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"
