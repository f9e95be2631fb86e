"""Lines of orders that were amended to another customer or moment follow them there."""

from datetime import datetime
from typing import Any

from psycopg import sql

from customers.intake import statements
from customers.models import OrderLine

_OF_THE_ORDER = ["customer_id", "original_customer_id", "occurred_at"]


def take_lines_along(roots: sql.Composable, *, at: datetime) -> None:
    """A later version of each live line that stands elsewhere than its order; `roots` is a query of orders' `root`.

    Who brought the line stays, so that undoing an import of lines also finds those that moved since. Whose history
    changes by it is told by the orders themselves.
    """
    orders = _as_they_stand(roots)
    if not orders:
        return
    ours = {"id", "first_id", "recorded_at", "superseded_at", *_OF_THE_ORDER}
    columns = [str(field.column) for field in OrderLine._meta.concrete_fields if not field.generated]
    kept = [column for column in columns if column not in ours]
    statements.run(
        "WITH moved AS (UPDATE customers_orderline l SET superseded_at = %s"
        "   FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) AS o(root, {of_the_order})"
        "   WHERE l.order_id = o.root AND l.superseded_at IS NULL"
        "   AND (l.customer_id, l.occurred_at) IS DISTINCT FROM (o.customer_id, o.occurred_at)"
        "   RETURNING l.id, l.root, {new}, {old})"
        " INSERT INTO customers_orderline (first_id, recorded_at, {of_the_order}, {kept})"
        " SELECT root, %s, {of_the_order}, {kept} FROM moved ORDER BY id",
        [at, *map(list, zip(*orders, strict=True)), at],
        new=statements.each_of("o", _OF_THE_ORDER),
        old=statements.each_of("l", kept),
        of_the_order=_OF_THE_ORDER,
        kept=kept,
    )


def _as_they_stand(roots: sql.Composable) -> list[tuple[Any, ...]]:
    """Live versions. Read step by step: a plan for all at once is bad where the tables have just been filled."""
    found = statements.rows("SELECT DISTINCT root FROM ({roots}) AS r(root) ORDER BY 1", roots=roots)
    return statements.rows(
        "SELECT o.root, {of_the_order} FROM customers_order o WHERE o.root = ANY(%s) AND o.superseded_at IS NULL",
        [[root for (root,) in found]],
        of_the_order=statements.each_of("o", _OF_THE_ORDER),
    )
