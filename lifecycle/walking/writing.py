"""Bring the stored history of the walked customers in line with `walk_stay`; equal rows are left alone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from clm.base import clock
from customers.conditions import InSegment
from customers.models import Segment
from lifecycle.models import ComponentRule, LifecycleModel, Rule, VersionStatus
from lifecycle.walking.pulled import park_pulled
from lifecycle.walking.tables import Stretch


@dataclass(frozen=True)
class Written:
    superseded: int = 0
    inserted: int = 0
    moved: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.superseded + other.superseded, self.inserted + other.inserted, self.moved + other.moved
        )


_BEGUN_ALIKE = """
    s.customer_id = p.customer_id AND s.entered_at = p.entered_at AND s.stage_id = p.stage_id
    AND s.cause = p.cause AND s.rule_id IS NOT DISTINCT FROM p.rule_id
    AND s.version_id = p.version_id AND s.held_until IS NOT DISTINCT FROM p.held_until
"""
_SAME = f"{_BEGUN_ALIKE} AND s.left_at IS NOT DISTINCT FROM p.left_at"
_WALKED = "EXISTS (SELECT FROM walk_stay any_ WHERE any_.customer_id = p.customer_id)"
_NEAR = "p.customer_id BETWEEN %(first)s AND %(last)s"

# Leaving at the present takes nothing back that was known before: the row is closed where it stands.
_CLOSE = f"""
UPDATE lifecycle_stageperiod p SET left_at = s.left_at
FROM walk_stay s
WHERE {_BEGUN_ALIKE} AND s.left_at >= %(now)s::timestamptz
  AND p.model_id = %(model)s AND p.superseded_at IS NULL AND p.left_at IS NULL AND {_NEAR}
"""  # noqa: S608

_SUPERSEDE = f"""
UPDATE lifecycle_stageperiod p SET superseded_at = %(at)s::timestamptz
FROM walk_customer w
WHERE w.customer_id = p.customer_id AND p.model_id = %(model)s AND p.superseded_at IS NULL
  AND (p.left_at IS NULL OR p.left_at >= w.since) AND {_NEAR} AND {_WALKED}
  AND NOT EXISTS (SELECT FROM walk_stay s WHERE {_SAME})
"""  # noqa: S608

_INSERT = f"""
INSERT INTO lifecycle_stageperiod (customer_id, original_customer_id, model_id, stage_id, version_id, entered_at,
    left_at, cause, rule_id, actor_id, reason, held_until, recorded_at)
SELECT s.customer_id, s.original_customer_id, %(model)s, s.stage_id, s.version_id, s.entered_at, s.left_at, s.cause,
    s.rule_id, s.actor_id, s.reason, s.held_until,
    CASE WHEN s.entered_at >= %(now)s::timestamptz THEN %(now)s::timestamptz ELSE %(at)s::timestamptz END
FROM walk_stay s
WHERE NOT EXISTS (SELECT FROM lifecycle_stageperiod p WHERE p.customer_id = s.customer_id
    AND p.model_id = %(model)s AND p.superseded_at IS NULL AND p.entered_at = s.entered_at AND {_NEAR})
ORDER BY s.customer_id, s.entered_at
"""  # noqa: S608

# The furthest stage is the one furthest down the order that the customer was ever in; falling away is not progress.
_CURRENT = f"""
WITH reached AS (
    SELECT DISTINCT ON (p.customer_id) p.customer_id, p.stage_id
    FROM lifecycle_stageperiod p JOIN walk_customer USING (customer_id) JOIN lifecycle_stage g ON g.id = p.stage_id
    WHERE p.model_id = %(model)s AND p.superseded_at IS NULL AND {_NEAR}
    ORDER BY p.customer_id, g.kind IN ('churned', 'at_risk'), g.position DESC
)
INSERT INTO lifecycle_currentstage AS c (customer_id, model_id, stage_id, furthest_id, since, held_until)
SELECT s.customer_id, %(model)s, s.stage_id, r.stage_id, s.entered_at, s.held_until
FROM walk_stay s JOIN reached r USING (customer_id) WHERE s.left_at IS NULL
ON CONFLICT (model_id, customer_id) DO UPDATE
SET stage_id = excluded.stage_id, furthest_id = excluded.furthest_id, since = excluded.since,
    held_until = excluded.held_until
WHERE (c.stage_id, c.furthest_id, c.since) <> (excluded.stage_id, excluded.furthest_id, excluded.since)
   OR c.held_until IS DISTINCT FROM excluded.held_until
"""  # noqa: S608

_DUE = """
DELETE FROM lifecycle_nextdue d USING walk_customer w
WHERE d.customer_id = w.customer_id AND d.model_id = %(model)s AND d.customer_id BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT FROM walk_due f WHERE f.customer_id = d.customer_id);
INSERT INTO lifecycle_nextdue AS d (customer_id, model_id, at)
SELECT customer_id, %(model)s, min(at) FROM walk_due GROUP BY customer_id
ON CONFLICT (model_id, customer_id) DO UPDATE SET at = excluded.at WHERE d.at <> excluded.at;
"""

# Of whom a row was written first stays with it through a merge, also when it is cut anew: that is what undoes a merge.
_REFUSALS = f"""
UPDATE lifecycle_refusal p SET superseded_at = %(at)s::timestamptz
FROM walk_customer w
WHERE w.customer_id = p.customer_id AND p.model_id = %(model)s AND p.superseded_at IS NULL AND p.source = 'rule'
  AND p.at >= w.since AND {_NEAR} AND {_WALKED}
  AND NOT EXISTS (SELECT FROM walk_refusal r WHERE r.customer_id = p.customer_id AND r.rule_id = p.rule_id
                  AND r.at = p.at AND r.from_stage_id = p.from_stage_id);
WITH merges AS (SELECT EXISTS (SELECT FROM customers_customermerge) AS any_merge)
INSERT INTO lifecycle_refusal (customer_id, original_customer_id, model_id, from_stage_id, to_stage_id, source,
    rule_id, reason, at, recorded_at)
SELECT r.customer_id, coalesce((
        SELECT p.original_customer_id FROM lifecycle_refusal p WHERE (SELECT any_merge FROM merges)
            AND p.customer_id = r.customer_id AND p.rule_id = r.rule_id AND p.at = r.at
        ORDER BY p.recorded_at DESC LIMIT 1), r.customer_id),
    %(model)s, r.from_stage_id, r.to_stage_id, 'rule', r.rule_id, 'forbidden', r.at, %(at)s::timestamptz
FROM walk_refusal r
WHERE NOT EXISTS (SELECT FROM lifecycle_refusal p WHERE p.customer_id = r.customer_id AND p.rule_id = r.rule_id
    AND p.superseded_at IS NULL AND p.from_stage_id = r.from_stage_id AND p.at = r.at AND {_NEAR});
"""  # noqa: S608


_SPELLS = f"""
UPDATE lifecycle_componentperiod p SET superseded_at = %(at)s::timestamptz
FROM walk_customer w, lifecycle_component g
WHERE w.customer_id = p.customer_id AND g.id = p.component_id AND g.model_id = %(model)s AND p.superseded_at IS NULL
  AND (p.ended_at IS NULL OR p.ended_at >= w.since) AND {_NEAR} AND {_WALKED}
  AND NOT EXISTS (SELECT FROM walk_spell s WHERE s.customer_id = p.customer_id AND s.component_id = p.component_id
      AND s.started_at = p.started_at AND s.ended_at IS NOT DISTINCT FROM p.ended_at);
WITH merges AS (SELECT EXISTS (SELECT FROM customers_customermerge) AS any_merge)
INSERT INTO lifecycle_componentperiod (customer_id, original_customer_id, component_id, started_at, ended_at, recorded_at)
SELECT s.customer_id, coalesce((
        SELECT p.original_customer_id FROM lifecycle_componentperiod p WHERE (SELECT any_merge FROM merges)
            AND p.customer_id = s.customer_id AND p.component_id = s.component_id AND p.started_at = s.started_at
        ORDER BY p.recorded_at DESC LIMIT 1), s.customer_id),
    s.component_id, s.started_at, s.ended_at, %(at)s::timestamptz
FROM walk_spell s
WHERE NOT EXISTS (SELECT FROM lifecycle_componentperiod p WHERE p.customer_id = s.customer_id
    AND p.component_id = s.component_id AND p.superseded_at IS NULL AND p.started_at = s.started_at AND {_NEAR});
"""  # noqa: S608

# Rules of other models may ask for stages of this one: those customers have news.
_TELL = f"""
INSERT INTO customers_arrival (customer_id, since)
SELECT s.customer_id, min(s.entered_at) FROM walk_stay s JOIN lifecycle_stageperiod p ON p.customer_id = s.customer_id
  AND p.model_id = %(model)s AND p.entered_at = s.entered_at AND p.superseded_at IS NULL
  AND p.recorded_at >= %(began)s AND {_NEAR}
GROUP BY 1
"""  # noqa: S608


def write_histories(model: LifecycleModel, stretch: Stretch, *, now: datetime | None = None) -> Written:
    """Supersede what is no longer so, insert what is new, refresh the current stage and the next due instants.

    `now` is the present up to which the histories were worked out; none when they end in the past. What is superseded
    is so from the instant on at which its successor is recorded: at no instant was nothing known.
    """
    began = now or clock.now()
    parameters = {"model": model.pk, "now": now or "infinity", "began": began, **stretch._asdict()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (parameters["at"],) = cursor.fetchone()
        cursor.execute("ANALYZE walk_stay")
        cursor.execute(_CLOSE, parameters)
        cursor.execute(_SUPERSEDE, parameters)
        superseded = cursor.rowcount
        cursor.execute(_INSERT, parameters)
        inserted = cursor.rowcount
        cursor.execute(_CURRENT, parameters)
        moved = cursor.rowcount
        cursor.execute(_DUE, parameters)
        cursor.execute(_REFUSALS, parameters)
        cursor.execute(_SPELLS, parameters)
        if inserted and _is_asked_for(model):
            cursor.execute(_TELL, parameters)
    park_pulled(model)
    return Written(superseded, inserted, moved)


def _is_asked_for(model: LifecycleModel) -> bool:
    """Whether a rule in force of another model names this one, or a segment while some segment names this one. May say so
    too often: then a look finds no change."""
    named = Q(condition__icontains=f'"{model.slug}"')
    if Segment.objects.dynamic().filter(conditions__icontains=f'"{model.slug}"').exists():
        named |= Q(condition__icontains=f'"{InSegment.name}"')
    others = [
        rows.filter(named, version__status=VersionStatus.PUBLISHED).exclude(version__model=model)
        for rows in (Rule.objects.all(), ComponentRule.objects.all())
    ]
    return any(rules.exists() for rules in others)
