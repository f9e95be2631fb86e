"""Facts: immutable rows with two clocks.

`occurred_at` says when it happened, `recorded_at` when we learned it, `superseded_at` when a correction
replaced it (null while live). A correction is a new row; nothing but `superseded_at` is ever updated.
"""

from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from clm.base import clock
from clm.base.db import ClockTimestamp

M = TypeVar("M", bound=models.Model)

# What has held for as long as we can tell: `occurred_at` of a profile value that came without a date.
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


class RecordedQuerySet(models.QuerySet[M]):
    def live(self) -> Self:
        return self.filter(superseded_at=None)

    def known(self, known_at: datetime | None = None) -> Self:
        """Rows as they were known at an instant; the live rows when none is given."""
        if known_at is None:
            return self.live()
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=known_at), recorded_at__lte=known_at)

    def supersede(self, *, at: datetime | None = None) -> int:
        """Take live rows out of the present, keeping them for questions about the past. Returns how many."""
        return self.live().update(superseded_at=at or clock.now())


class FactQuerySet(RecordedQuerySet[M]):
    def before(self, as_of: datetime | Combinable | None) -> Self:
        """What had happened before an instant (exclusive); everything when none is given."""
        return self if as_of is None else self.filter(occurred_at__lt=as_of)


class Recorded(models.Model):
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Fact(Recorded):
    occurred_at = models.DateTimeField()

    class Meta:
        abstract = True


class KeyedFact(Fact):
    """A fact that its source can name again: the same (source, key) amends it instead of adding one.

    Versions of one thing share `root`, the id of the first version, which is never deleted. Other tables
    point to that first row and join the live version by `root`.
    """

    source = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    first = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    root = models.GeneratedField(
        expression=Coalesce(F("first_id"), F("id")),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=Q(superseded_at=None),
                name="%(app_label)s_%(class)s_one_live_version",
            )
        ]
        indexes = [
            # Few things have a second version: this stays small, and finds all versions of one.
            models.Index(
                fields=["first"], condition=Q(first__isnull=False), name="%(app_label)s_%(class)s_later"
            )
        ]

    def amend(self, **changes: Any) -> Self:
        """Write a corrected version and supersede this one. Returns the new row.

        Call inside a transaction that holds the lock on the fact's owner.
        """
        at = clock.now()
        type(self)._default_manager.filter(pk=self.pk, superseded_at=None).update(superseded_at=at)
        kept = {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if not field.primary_key and not field.generated
        }
        kept |= {"first_id": self.root, "recorded_at": at, "superseded_at": None}
        return type(self)._default_manager.create(**(kept | changes))
