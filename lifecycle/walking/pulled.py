"""Customers whom rules pull to and fro are kept off them until somebody looks: the parking names the rules."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from clm.accounts.models import AuditEntry
from customers.models import Customer
from lifecycle.models import LifecycleModel
from lifecycle.walking.everybody import last_begun
from lifecycle.walking.rounds import Round

WITHIN_A_DAY, DAY_BY_DAY = "ping-pong", "day-by-day"
TOLD_ONE_BY_ONE = 100

_SINCE_RELEASE = """coalesce((SELECT max(released_at) FROM lifecycle_parking k
      WHERE k.customer_id = p.customer_id AND k.model_id = p.model_id), '-infinity')"""

# Three moves by rules within 24 hours: what was taken back meanwhile counts, too. What a publication or a replay made of
# everybody's moves says nothing of the rules: those from before it are left out. Customer by customer: what PostgreSQL
# knows of the table is from before this pass, and by that it would hold each of the walked against each of the moved.
_WITHIN_A_DAY = f"""
SELECT w.customer_id, lately.rules FROM walk_customer w CROSS JOIN LATERAL (
    SELECT to_jsonb(array_agg(DISTINCT p.rule_id)) AS rules
    FROM lifecycle_stageperiod p
    WHERE p.customer_id = w.customer_id AND p.model_id = %(model)s AND p.cause = 'rule'
      AND p.entered_at > statement_timestamp() - interval '24 hours'
      AND p.recorded_at > greatest(statement_timestamp() - interval '24 hours', %(anew)s::timestamptz, {_SINCE_RELEASE})
    HAVING count(DISTINCT (p.stage_id, p.entered_at)) >= 3 AND count(DISTINCT p.stage_id) > 1) AS lately
"""  # noqa: S608

# A day decides once, so rules that ask where the customer is may lead them round a stage a day, without any news. Who is
# about to go the way that they have come just now does not get out of it by themselves.
_DAY_BY_DAY = f"""
SELECT customer_id, to_jsonb(array_agg(DISTINCT rule_id) FILTER (WHERE place < length)) FROM (
    SELECT p.customer_id, p.stage_id, p.rule_id, p.cause, p.entered_at, r.way, r.length,
        (p.entered_at AT TIME ZONE %(zone)s)::date AS day, p.recorded_at > {_SINCE_RELEASE} AS is_new,
        row_number() OVER (PARTITION BY p.customer_id ORDER BY p.entered_at DESC) AS place
    FROM unnest(%(ids)s::bigint[], %(ways)s::text[], %(lengths)s::int[]) AS r (customer_id, way, length)
    JOIN lifecycle_stageperiod p USING (customer_id)
    WHERE p.model_id = %(model)s AND p.superseded_at IS NULL) AS stays
WHERE place <= length
GROUP BY customer_id, way, length
HAVING count(*) = length AND bool_and(cause = 'rule' AND is_new) AND max(day) - min(day) < length
  AND string_agg(stage_id::text, ' ' ORDER BY entered_at) = way
"""  # noqa: S608

_PARK = """
INSERT INTO lifecycle_parking (customer_id, model_id, reason, rules, parked_at)
SELECT pulled.customer_id, %(model)s, %(reason)s, pulled.rules, clock_timestamp()
FROM ({pulled}) AS pulled (customer_id, rules)
ON CONFLICT DO NOTHING RETURNING customer_id, rules
"""


def park_pulled(model: LifecycleModel) -> None:
    """Of the walked customers, those whom rules moved three times within 24 hours."""
    _park(model, WITHIN_A_DAY, _WITHIN_A_DAY, {"anew": last_begun(model)})


def park_going_round(model: LifecycleModel, rounds: Mapping[int, Round], zone: ZoneInfo) -> None:
    """Those whom rules have just led round the stages of a `round_ahead`, by customer, and would again."""
    if not rounds:
        return
    ways = [" ".join(map(str, ahead.stages)) for ahead in rounds.values()]
    lengths = [len(ahead.stages) for ahead in rounds.values()]
    values = {"ids": list(rounds), "ways": ways, "lengths": lengths, "zone": zone.key}
    _park(model, DAY_BY_DAY, _DAY_BY_DAY, values)


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
