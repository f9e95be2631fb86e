"""Bring the members of a dynamic segment in line with its conditions, for some customers, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from clm.accounts.models import Organisation
from clm.base.conditions import Asked, Node
from clm.base.conditions.leaving import each_once
from customers.models import Customer, Segment


class Difference(NamedTuple):
    entered: int = 0
    left: int = 0

    def __add__(self, other: "Difference") -> "Difference":  # type: ignore[override]
        return Difference(self.entered + other.entered, self.left + other.left)


@dataclass(frozen=True)
class Scope:
    """Some customers: these, or those with ids above `after` up to `upto` (none: without end)."""

    ids: Sequence[int] | None = None
    after: int = 0
    upto: int | None = None

    def sql(self, column: str) -> str:
        if self.ids is not None:
            return f"{column} = ANY(%(ids)s)"
        end = "" if self.upto is None else f" AND {column} <= %(upto)s"
        return f"{column} > %(after)s{end}"

    @property
    def parameters(self) -> dict[str, Any]:
        ids = None if self.ids is None else list(self.ids)
        return {"ids": ids, "after": self.after, "upto": self.upto}


def apply(segment: Segment, scope: Scope, *, at: datetime, announce: bool = False) -> Difference:
    """Let those in who match as of `at`, and those go who no longer do; note when to look again.

    With `announce` whatever rests on the segment is told of them, where no fact has told it already.

    Call in a transaction that holds the segment's lock, with the clock read after it. Raises InvalidCondition.
    """
    tree, zone = segment.tree, Organisation.objects.current().zone
    matching = Customer.objects.present().filter(tree.to_q(Asked(zone=zone, as_of=at)))
    given = {"segment": segment.pk, "at": at, "announce": announce} | scope.parameters
    found = _run(
        _DIFFERENCE.replace("{of_members}", scope.sql("m.customer_id")).replace(
            "{of_all}", scope.sql("q.id")
        ),
        {"matching": matching.order_by().values("pk").query.sql_with_params()},
        given,
    )
    difference = Difference(*found[0])
    _note_due(tree, scope, zone=zone, given=given)
    return difference


_DIFFERENCE = """
WITH matching (id) AS MATERIALIZED (SELECT q.id FROM ({matching}) q (id) WHERE {of_all}),
gone AS (
    UPDATE customers_segmentmember m SET left_at = greatest(m.entered_at, %(at)s::timestamptz)
    WHERE m.segment_id = %(segment)s AND m.left_at IS NULL AND {of_members}
        AND NOT EXISTS (SELECT FROM matching WHERE matching.id = m.customer_id)
    RETURNING customer_id),
come AS (
    INSERT INTO customers_segmentmember (segment_id, customer_id, original_customer_id, entered_at)
    SELECT %(segment)s, id, id, %(at)s FROM matching
    WHERE NOT EXISTS (
        SELECT FROM customers_segmentmember m
        WHERE m.segment_id = %(segment)s AND m.left_at IS NULL AND m.customer_id = matching.id)
    ORDER BY id
    RETURNING customer_id),
told AS (
    INSERT INTO customers_arrival (customer_id, since)
    SELECT customer_id, %(at)s FROM (SELECT * FROM come UNION ALL SELECT * FROM gone) moved WHERE %(announce)s)
SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM gone)
"""


def _note_due(tree: Node, scope: Scope, *, zone: str, given: dict[str, Any]) -> None:
    """The next instant at which a test of the tree may change by itself, for each customer that has one.

    What changes at the very instant asked about is not part of the answer yet: the bound is exclusive.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM customers_segmentdue m WHERE m.segment_id = %(segment)s AND {scope.sql('m.customer_id')}",  # noqa: S608  # our own words; values travel as parameters
            given,
        )
    compiled = {
        f"change_{place}": query.order_by().query.sql_with_params()
        for place, query in enumerate(each_once(tree.changes(zone=zone, known_at=None)))
    }
    if not compiled:
        return
    ahead = " UNION ALL ".join(
        f"SELECT q.customer_id, q.at FROM ({{{name}}}) q (customer_id, at)"  # noqa: S608  # as above
        f" WHERE q.at >= %(at)s AND {scope.sql('q.customer_id')}"
        for name in compiled
    )
    _run(
        "INSERT INTO customers_segmentdue (segment_id, customer_id, at)"  # noqa: S608  # as above
        f" SELECT %(segment)s, customer_id, min(at) FROM ({ahead}) a GROUP BY customer_id",
        compiled,
        given,
        fetch=False,
    )


def _run(
    statement: str,
    compiled: dict[str, tuple[str, tuple[Any, ...]]],
    given: dict[str, Any],
    *,
    fetch: bool = True,
) -> list[tuple[Any, ...]]:
    """Run a statement with queries of the ORM put into it, all values by name."""
    named, values = {}, dict(given)
    for name, (sql, parameters) in compiled.items():
        pieces = sql.split("%s")
        keys = [f"{name}_{number}" for number in range(len(parameters))]
        named[name] = "".join(
            piece + mark for piece, mark in zip(pieces, [*(f"%({key})s" for key in keys), ""], strict=True)
        )
        values |= dict(zip(keys, parameters, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**named), values)
        return list(cursor.fetchall()) if fetch else []
