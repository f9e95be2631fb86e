from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.base.facts import FactQuerySet, KeyedFact
from customers.models.facts import CustomerFact, ImportedRow

validate_event_name = RegexValidator(
    r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$",
    _("An event name is dotted and lower case, such as cart.abandoned."),
)


class Event(CustomerFact, ImportedRow, KeyedFact):
    """Something the customer did. `properties` is a flat JSON object."""

    name = models.CharField(max_length=100, validators=[validate_event_name])
    properties = models.JSONField(default=dict, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta(KeyedFact.Meta):
        indexes = [
            *KeyedFact.Meta.indexes,
            # What was taken back of a customer, to say why a history changed: few rows.
            models.Index(
                fields=["customer", "superseded_at"],
                name="customers_event_gone",
                condition=Q(superseded_at__isnull=False),
            ),
            models.Index(
                fields=["customer", "name", "occurred_at"],
                name="customers_event_at",
                condition=Q(superseded_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name
