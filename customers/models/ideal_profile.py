from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clm.base.conditions import Node, parse
from clm.base.db import ClockTimestamp


class IdealProfileQuerySet(models.QuerySet["IdealProfile"]):
    def in_use(self) -> Self:
        """Those that customers are held against, in the order in which they were made."""
        return self.filter(is_active=True).order_by("pk")


class IdealProfile(models.Model):
    """Whom we want as customers: several tests, each with a weight. `tests` is a list of {"weight", "conditions"}.

    The fit of a customer is the sum of the weights of the tests that hold, as a share of what the positive ones add
    up to: 0 to 100.
    """

    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), max_length=1000, blank=True)
    tests = models.JSONField(_("tests"), default=list)
    is_active = models.BooleanField(_("in use"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = IdealProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="customers_idealprofile_one_of_a_name",
                violation_error_message=_("Another profile has this name. Choose another."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def weighed(self) -> list[tuple[int, Node]]:
        """Weight and tree of every test. Raises InvalidCondition when one can't be read any more."""
        return [weighed(test) for test in self.tests]

    @property
    def possible(self) -> int:
        """What a customer reaches for whom all that counts for them holds, and nothing against."""
        return sum(test["weight"] for test in self.tests if test["weight"] > 0)


def weighed(test: Mapping[str, Any]) -> tuple[int, Node]:
    return int(test["weight"]), parse(test["conditions"])
