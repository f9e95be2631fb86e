from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.db import ClockTimestamp
from customers.models.customer import Customer

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Likeness(models.TextChoices):
    """What two customers have in common. The values are stored."""

    EMAIL = "email", _("the same e-mail address")
    PHONE = "phone", _("the same phone number")
    NAME_AND_COMPANY = "name_and_company", _("the same name and company")
    NAME = "name", _("the same name")
    SIMILAR_NAME = "similar_name", _("similar names at the same company or address")


class TwinsQuerySet(models.QuerySet["Twins"]):
    def open(self) -> Self:
        """Nobody has decided yet, and both are there."""
        return self.filter(dismissed_at=None, one__merged_into=None, other__merged_into=None)

    def visible_to(self, user: User) -> Self:
        """Of those only whose both customers the user sees."""
        if not user.is_restricted:
            return self
        seen = Customer.objects.visible_to(user).values("pk")
        return self.filter(one__in=seen, other__in=seen)


class Twins(models.Model):
    """Two customers who may be one: `one` has the smaller id. `score` is 1 to 99; `dismissed_at` says they are not."""

    one = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    likenesses = ArrayField(models.CharField(max_length=20, choices=Likeness))
    found_at = models.DateTimeField(db_default=ClockTimestamp())
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TwinsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="customers_twins_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="customers_twins_in_order"),
        ]
        indexes = [
            models.Index(
                fields=["-score", "-id"], name="customers_twins_open", condition=Q(dismissed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.one_id} = {self.other_id}?"

    @property
    def share(self) -> float:
        return self.score / 100

    @property
    def reasons(self) -> "list[StrPromise | str]":
        return [Likeness(each).label for each in self.likenesses]
