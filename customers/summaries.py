"""What customers have bought, as known now: rebuilt by those who write orders and refunds."""

from collections.abc import Sequence

from django.db import connection

from clm.accounts.models import Organisation

# Nobody without orders is lost, and no join that a planner without statistics could get wrong.
_REFRESH = """
    INSERT INTO customers_purchasesummary AS s
        (customer_id, orders, purchase_days, revenue, unconverted, first_order_at, last_order_at)
    SELECT id, count(order_id), count(DISTINCT day), coalesce(sum(worth), 0), count(order_id) FILTER (WHERE worth IS NULL),
        min(at), max(at)
    FROM (
        SELECT unnest(%(ids)s::bigint[]) AS id, NULL::bigint AS order_id, NULL::date AS day, NULL::numeric AS worth,
            NULL::timestamptz AS at
        UNION ALL
        SELECT o.customer_id, o.id, (o.occurred_at AT TIME ZONE %(zone)s)::date,
            o.net_reporting - coalesce(r.reporting, 0), o.occurred_at
        FROM customers_order o
        LEFT JOIN LATERAL (
            SELECT sum(amount) AS amount, sum(reporting) AS reporting FROM customers_refund
            WHERE order_id = o.root AND superseded_at IS NULL
        ) r ON true
        WHERE o.customer_id = ANY(%(ids)s) AND o.superseded_at IS NULL AND o.status = 'paid' AND NOT o.is_test
            AND o.net > 0 AND o.net > coalesce(r.amount, 0)
    ) AS bought
    GROUP BY id
    ORDER BY id
    ON CONFLICT (customer_id) DO UPDATE SET
        orders = excluded.orders, purchase_days = excluded.purchase_days, revenue = excluded.revenue,
        unconverted = excluded.unconverted, first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at
"""


def refresh(customer_ids: Sequence[int], *, organisation: Organisation | None = None) -> None:
    """Work the summaries of these customers out again, days counted in the organisation's zone."""
    if not customer_ids:
        return
    zone = (organisation or Organisation.objects.current()).zone
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"ids": list(customer_ids), "zone": zone})
