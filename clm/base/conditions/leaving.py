"""Facts that count for some days, and the instants at which they stop counting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import F, Q, QuerySet

from clm.base.days import StartOfDay
from clm.base.facts import BEGINNING


class Felt(Enum):
    """Which departures from a window an answer can turn on, by the `turn_at` of the fact that leaves.

    ALWAYS: all. ALONE: those after which nothing of the kind is left, so unless another came before, at `turn_at`.
    FOLLOWED: only while enough others are in, so when the last of those came before, at `turn_at`.
    """

    ALWAYS = "true"
    ALONE = "(turn_at IS NULL OR turn_at >= at)"
    FOLLOWED = "turn_at < at"

    def as_q(self) -> Q:
        if self is Felt.ALWAYS:
            return Q()
        if self is Felt.FOLLOWED:
            return Q(turn_at__lt=F("leaves_at"))
        return Q(turn_at=None) | Q(turn_at__gte=F("leaves_at"))


@dataclass(frozen=True)
class Leaving:
    """Each of the `facts` counts on its own local day and the `days` after it.

    `facts` are rows with `customer_id` and `occurred_at`, and with an annotation `turn_at` unless always `felt`.
    Conditions that differ in nothing but their days share the facts, which are then read once for all of them.
    """

    facts: QuerySet[Any, Any]
    days: int
    felt: Felt = Felt.ALWAYS

    def moments(self, zone: str) -> QuerySet[Any, Any]:
        """(customer_id, at): when they stop counting, where that is felt."""
        leaves_at = StartOfDay(F("occurred_at"), zone, days=self.days + 1)
        left: QuerySet[Any, Any] = self.facts.annotate(leaves_at=leaves_at).filter(self.felt.as_q())
        return left.values_list("customer_id", "leaves_at")


def each_once(queries: Iterable[QuerySet[Any, Any]]) -> list[QuerySet[Any, Any]]:
    """Those that ask the same only once, in their order."""
    return list({_asked(query): query for query in queries}.values())


def _asked(query: QuerySet[Any, Any]) -> str:
    """Values apart from the SQL: ["a", "b"] and "a, b" read alike within it."""
    return repr(query.query.sql_with_params())


def merged(leavings: list[Leaving], *, zone: str, least: datetime) -> list[tuple[str, list[Any]]]:
    """The same as SQL of (customer_id, at) with its parameters, at or after `least`; one statement for each kind of facts."""
    kinds: dict[tuple[str, Felt], list[Leaving]] = {}
    for leaving in leavings:
        kinds.setdefault((_asked(leaving.facts), leaving.felt), []).append(leaving)
    return [_of_one_kind(kind, zone, least) for kind in kinds.values()]


def _of_one_kind(kind: list[Leaving], zone: str, least: datetime) -> tuple[str, list[Any]]:
    felt, days = kind[0].felt, sorted({leaving.days for leaving in kind})
    columns = ["customer_id", "occurred_at", *([] if felt is Felt.ALWAYS else ["turn_at"])]
    facts = kind[0].facts
    if least > BEGINNING:
        facts = facts.filter(
            occurred_at__gte=least - timedelta(days=max(days) + 2)
        )  # some more: days are local
    read, parameters = facts.order_by().values_list(*columns).query.sql_with_params()
    sql = f"""
        SELECT customer_id, at FROM (
            SELECT facts.*, ((facts.occurred_at AT TIME ZONE %s)::date + days + 1)::timestamp AT TIME ZONE %s AS at
            FROM ({read}) AS facts ({", ".join(columns)}) CROSS JOIN unnest(%s::int[]) AS days) AS leaving
        WHERE at >= %s AND {felt.value}"""  # noqa: S608
    return sql, [zone, zone, *parameters, days, least]
