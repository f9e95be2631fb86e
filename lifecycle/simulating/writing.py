"""Where the walk of a simulation ends: in the simulation's tables, beside what is so in truth."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from lifecycle.models import (
    LifecycleModel,
    SimulatedFlow,
    SimulatedMove,
    SimulatedPeriod,
    Simulation,
    Span,
    Stage,
)
from lifecycle.walking.tables import Stretch
from lifecycle.walking.writing import Written

# The stay that somebody is really in at the end of what is tried.
_TRULY = """
    p.model_id = %(model)s AND p.superseded_at IS NULL AND p.entered_at <= %(until)s
    AND (p.left_at IS NULL OR p.left_at > %(until)s)
"""

_MOVES = f"""
INSERT INTO lifecycle_simulatedmove (simulation_id, customer_id, from_stage_id, to_stage_id, entered_at, cause, rule_id)
SELECT %(simulation)s, s.customer_id, p.stage_id, s.stage_id, s.entered_at, s.cause, s.rule_id
FROM walk_stay s LEFT JOIN lifecycle_stageperiod p ON p.customer_id = s.customer_id AND {_TRULY}
    AND p.customer_id BETWEEN %(first)s AND %(last)s
WHERE s.left_at IS NULL AND s.entered_at <= %(until)s AND p.stage_id IS DISTINCT FROM s.stage_id
"""  # noqa: S608

_PERIODS = """
INSERT INTO lifecycle_simulatedperiod (simulation_id, customer_id, stage_id, entered_at, left_at, cause, rule_id)
SELECT %(simulation)s, s.customer_id, s.stage_id, s.entered_at, s.left_at, s.cause, s.rule_id
FROM walk_stay s
WHERE s.entered_at <= %(until)s AND (s.left_at IS NULL OR s.left_at > %(since)s)
"""

# Whom the walk left out, such as the parked, keeps the history there is.
_KEPT = """
INSERT INTO lifecycle_simulatedperiod (simulation_id, customer_id, stage_id, entered_at, left_at, cause, rule_id)
SELECT %(simulation)s, p.customer_id, p.stage_id, p.entered_at,
    CASE WHEN p.left_at <= %(until)s THEN p.left_at END, p.cause, p.rule_id
FROM lifecycle_stageperiod p
WHERE p.customer_id = ANY(%(ids)s) AND p.model_id = %(model)s AND p.superseded_at IS NULL
  AND p.entered_at <= %(until)s AND (p.left_at IS NULL OR p.left_at > %(since)s)
  AND NOT EXISTS (SELECT FROM lifecycle_simulatedperiod s
                  WHERE s.simulation_id = %(simulation)s AND s.customer_id = p.customer_id)
"""

_TALLY = f"""
INSERT INTO lifecycle_simulatedflow (simulation_id, chunk, from_stage_id, to_stage_id, customers)
SELECT %(simulation)s, %(chunk)s, there.stage_id, coalesce(moved.to_stage_id, there.stage_id), count(*)
FROM (SELECT p.customer_id, p.stage_id FROM lifecycle_stageperiod p
      WHERE p.customer_id = ANY(%(ids)s) AND {_TRULY}) AS there
FULL JOIN (SELECT customer_id, to_stage_id FROM lifecycle_simulatedmove
           WHERE simulation_id = %(simulation)s AND customer_id = ANY(%(ids)s)) AS moved USING (customer_id)
GROUP BY 3, 4
"""  # noqa: S608


# As publishing does at its end: who is left in a stage that the version has not goes to its heir.
_RESETTLED = """
UPDATE lifecycle_simulatedmove m SET to_stage_id = heir.new, entered_at = %(until)s, cause = 'person', rule_id = NULL
FROM unnest(%(gone)s::bigint[], %(heirs)s::bigint[]) AS heir (old, new)
WHERE m.simulation_id = %(simulation)s AND m.customer_id = ANY(%(ids)s) AND m.to_stage_id = heir.old
"""
_STAYED = """
DELETE FROM lifecycle_simulatedmove
WHERE simulation_id = %(simulation)s AND customer_id = ANY(%(ids)s) AND from_stage_id = to_stage_id
"""
_LEFT = f"""
INSERT INTO lifecycle_simulatedmove (simulation_id, customer_id, from_stage_id, to_stage_id, entered_at, cause)
SELECT %(simulation)s, p.customer_id, p.stage_id, heir.new, %(until)s, 'person'
FROM lifecycle_stageperiod p
JOIN unnest(%(gone)s::bigint[], %(heirs)s::bigint[]) AS heir (old, new) ON heir.old = p.stage_id
WHERE p.customer_id = ANY(%(ids)s) AND {_TRULY}
  AND NOT EXISTS (SELECT FROM lifecycle_simulatedmove m
                  WHERE m.simulation_id = %(simulation)s AND m.customer_id = p.customer_id)
"""  # noqa: S608


class Sink:
    """Takes what a walk gave for one simulation. Chunks may be walked again: what was there of them goes first."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.keeps_periods = simulation.span != Span.NOW
        self.parameters: dict[str, Any] = {
            "simulation": simulation.pk,
            "model": simulation.version.model_id,
            "since": simulation.since,
            "until": simulation.until,
            **_heirs(simulation),
        }

    def clear(self, ids: Sequence[int]) -> None:
        """`ids` are all customers between the first and the last."""
        for rows in (SimulatedMove, SimulatedPeriod):
            mine = rows._default_manager.filter(simulation=self.simulation)
            mine.filter(customer__gte=ids[0], customer__lte=ids[-1]).delete()
        SimulatedFlow.objects.filter(
            simulation=self.simulation, chunk__gte=ids[0], chunk__lte=ids[-1]
        ).delete()

    def write(self, model: LifecycleModel, stretch: Stretch) -> Written:
        with connection.cursor() as cursor:
            cursor.execute(_MOVES, self.parameters | stretch._asdict())
            if self.keeps_periods:
                cursor.execute(_PERIODS, self.parameters)
        return Written()

    def tally(self, ids: Sequence[int]) -> None:
        """Count everybody of the chunk, also whom the walk left out."""
        chunk = self.parameters | {"ids": list(ids), "chunk": ids[0]}
        with connection.cursor() as cursor:
            if self.keeps_periods:
                cursor.execute(_KEPT, chunk)
            if self.parameters["gone"]:
                cursor.execute(_RESETTLED, chunk)
                cursor.execute(_STAYED, chunk)
                cursor.execute(_LEFT, chunk)
            cursor.execute(_TALLY, chunk)


def _heirs(simulation: Simulation) -> dict[str, list[int]]:
    """Stages that the version has no more, and in the same order those that get their people."""
    chosen = simulation.job.parameters.get("heirs", {}) if simulation.job else {}
    stages = dict(Stage.objects.filter(model=simulation.version.model_id).values_list("slug", "pk"))
    known = {old: new for old, new in chosen.items() if old in stages and new in stages}
    return {"gone": [stages[old] for old in known], "heirs": [stages[new] for new in known.values()]}
