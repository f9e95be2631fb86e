from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.db import ClockTimestamp


class ImportMappingQuerySet(models.QuerySet["ImportMapping"]):
    def visible_to(self, user: User) -> Self:
        """The shared ones and the own."""
        return self.filter(Q(is_shared=True) | Q(owner=user))


class ImportMapping(models.Model):
    """What the columns of one kind of file mean, kept for the next one. `fields`: field name to heading."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=64)
    fields = models.JSONField()
    options = models.JSONField(default=dict)
    is_shared = models.BooleanField(_("for everybody who imports"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = ImportMappingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "name"], name="customers_import_mapping_named", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.name
