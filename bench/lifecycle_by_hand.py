"""What somebody would write who knows the twenty rules and needs no history, reasons or due instants: the measure."""

from django.db import connection

from lifecycle.models import LifecycleModel, ModelVersion

_TARGETS = """
CREATE TEMP TABLE by_hand ON COMMIT DROP AS
WITH days AS (
    SELECT customer_id, current_date - (occurred_at AT TIME ZONE 'UTC')::date AS age, occurred_at FROM customers_order o
    WHERE superseded_at IS NULL AND status = 'paid' AND NOT is_test AND net > coalesce(
        (SELECT sum(amount) FROM customers_refund r WHERE r.order_id = o.root AND r.superseded_at IS NULL), 0)
),
bought AS (
    SELECT customer_id, min(age) AS last, count(DISTINCT age) AS days, count(DISTINCT age) FILTER (WHERE age <= 365) AS days365,
        count(DISTINCT age) FILTER (WHERE age <= 700) AS days700
    FROM days GROUP BY customer_id
),
happened AS (
    SELECT customer_id, name, current_date - (occurred_at AT TIME ZONE 'UTC')::date AS age
    FROM customers_event WHERE superseded_at IS NULL
),
did AS (
    SELECT customer_id,
        count(*) FILTER (WHERE name = 'review.posted' AND age <= 365) AS review365,
        count(*) FILTER (WHERE name = 'review.posted' AND age <= 720) AS review720,
        count(*) FILTER (WHERE name = 'email.clicked' AND age <= 90) AS click90,
        count(*) FILTER (WHERE name = 'email.clicked' AND age <= 60) AS click60,
        count(*) FILTER (WHERE name = 'email.clicked' AND age <= 30) AS click30,
        count(*) FILTER (WHERE name = 'page.viewed' AND age <= 14) AS view14,
        count(*) FILTER (WHERE name = 'page.viewed' AND age <= 30) AS view30,
        count(*) FILTER (WHERE name = 'page.viewed' AND age <= 90) AS view90,
        count(*) FILTER (WHERE name = 'page.viewed' AND age <= 180) AS view180,
        count(*) FILTER (WHERE name = 'page.viewed' AND age <= 365) AS view365,
        count(*) FILTER (WHERE name = 'form.submitted' AND age <= 90) AS form90,
        count(*) FILTER (WHERE name = 'form.submitted' AND age <= 180) AS form180,
        count(*) FILTER (WHERE name = 'cart.added' AND age <= 30) AS cart30
    FROM happened GROUP BY customer_id
)
SELECT c.id AS customer_id, CASE
    WHEN days365 >= 3 AND last <= 180 AND review365 > 0 THEN 1
    WHEN days365 >= 3 AND last <= 180 AND click90 >= 3 THEN 2
    WHEN days365 >= 3 AND last <= 180 THEN 3
    WHEN days700 >= 4 AND last <= 120 THEN 4
    WHEN last > 180 AND coalesce(view30, 0) = 0 THEN 5
    WHEN last > 200 THEN 6
    WHEN last > 180 AND coalesce(click60, 0) = 0 THEN 7
    WHEN days = 1 AND last <= 30 THEN 8
    WHEN days = 1 AND last <= 45 AND view14 > 0 THEN 9
    WHEN days365 >= 2 AND last <= 60 THEN 10
    WHEN last <= 90 THEN 11
    WHEN last <= 120 AND click30 > 0 THEN 12
    WHEN last <= 180 THEN 13
    WHEN view90 >= 2 THEN 14
    WHEN form90 > 0 THEN 15
    WHEN click60 > 0 THEN 16
    WHEN view365 >= 3 THEN 17
    WHEN cart30 > 0 THEN 18
    WHEN form180 > 0 AND view180 > 0 THEN 19
    WHEN review720 > 0 THEN 20
END AS priority
FROM customers_customer c LEFT JOIN bought ON bought.customer_id = c.id LEFT JOIN did ON did.customer_id = c.id
WHERE c.merged_into_id IS NULL
"""
_MOVES = """
CREATE TEMP TABLE moves ON COMMIT DROP AS
SELECT h.customer_id, r.id AS rule_id, r.stage_id, clock_timestamp() AS at
FROM by_hand h JOIN lifecycle_rule r ON r.version_id = %(version)s AND r.priority = h.priority
JOIN lifecycle_currentstage s ON s.customer_id = h.customer_id AND s.model_id = %(model)s AND s.stage_id <> r.stage_id
"""
_CLOSE = """
UPDATE lifecycle_stageperiod p SET left_at = m.at FROM moves m
WHERE p.customer_id = m.customer_id AND p.model_id = %(model)s AND p.left_at IS NULL AND p.superseded_at IS NULL
"""
_OPEN = """
INSERT INTO lifecycle_stageperiod (customer_id, original_customer_id, model_id, stage_id, version_id, entered_at, cause,
    rule_id, reason, recorded_at)
SELECT customer_id, customer_id, %(model)s, stage_id, %(version)s, at, 'rule', rule_id, '', at FROM moves
"""
_CURRENT = """
UPDATE lifecycle_currentstage c SET stage_id = m.stage_id, furthest_id = m.stage_id, since = m.at FROM moves m
WHERE c.customer_id = m.customer_id AND c.model_id = %(model)s
"""


def pass_by_hand(model: LifecycleModel) -> None:
    """Within a transaction of the caller, checks of foreign keys included."""
    known = {"model": model.pk, "version": ModelVersion.objects.get(model=model).pk}
    with connection.cursor() as cursor:
        for statement in (_TARGETS, _MOVES, _CLOSE, _OPEN, _CURRENT, "SET CONSTRAINTS ALL IMMEDIATE"):
            cursor.execute(statement, known)


def stage_counts(model: LifecycleModel) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.slug, count(*) FROM lifecycle_currentstage c JOIN lifecycle_stage g ON g.id = c.stage_id"
            " WHERE c.model_id = %s GROUP BY 1 ORDER BY 1",
            [model.pk],
        )
        return dict(cursor.fetchall())
