"""Customers whom rules pull to and fro are kept off them until somebody looks: the parking names the rules."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from clm.accounts.models import AuditEntry
from customers.models import Customer
from lifecycle.models import LifecycleModel

WITHIN_A_DAY, DAY_BY_DAY = "ping-pong", "day-by-day"
TOLD_ONE_BY_ONE = 100

_SINCE_RELEASE = """coalesce((SELECT max(released_at) FROM lifecycle_parking k
      WHERE k.customer_id = p.customer_id AND k.model_id = p.model_id), '-infinity')"""

# Three moves by rules within 24 hours: what was taken back meanwhile counts, too.
_WITHIN_A_DAY = f"""
SELECT p.customer_id, to_jsonb(array_agg(DISTINCT p.rule_id))
FROM lifecycle_stageperiod p JOIN walk_customer USING (customer_id)
WHERE p.model_id = %(model)s AND p.cause = 'rule' AND p.entered_at > clock_timestamp() - interval '24 hours'
  AND p.recorded_at > greatest(clock_timestamp() - interval '24 hours', {_SINCE_RELEASE})
GROUP BY p.customer_id HAVING count(DISTINCT (p.stage_id, p.entered_at)) >= 3 AND count(DISTINCT p.stage_id) > 1
"""  # noqa: S608

# A day decides once, so rules that ask where the customer is may send them away and back day by day, without any news.
_DAY_BY_DAY = f"""
SELECT customer_id, to_jsonb(array_agg(DISTINCT rule_id)) FROM (
    SELECT p.customer_id, p.stage_id, p.rule_id, p.cause, (p.entered_at AT TIME ZONE %(zone)s)::date AS day,
        p.recorded_at > {_SINCE_RELEASE} AS is_new,
        row_number() OVER (PARTITION BY p.customer_id ORDER BY p.entered_at DESC) AS place
    FROM lifecycle_stageperiod p JOIN walk_customer USING (customer_id)
    WHERE p.model_id = %(model)s AND p.superseded_at IS NULL
      AND p.entered_at > clock_timestamp() - interval '5 days') AS stays
WHERE place <= 3
GROUP BY customer_id
HAVING count(*) = 3 AND bool_and(cause = 'rule' AND is_new) AND count(DISTINCT stage_id) = 2
  AND max(day) - min(day) <= 2 AND bool_or(rule_id = ANY(%(rules)s))
"""  # noqa: S608

_PARK = """
INSERT INTO lifecycle_parking (customer_id, model_id, reason, rules, parked_at)
SELECT pulled.customer_id, %(model)s, %(reason)s, pulled.rules, clock_timestamp()
FROM ({pulled}) AS pulled (customer_id, rules)
ON CONFLICT DO NOTHING RETURNING customer_id, rules
"""


def park_pulled(model: LifecycleModel) -> None:
    """Of the walked customers, those whom rules moved three times within 24 hours."""
    _park(model, WITHIN_A_DAY, _WITHIN_A_DAY, {})


def park_going_round(model: LifecycleModel, asking_own: Sequence[int], zone: ZoneInfo) -> None:
    """Of the walked customers, those in the one and the other of two stages on three days running.

    One of the moves must be by a rule `asking_own`, about the model's own stages; else it is news that moves them.
    """
    if asking_own:
        _park(model, DAY_BY_DAY, _DAY_BY_DAY, {"rules": list(asking_own), "zone": zone.key})


def _park(model: LifecycleModel, reason: str, pulled: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"model": model.pk, "reason": reason} | values
        cursor.execute(_PARK.format(pulled=pulled), parameters)
        parked = {pk: json.loads(rules) for pk, rules in cursor.fetchall()}
    if parked:
        _record(model, reason, parked)


def _record(model: LifecycleModel, reason: str, parked: dict[int, list[int]]) -> None:
    if len(parked) > TOLD_ONE_BY_ONE:
        rules = sorted({rule for named in parked.values() for rule in named})
        AuditEntry.objects.record("customers.parked", model, count=len(parked), reason=reason, rules=rules)
        return
    for customer in Customer.objects.filter(pk__in=parked):
        rules = parked[customer.pk]
        AuditEntry.objects.record("customer.parked", customer, model=model.slug, reason=reason, rules=rules)
