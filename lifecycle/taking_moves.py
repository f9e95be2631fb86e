"""Moves to stages as files and programs bring them: by the same policy as any other, refused with the same reasons."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.utils.translation import gettext as _

from customers.intake.batch import Batch, Outcome, What
from customers.intake.kinds import Row
from customers.intake.people import People, lock_customers
from lifecycle.admission import MoveSet, StageUnknown, admit, foresee
from lifecycle.models import Cause, LifecycleModel, Stage, VersionStage, VersionStatus


def write_moves(batch: Batch) -> None:
    """Of several rows for one customer and model the last one counts. Who is not known is refused, not made."""
    stages = _stages(batch)
    _find_customers(batch)
    last = {(row.customer_id, stages[id(row)].model_id): row for row in batch.rows}
    counts = {id(row) for row in last.values()}
    _count(batch, [row for row in batch.rows if id(row) not in counts], "unchanged")
    lock_customers(batch, {row.customer_id for row in batch.rows})  # those of all sets at once, in id order
    for alike, rows in _sets(last.values(), stages).items():
        _move(batch, alike, rows)


@dataclass(frozen=True)
class _Alike:
    """What the rows of one set have in common."""

    stage: Stage
    reason: str
    hold: timedelta | None


def _sets(rows: Iterable[Row], stages: dict[int, Stage]) -> dict[_Alike, list[Row]]:
    sets: defaultdict[_Alike, list[Row]] = defaultdict(list)
    for row in rows:
        days = cast(int, row.values.get("hold_days") or 0)
        hold = timedelta(days=days) if days else None
        sets[_Alike(stages[id(row)], str(row.values.get("reason") or ""), hold)].append(row)
    return sets


def _move(batch: Batch, alike: _Alike, rows: list[Row]) -> None:
    of = {row.customer_id: row for row in rows}
    moves = MoveSet(list(of), alike.stage, alike.reason, alike.hold)
    try:
        if not batch.locks:  # a trial waits for nobody
            done = foresee(moves, source=Cause.IMPORT)
        else:
            done = admit(moves, source=Cause.IMPORT if batch.written_by else Cause.API, actor=batch.by)
    except StageUnknown as error:  # retired since the rows were read
        batch.refuse((row, "stage", str(error)) for row in rows)
        return
    _count(batch, [of[pk] for pk in done.moved], "added")
    _count(batch, [of[pk] for pk in done.unchanged], "unchanged")
    batch.refuse((of[refused.customer_id], "stage", refused.reason) for refused in done.refused)


def _count(batch: Batch, rows: list[Row], what: What) -> None:
    taken = batch.taken
    if what == "added":
        taken.added += len(rows)
    else:
        taken.unchanged += len(rows)
    if batch.detailed:
        taken.outcomes += [Outcome(row.number, what, row.customer_id) for row in rows]


def _find_customers(batch: Batch) -> None:
    people = People(batch)
    people.resolve()
    batch.refuse(
        (row, "", _("No customer is known by this. Import the customer first."))
        for row in batch.rows
        if row.customer_id in people.fresh
    )


def _stages(batch: Batch) -> dict[int, Stage]:
    """The stage that each row means, by its id(); rows that mean none are refused."""
    known = _Known()
    found: dict[int, Stage] = {}
    refused: list[tuple[Row, str, str]] = []
    for row in batch.rows:
        model = known.model(str(row.values.get("model") or ""))
        stage = known.stage(model, str(row.values["stage"])) if model else None
        if stage:
            found[id(row)] = stage
        elif model:
            names = ", ".join(known.stages[model.pk])
            refused.append(
                (row, "stage", _("Not a stage in use. Choose one of: %(names)s.") % {"names": names})
            )
        else:
            refused.append((row, "model", _("There is no such lifecycle model in use.")))
    batch.refuse(refused)
    return found


class _Known:
    """The models in use by slug, the primary one by no name too, and their stages by slug and by name."""

    def __init__(self) -> None:
        running = list(LifecycleModel.objects.running().order_by("-is_primary", "pk"))
        self.models = {model.slug: model for model in running}
        if running and running[0].is_primary:
            self.models[""] = running[0]
        uses = VersionStage.objects.filter(version__status=VersionStatus.PUBLISHED).order_by("position")
        self.stages: defaultdict[int, dict[str, Stage]] = defaultdict(dict)
        self._by_name: dict[tuple[int, str], Stage] = {}
        for use in uses.select_related("stage__model"):
            self.stages[use.stage.model_id][use.stage.slug] = use.stage
            for name in use.stage.labels.values():
                self._by_name.setdefault((use.stage.model_id, name.casefold()), use.stage)

    def model(self, named: str) -> LifecycleModel | None:
        return self.models.get(named.casefold())

    def stage(self, model: LifecycleModel, named: str) -> Stage | None:
        by_slug = self.stages[model.pk].get(named.casefold())
        return by_slug or self._by_name.get((model.pk, named.casefold()))
