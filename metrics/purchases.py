"""Qualifying orders in SQL, said once: the raw view of a lens and the fold into the roll-up both build on it."""

PAID = "o.status = 'paid' AND NOT o.is_test AND o.net > 0"


def paid_sql(*, customer: str, join: str, where: str) -> str:
    """Orders that were paid, before refunds; `where` says which versions and whose."""
    return f"""
        SELECT {customer} AS customer, o.occurred_at AS at, o.root, o.net, o.gross, o.rate, o.channel_id, o.id
        FROM customers_order o {join} WHERE {PAID} AND {where}"""


def qualifying_sql(paid: str, refunds: str) -> str:
    """What is left above zero after refunds(root, amount); revenue and gross are null where the rate is missing."""
    return f"""
        SELECT p.customer, p.at, (p.at AT TIME ZONE %(zone)s)::date AS day, p.net - coalesce(r.amount, 0) AS kept,
            (p.net - coalesce(r.amount, 0)) * p.rate AS revenue, p.gross * p.rate AS gross, p.channel_id, p.id
        FROM {paid} p LEFT JOIN (SELECT root, sum(amount) AS amount FROM {refunds} x GROUP BY root) r USING (root)
        WHERE p.net > coalesce(r.amount, 0)"""


def followed_sql(orders: str) -> str:
    """Each order with the one after it (`next`), the days in between (`gap`), and whether it is the first."""
    return f"""
        SELECT q.*, lead(at) OVER own AS next, lead(day) OVER own - day AS gap, row_number() OVER own = 1 AS is_first
        FROM {orders} q WINDOW own AS (PARTITION BY customer ORDER BY at, id)"""
