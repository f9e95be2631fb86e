"""Folding changed customers into the roll-up of purchases.

One statement takes the notes of changed customers, drops their rows and writes them anew from the facts, all on one
snapshot: whoever changes a fact meanwhile leaves a note that this fold does not see, and the next one works off.
"""

from django.db import connection, transaction

from clm.accounts.models import Organisation
from metrics.models import ChangedPurchases, Folding, Purchase
from metrics.purchases import followed_sql, paid_sql, qualifying_sql

CHUNK = 50_000
MANY = 5_000
LOCK = 0x6D657472  # any number that nobody else locks

_PAID = paid_sql(
    customer="o.customer_id",
    join="",
    where="o.superseded_at IS NULL AND o.customer_id IN (SELECT customer_id FROM changed)",
)
_REFUNDS = """(SELECT order_id AS root, amount FROM customers_refund
    WHERE superseded_at IS NULL AND customer_id IN (SELECT customer_id FROM changed))"""
FOLD = f"""
    WITH taken AS (
        DELETE FROM metrics_changedpurchases WHERE id IN (
            SELECT id FROM metrics_changedpurchases ORDER BY id LIMIT %(chunk)s) RETURNING customer_id),
    changed AS (SELECT DISTINCT customer_id FROM taken),
    gone AS (DELETE FROM metrics_purchase WHERE customer_id IN (SELECT customer_id FROM changed))
    INSERT INTO metrics_purchase
        (customer_id, order_id, at, day, is_first, next_at, gap, kept, revenue, gross, channel_id)
    SELECT customer, id, at, day, is_first, next, gap, kept, revenue, gross, channel_id
    FROM ({followed_sql(f"({qualifying_sql(f'({_PAID})', _REFUNDS)})")}) followed"""


def fold() -> int:
    """Bring the roll-up up to date, in chunks. Returns how many notes were worked off; 0 when another is at it."""
    zone, done = Organisation.objects.current().zone, 0
    while taken := _fold_chunk(zone):
        done += taken
    if done >= MANY:
        _tell_the_planner()
    return done


def _tell_the_planner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE metrics_purchase")


@transaction.atomic
def _fold_chunk(zone: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), clock_timestamp()", [LOCK])
        is_ours, now = cursor.fetchone()
        if not is_ours:
            return 0
        if not Folding.objects.filter(zone=zone).exists():
            _start_anew()
            Folding.objects.update_or_create(pk=1, defaults={"zone": zone, "folded_at": now})
        waiting = min(CHUNK, ChangedPurchases.objects.count())
        if waiting:
            cursor.execute(FOLD, {"zone": zone, "chunk": CHUNK})
            Folding.objects.update(folded_at=now)
        return waiting


def _start_anew() -> None:
    """The first fold, or days count in another zone now: everybody who ever ordered is to be folded."""
    Purchase.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_changedpurchases (customer_id) SELECT DISTINCT customer_id FROM customers_order"
        )
