"""Adding up what a simulation's walks wrote."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Func, Sum, Value, Window
from django.db.models.functions import RowNumber

from clm.base import clock
from lifecycle.models import Parking, Simulation, Span, StagePeriod
from lifecycle.simulating.consequences import consequences_of

Pair = tuple[int | None, int | None]
EXAMPLES = 50


@transaction.atomic
def sum_up(simulation: Simulation, *, aside: int) -> None:
    flows = _flows(simulation)
    simulation.result = {
        "stages": _stages(simulation, flows),
        "flows": [
            {"from": one, "to": other, "customers": count}
            for (one, other), count in flows.most_common()
            if one != other
        ],
        "customers": sum(flows.values()),
        "moving": sum(count for (one, other), count in flows.items() if one != other),
        "aside": aside,
        "parked": Parking.objects.filter(model=simulation.version.model_id, released_at=None).count(),
        "examples": _examples(simulation),
        "consequences": consequences_of(simulation) if simulation.span == Span.NOW else [],
    }
    simulation.finished_at = clock.now()
    simulation.save(update_fields=["result", "finished_at"])


def _examples(simulation: Simulation) -> list[int]:
    """Customers who would move: some of every flow, the same ones whenever it is asked."""
    spread = Func(F("customer_id"), Value(0), function="hashint8extended", output_field=BigIntegerField())
    turn = Window(RowNumber(), partition_by=["from_stage", "to_stage"], order_by="spread")
    chosen = simulation.moves.annotate(spread=spread).annotate(turn=turn).order_by("turn", "spread")
    return list(chosen.values_list("customer_id", flat=True)[:EXAMPLES])


def _flows(simulation: Simulation) -> Counter[Pair]:
    rows = simulation.flows.values_list("from_stage", "to_stage").annotate(n=Sum("customers"))
    return Counter({(one, other): count for one, other, count in rows})


def _stages(simulation: Simulation, flows: Counter[Pair]) -> list[dict[str, Any]]:
    """Of each stage: how many now and after, entering and leaving; over a stretch also how often it was entered."""
    entries = _entries(simulation)
    stages = {stage for pair in flows for stage in pair if stage is not None} | set(entries)
    used = simulation.version.stage_uses.values_list("stage_id", flat=True)
    return [_stage(stage, flows, entries) for stage in sorted(stages | set(used))]


def _stage(stage: int, flows: Counter[Pair], entries: dict[int, tuple[int, int]]) -> dict[str, Any]:
    entering = sum(count for (one, other), count in flows.items() if other == stage != one)
    leaving = sum(count for (one, other), count in flows.items() if one == stage != other)
    stay = flows[stage, stage]
    told = {
        "stage": stage,
        "now": stay + leaving,
        "after": stay + entering,
        "entering": entering,
        "leaving": leaving,
    }
    return told | (
        {"entered": entries[stage][0], "would_enter": entries[stage][1]} if stage in entries else {}
    )


def _entries(simulation: Simulation) -> dict[int, tuple[int, int]]:
    """(in truth, with the version) by stage, within the stretch; empty for a version that is tried now."""
    if simulation.span == Span.NOW:
        return {}
    since, until = simulation.since, simulation.until
    model = simulation.version.model_id
    truly = _by_stage(
        StagePeriod.objects.live().filter(model=model, customer__merged_into=None), since, until
    )
    would = _by_stage(simulation.periods.all(), since, until)
    return {stage: (truly.get(stage, 0), would.get(stage, 0)) for stage in {*truly, *would}}


def _by_stage(periods: Any, since: datetime, until: datetime) -> dict[int, int]:
    entered = periods.filter(entered_at__gte=since, entered_at__lte=until).order_by()
    return dict(entered.values_list("stage").annotate(n=Count("pk")))
