"""Whose history doesn't fit the rules: news of them was lost. They are walked again from before it, as a replay would."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from clm.base.db import among
from clm.base.facts import BEGINNING
from customers.models import Customer
from lifecycle.walking.fold import Moment


class Anew(NamedTuple):
    """By customer: from when to walk, and an instant at which the rules are asked, whatever changes then."""

    begins: dict[int, datetime]
    asked: dict[int, datetime]


def walk_anew(astray: Mapping[int, datetime], redefined_at: datetime) -> Anew:
    """Of customers and when the walk began that found them astray.

    From the first sight on; but where something else than facts has changed since, of the rules (the conditions of a
    segment) or of the customer (an erasure), that holds from the change on, as a version does: the past stays.
    """
    people = Customer.objects.filter(among("pk", list(astray))).values_list("pk", "erased_at")
    erasures = {pk: at for pk, at in people if at}
    asked = {pk: max(redefined_at, erasures.get(pk, BEGINNING)) for pk in astray}
    return Anew({pk: min(since, asked[pk]) for pk, since in astray.items()}, asked)


def asking_at(at: datetime, carried: Moment, moments: Sequence[Moment]) -> list[Moment]:
    """The moments and, when it lies after their beginning, the instant."""
    if at <= carried.at:
        return list(moments)
    held = [moment for moment in (carried, *moments) if moment.at <= at][-1]
    return sorted([*moments, held._replace(at=at)], key=lambda moment: moment.at)
