"""Moving customers by hand: people, the API and imports. Rules move them by walking (`lifecycle.walking`).

Both go through the same edge policy and the same tables; nothing else writes stage periods.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.db import among
from clm.base.patience import patiently
from customers.models import Arrival, Customer
from lifecycle.models import (
    Cause,
    CurrentStage,
    LifecycleModel,
    ModelVersion,
    Policy,
    Refusal,
    Stage,
    StagePeriod,
)
from lifecycle.models.stage import FALLEN

CHUNK = 20_000
HOLD_OF_A_PERSON = timedelta(days=7)


class StageUnknown(ValueError):
    """The stage is not in use in the model's published version."""


@dataclass(frozen=True)
class Refused:
    customer_id: int
    from_stage: Stage
    to_stage: Stage
    reason: str


@dataclass
class Admitted:
    moved: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True)
class MoveSet:
    """Customers to move to one stage. `hold` keeps rules off them for so long; None: the default of the source.

    With `only_from` those who are elsewhere by then stay; with `only_under` all do, once another version governs.
    """

    customers: Sequence[int]
    stage: Stage
    reason: str = ""
    hold: timedelta | None = None
    only_from: Stage | None = None
    only_under: ModelVersion | None = None

    def chunks(self) -> Iterator[list[int]]:
        ids = sorted(set(self.customers))
        for start in range(0, len(ids), CHUNK):
            yield ids[start : start + CHUNK]

    def held_until(self, at: datetime, source: str) -> datetime | None:
        hold = HOLD_OF_A_PERSON if self.hold is None and source == Cause.PERSON else self.hold
        return at + hold if hold else None


def admit(moves: MoveSet, *, source: str, actor: User | None = None) -> Admitted:
    """Move customers to a stage as of now; skips those already there.

    `source` is person, api or import. Works in chunks of 20,000, each its own transaction: locks the customers in
    id order, then reads the version, the clock and the current stages, each in a new statement. Raises StageUnknown,
    also when the stage goes out of use between two chunks: those before have moved then. Refusals by the edge policy
    are written down and returned, not raised.
    """
    admitted = Admitted()

    def work(ids: list[int]) -> None:
        asked = {now: pk for pk, now in Customer.objects.lock_all_present(ids).items()}
        moves.stage.model.hold()  # one published while the locks were waited for governs, and none in between
        version = _version_of(moves)
        if version:
            _Admission(moves, version, source, actor, clock.now()).run(asked, admitted)

    if _version_of(moves):  # before anybody waits
        for ids in moves.chunks():
            patiently(partial(work, ids))
    return admitted


def foresee(moves: MoveSet, *, source: str) -> Admitted:
    """What `admit` would do now. Waits for nobody and writes nothing. Raises StageUnknown."""
    version, found = _version_of(moves), Admitted()
    if version:
        admission = _Admission(moves, version, source, None, clock.now())
        for ids in moves.chunks():
            admission.sort(ids, found)
    return found


def _version_of(moves: MoveSet) -> ModelVersion | None:
    """That in force; None where the moves are meant for another. Raises StageUnknown where it hasn't the stage."""
    version = moves.stage.model.published()
    if moves.only_under and moves.only_under != version:
        return None
    if version is None or not version.stage_uses.filter(stage=moves.stage).exists():
        raise StageUnknown(_("%(stage)s is not a stage in use.") % {"stage": moves.stage})
    return version


@dataclass(frozen=True)
class _Admission:
    """One chunk's admission, in the transaction that holds its locks."""

    moves: MoveSet
    version: ModelVersion
    source: str
    actor: User | None
    at: datetime

    def run(self, asked: Mapping[int, int], admitted: Admitted) -> None:
        """Write what `sort` finds. `asked` tells by which id each of these customers was named: told by it again."""
        found = Admitted()
        self.sort(sorted(asked), found)
        Refusal.objects.bulk_create(self._refusal_row(refusal) for refusal in found.refused)
        if found.moved:
            self._write(found.moved)
            Arrival.objects.note(found.moved, since=self.at)
            self._audit(found.moved)
        admitted.moved += [asked[pk] for pk in found.moved]
        admitted.unchanged += [asked[pk] for pk in found.unchanged]
        admitted.refused += [replace(one, customer_id=asked[one.customer_id]) for one in found.refused]

    def sort(self, ids: list[int], found: Admitted) -> None:
        """Who goes, who is there already, and whose edge does not allow the move."""
        stage, current = self.moves.stage, self._current_stages(ids)
        if self.moves.only_from:
            elsewhere = {pk for pk in ids if current.get(pk) != self.moves.only_from.pk}
            found.unchanged += sorted(elsewhere)
            ids = [pk for pk in ids if pk not in elsewhere]
        refused = self._refused(ids, current)
        barred = {refusal.customer_id for refusal in refused}
        found.moved += [pk for pk in ids if pk not in barred and current.get(pk) != stage.pk]
        found.unchanged += [pk for pk in ids if current.get(pk) == stage.pk]
        found.refused += refused

    def _current_stages(self, ids: list[int]) -> dict[int, int]:
        current = CurrentStage.objects.filter(among("customer_id", ids), model=self.version.model_id)
        return dict(current.values_list("customer_id", "stage_id"))

    def _refused(self, ids: list[int], current: dict[int, int]) -> list[Refused]:
        stage = self.moves.stage
        edges = self.version.edge_policies.filter(to_stage=stage, source=self.source).select_related(
            "from_stage"
        )
        barring = {
            edge.from_stage_id: edge
            for edge in edges
            if edge.policy == Policy.FORBIDDEN or not self.moves.reason
        }
        return [
            Refused(pk, edge.from_stage, stage, _why_not(edge.policy, edge.from_stage, stage))
            for pk in ids
            if (edge := barring.get(current.get(pk, 0)))
        ]

    def _refusal_row(self, refused: Refused) -> Refusal:
        return Refusal(
            customer_id=refused.customer_id,
            original_customer_id=refused.customer_id,
            model_id=self.version.model_id,
            from_stage=refused.from_stage,
            to_stage=refused.to_stage,
            source=self.source,
            actor=self.actor,
            reason=refused.reason,
            at=self.at,
        )

    def _write(self, ids: list[int]) -> None:
        """Close the open periods at the present, in place, and open the new ones."""
        stage = self.moves.stage
        parameters: dict[str, int | str | bool | datetime | list[int] | None] = {
            "ids": ids,
            "model": self.version.model_id,
            "stage": stage.pk,
            "position": stage.position,
            "falls": stage.kind in FALLEN,
            "version": self.version.pk,
            "at": self.at,
            "source": self.source,
            "actor": self.actor.pk if self.actor else None,
            "reason": self.moves.reason[:500],
            "held": self.moves.held_until(self.at, self.source),
        }
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, parameters)
            cursor.execute(_OPEN, parameters)

    def _audit(self, ids: list[int]) -> None:
        stage, reason = self.moves.stage, self.moves.reason
        one = Customer.objects.get(pk=ids[0]) if len(ids) == 1 else None
        AuditEntry.objects.record(
            "customer.moved" if one else "customers.moved",
            one or stage,
            by=self.actor,
            stage=stage.slug,
            count=len(ids),
            reason=reason,
            source=self.source,
        )


def _why_not(policy: str, from_stage: Stage, to_stage: Stage) -> str:
    names = {"from": from_stage, "to": to_stage}
    if policy == Policy.FORBIDDEN:
        return _("The model does not allow moving from %(from)s to %(to)s.") % names
    return _("Moving from %(from)s to %(to)s needs a reason.") % names


_CLOSE = """
UPDATE lifecycle_stageperiod SET left_at = %(at)s
WHERE customer_id = ANY(%(ids)s) AND model_id = %(model)s AND superseded_at IS NULL AND left_at IS NULL
"""
_OPEN = """
WITH opened AS (
    INSERT INTO lifecycle_stageperiod (customer_id, original_customer_id, model_id, stage_id, version_id, entered_at,
        cause, actor_id, reason, held_until, recorded_at)
    SELECT id, id, %(model)s, %(stage)s, %(version)s, %(at)s, %(source)s, %(actor)s, %(reason)s, %(held)s, %(at)s
    FROM unnest(%(ids)s::bigint[]) AS id RETURNING customer_id)
INSERT INTO lifecycle_currentstage AS c (customer_id, model_id, stage_id, furthest_id, since, held_until)
SELECT customer_id, %(model)s, %(stage)s, %(stage)s, %(at)s, %(held)s FROM opened
ON CONFLICT (model_id, customer_id) DO UPDATE
SET stage_id = excluded.stage_id, since = excluded.since, held_until = excluded.held_until,
    furthest_id = CASE WHEN %(falls)s OR (SELECT position FROM lifecycle_stage WHERE id = c.furthest_id) > %(position)s
                       THEN c.furthest_id ELSE excluded.stage_id END
"""


def stage_at(
    customer: Customer, model: LifecycleModel, *, as_of: datetime, known_at: datetime | None = None
) -> StagePeriod | None:
    """The period the customer was in just before `as_of`, as known at `known_at`."""
    periods = StagePeriod.objects.at(as_of, known_at).filter(customer=customer, model=model)
    period = periods.select_related("stage", "rule", "version", "actor", "model").first()
    return period.as_known_at(known_at) if period else None
