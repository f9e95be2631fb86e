"""What customers have bought, as known now: rebuilt by those who write orders and refunds."""

from collections.abc import Sequence

from django.db import connection

from clm.accounts.models import Organisation

_REFRESH = """
    INSERT INTO customers_purchasesummary AS s
        (customer_id, orders, purchase_days, revenue, unconverted, first_order_at, last_order_at)
    SELECT wanted.id, count(o.id), count(DISTINCT (o.occurred_at AT TIME ZONE %(zone)s)::date),
        coalesce(sum(o.net_reporting - o.refunded_reporting), 0), count(o.id) FILTER (WHERE o.net_reporting IS NULL),
        min(o.occurred_at), max(o.occurred_at)
    FROM unnest(%(ids)s::bigint[]) AS wanted(id)
    LEFT JOIN (
        SELECT o.id, o.customer_id, o.occurred_at, o.net, o.net_reporting,
            coalesce(r.amount, 0) AS refunded, coalesce(r.reporting, 0) AS refunded_reporting
        FROM customers_order o
        LEFT JOIN LATERAL (
            SELECT sum(amount) AS amount, sum(reporting) AS reporting FROM customers_refund
            WHERE order_id = o.root AND superseded_at IS NULL
        ) r ON true
        WHERE o.superseded_at IS NULL AND o.status = 'paid' AND NOT o.is_test AND o.net > 0
            AND o.customer_id = ANY(%(ids)s)
    ) o ON o.customer_id = wanted.id AND o.net > o.refunded
    GROUP BY wanted.id
    ORDER BY wanted.id
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
