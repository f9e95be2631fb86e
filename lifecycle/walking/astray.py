"""Whose history doesn't fit the rules: news of them was lost. They are walked again from before it, as a replay would."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from clm.base.db import among
from clm.base.facts import BEGINNING
from customers.models import Customer
from lifecycle.walking.fold import Moment


@dataclass
class Redefined:
    """When last something else than facts changed, of the rules (the conditions of a segment) or of a customer (an
    erasure). It holds from then on, as a version does: the past stays. Asked of the database when first needed.
    """

    versions: Callable[
        [], Sequence[tuple[datetime | None, datetime]]
    ]  # until when each governs, and its last change
    customers: Collection[int]
    looked_at: Callable[[], datetime | None]  # when everybody was last walked

    def of(self, customer_id: int, begins: datetime) -> datetime:
        """Of the versions that govern from just before a walk's beginning on: these it asks."""
        changed = (at for end, at in self._versions if end is None or end >= begins)
        return max(*changed, self._erasures.get(customer_id, BEGINNING), BEGINNING)

    def is_new(self, customer_id: int, begins: datetime) -> bool:
        """Whether that was before a walk's beginning, and nobody has walked everybody since."""
        return self._looked_at is not None and self._looked_at <= self.of(customer_id, begins) < begins

    @cached_property
    def _looked_at(self) -> datetime | None:
        return self.looked_at()

    @cached_property
    def _versions(self) -> Sequence[tuple[datetime | None, datetime]]:
        return self.versions()

    @cached_property
    def _erasures(self) -> dict[int, datetime]:
        erased = Customer.objects.filter(among("pk", list(self.customers)), erased_at__isnull=False)
        return {pk: at for pk, at in erased.values_list("pk", "erased_at") if at}


class Anew(NamedTuple):
    """By customer: from when to walk, and an instant at which the rules are asked, whatever changes then."""

    begins: dict[int, datetime]
    asked: dict[int, datetime]


def walk_anew(astray: Mapping[int, datetime], redefined: Redefined) -> Anew:
    """Of customers and when the walk began that found them astray: from the first sight on, or the last change."""
    asked = {pk: redefined.of(pk, since) for pk, since in astray.items()}
    return Anew({pk: min(since, asked[pk]) for pk, since in astray.items()}, asked)


def asking_at(at: datetime, carried: Moment, moments: Sequence[Moment]) -> list[Moment]:
    """The moments and, when it lies after their beginning, the instant."""
    if at <= carried.at:
        return list(moments)
    held = [moment for moment in (carried, *moments) if moment.at <= at][-1]
    return sorted([*moments, held._replace(at=at)], key=lambda moment: moment.at)
