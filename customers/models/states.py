"""What something was from one instant until the next thing that was done with it."""

from datetime import UTC, datetime
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from clm.accounts.models import Team
from clm.base.facts import Fact, FactQuerySet
from customers.models.facts import CustomerFact

M = TypeVar("M", bound=models.Model)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class StateQuerySet(FactQuerySet[M]):
    """`of` names the foreign key to what the states are of."""

    of: ClassVar[str]

    def holding(self, as_of: datetime | Combinable, known_at: datetime | None = None) -> Self:
        """Of each thing the one state it was in at the (exclusive) instant."""
        later = Q(occurred_at__gt=OuterRef("occurred_at")) | Q(
            occurred_at=OuterRef("occurred_at"), pk__gt=OuterRef("pk")
        )
        same = {f"{self.of}_id": OuterRef(f"{self.of}_id")}
        next_of = type(self)(self.model).known(known_at).filter(later, **same)
        ended_at = Subquery(next_of.order_by("occurred_at", "pk").values("occurred_at")[:1])
        states = self.known(known_at).before(as_of).annotate(ended_at=Coalesce(ended_at, Value(NEVER)))
        return states.filter(ended_at__gte=as_of)


class State(CustomerFact, Fact):
    """Whose it was then, what was said, and who did it. All are ids as they were: they outlive what they name."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    team = models.ForeignKey(
        Team, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    note = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        abstract = True
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["customer", "occurred_at"],
                name="%(app_label)s_%(class)s_at",
                condition=Q(superseded_at=None),
            )
        ]
