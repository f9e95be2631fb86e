from django.db import models
from django.db.models import Q

from clm.base.money import CurrencyField


class ExchangeRate(models.Model):
    """How much of the reporting currency one unit of `currency` was worth on a day."""

    currency = CurrencyField()
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["currency", "-on"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="accounts_exchangerate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="accounts_exchangerate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on}: {self.rate}"
