from typing import Self

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Role, Sees, User
from clm.base.db import ClockTimestamp, one_of
from customers.models.owned import Owned


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: User) -> Self:
        """A rep sees the companies within their reach, and those of the customers they see."""
        if not user.is_restricted:
            return self
        sees_team = user.role == Role.REP and user.sees == Sees.TEAM and user.team_id
        reach = Q(owner=user) | Q(team=user.team_id) if sees_team else Q(owner=user)
        seen = apps.get_model("customers", "Customer")._default_manager.visible_to(user)
        return self.filter(reach | one_of("pk", seen.filter(company__isnull=False).values("company")))


class Company(Owned):
    """Where customers work. Its people are the customers who name it."""

    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("companies")
        indexes = [
            models.Index(fields=["name", "id"], name="customers_company_by_name"),
            # As `icontains` and `iexact` ask.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="customers_company_named"),
            models.Index(
                fields=["owner", "id"], name="customers_company_of_owner", condition=Q(owner__isnull=False)
            ),
            models.Index(
                fields=["team", "id"], name="customers_company_in_team", condition=Q(team__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
