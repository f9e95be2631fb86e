from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clm.accounts.models import User
from clm.base.db import ClockTimestamp
from customers.models.customer import Customer


class CustomerMergeQuerySet(models.QuerySet["CustomerMerge"]):
    def standing(self) -> "CustomerMergeQuerySet":
        return self.filter(undone_at=None)

    def visible_to(self, user: User) -> "CustomerMergeQuerySet":
        """Who sees the winner sees what became of it, and who may see only the loser does not."""
        return self.filter(winner__in=Customer.objects.visible_to(user)) if user.is_restricted else self


class CustomerMerge(models.Model):
    """`loser` was found to be `winner`. Reversible; an old `known_at` sees them apart.

    `profile` is what it did to the winner's profile: {column: [before, after]}.
    """

    loser = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    winner = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    profile = models.JSONField(default=dict, blank=True)

    objects = CustomerMergeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["winner", "-recorded_at"], name="customers_merge_of_winner")]
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="customers_merge_into_one_winner"
            ),
            models.CheckConstraint(condition=~Q(loser=F("winner")), name="customers_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.loser_id} → {self.winner_id}"


class MergedRow(models.Model):
    """A row that a merge touched, so that undoing finds it: `before` holds what was changed of it beside its customer."""

    merge = models.ForeignKey(CustomerMerge, models.CASCADE, related_name="+", db_index=False)
    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    before = models.JSONField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["merge", "table"], name="customers_mergedrow_of")]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
