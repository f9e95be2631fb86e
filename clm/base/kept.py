"""How long things are kept: what may go once it is old enough, and why.

An app's `kept.py` has one line for each such thing; it is found at start-up:

    register(Kept("audit", _("Audit log"), _("Who did what…"), usual=730, parts=(Part(rows_before, delete),)))

Facts that stages and numbers are worked out from are never among them: only what stands beside them.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import BigIntegerField, QuerySet, Subquery
from django.utils.functional import Promise

LONGEST = 36_500


class Unit(StrEnum):
    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True)
class Part:
    """`rows`: those from before an instant that still hold it, each as long as it does. `forget` makes them hold it no more.

    `forget` runs in a transaction of its own for each portion, may be given a row twice, and says how many went.
    """

    rows: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[QuerySet[Any]], int]


@dataclass(frozen=True)
class Kept:
    """`usual`: how long, unless an administrator says otherwise; None is for ever, and so as long as nobody does.

    `least` is the shortest that can be chosen, `portion` how many rows go in one transaction, `most` in one night.
    """

    name: str
    label: str | Promise
    why: str | Promise
    parts: Sequence[Part]
    usual: int | None = None
    unit: Unit = Unit.DAYS
    least: int = 1
    portion: int = 1000
    most: int | None = None

    def bound(self, length: int, at: datetime) -> datetime:
        """What is from before it goes."""
        return at - timedelta(days=length) if self.unit is Unit.DAYS else months_before(at, length)


_kept: dict[str, Kept] = {}


def register(kept: Kept) -> None:
    _kept[kept.name] = kept


def all_kept() -> list[Kept]:
    """What can be taken back least comes last."""
    return sorted(_kept.values(), key=lambda kept: (kept.unit is Unit.MONTHS, kept.name))


def delete(rows: QuerySet[Any]) -> int:
    """How many of them; what goes along is not counted."""
    return rows.delete()[1].get(rows.model._meta.label, 0)


def months_before(at: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last day. Not before year 1."""
    place = max(at.year * 12 + at.month - 1 - months, 12)
    year, month = place // 12, place % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


class RowsUpTo(Subquery):
    """How many rows, counted no further than `limit`: as an expression, so that one query asks for many."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = BigIntegerField()

    def __init__(self, rows: QuerySet[Any], limit: int) -> None:
        super().__init__(rows.order_by().values("pk")[:limit])
