"""Taking runs from step to step: all that stand at one step of one version at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.isolating import work_on
from campaigns.leaving import Ends, end_runs, leave, note_arrivals
from campaigns.models import (
    CampaignVersion,
    Enrollment,
    EnrollmentQuerySet,
    Message,
    Outcome,
    Step,
    StepKind,
)
from campaigns.queueing import queue
from campaigns.surveys.sparing import spare_asked
from clm.base import clock

BATCH = 5_000
# How long a run waits for a message that is still on its way before it looks again.
LOOK_AGAIN = timedelta(minutes=1)


def advance(as_of: datetime | None = None) -> int:
    """Do the steps that are due, after taking out whose run has ended early. Returns how many steps were done."""
    at = as_of or clock.now()
    return sum(
        work_on(version.campaign, partial(advance_version, version, at)) for version in list(_with_runs())
    )


def _with_runs() -> QuerySet[CampaignVersion]:
    active = Enrollment.objects.active().filter(version=OuterRef("pk"))
    versions = CampaignVersion.objects.select_related("campaign").filter(campaign__status="running")
    return versions.filter(Exists(active)).order_by("campaign__priority", "pk")


def advance_version(version: CampaignVersion, as_of: datetime) -> int:
    """Raises InvalidTrigger, InvalidCondition."""
    leave(version, as_of)
    done = 0
    for step in version.steps.order_by("position"):
        done += _all_at(version, step.position, as_of, _Doing(step, as_of).do)
    _all_at(version, done_at(version), as_of, lambda ids: _complete(ids, as_of))
    return done


def done_at(version: CampaignVersion) -> int:
    """The position after the last step."""
    last = version.steps.order_by("-position").first()
    return last.position + 1 if last else 0


def _all_at(version: CampaignVersion, position: int, as_of: datetime, do: Callable[[list[int]], None]) -> int:
    """In batches, each its own transaction. Runs that another sweep holds are left to it."""
    done = 0
    while True:
        with transaction.atomic():
            due = Enrollment.objects.due(as_of).filter(version=version, position=position)
            locked = due.order_by("pk").select_for_update(skip_locked=True, of=("self",))
            ids = list(locked.values_list("pk", flat=True)[:BATCH])
            if ids:
                do(ids)
        done += len(ids)
        if len(ids) < BATCH:
            return done


class _Doing:
    """One step, for the runs of one batch."""

    def __init__(self, step: Step, as_of: datetime) -> None:
        self.step, self.as_of = step, as_of

    def do(self, ids: list[int]) -> None:
        steps = {StepKind.MESSAGE: self._message, StepKind.WAIT: self._wait, StepKind.EXIT: self._exit}
        steps[StepKind(self.step.kind)](Enrollment.objects.filter(pk__in=ids))

    def _message(self, runs: EnrollmentQuerySet) -> None:
        queue(self._for_whom(runs), self.step, self.as_of)
        spare_asked(runs, self.step, self.as_of)
        runs.update(position=F("position") + 1, next_step_at=self.as_of)

    def _exit(self, runs: EnrollmentQuerySet) -> None:
        _await_messages(runs, self.as_of)  # an end takes back what has not left
        ready = runs.filter(next_step_at__lte=self.as_of)
        end_runs(self._for_whom(ready), Outcome.EXIT, at=self.as_of, reason=str(self.step))
        ready.active().update(position=F("position") + 1, next_step_at=self.as_of)

    def _wait(self, runs: EnrollmentQuerySet) -> None:
        _await_messages(runs, self.as_of)
        with connection.cursor() as cursor:
            ids = list(runs.filter(next_step_at__lte=self.as_of).values_list("pk", flat=True))
            given: dict[str, Any] = {"ids": ids, "wait": self.step.wait}
            cursor.execute(_WAIT, given)

    def _for_whom(self, runs: EnrollmentQuerySet) -> EnrollmentQuerySet:
        if not self.step.condition:
            return runs
        return runs.filter(Ends.of(self.step.version).holds(self.step.condition, self.as_of))


def _complete(ids: list[int], as_of: datetime) -> None:
    runs = Enrollment.objects.filter(pk__in=ids)
    _await_messages(runs, as_of)
    through = list(runs.filter(next_step_at__lte=as_of).values_list("pk", flat=True))
    runs.filter(pk__in=through).finish(Outcome.COMPLETED, at=as_of)
    note_arrivals(through, as_of)


def _await_messages(runs: EnrollmentQuerySet, as_of: datetime) -> None:
    """A run goes on when its message has left (or never will): a wait is counted from there."""
    on_its_way = Message.objects.unsettled().filter(enrollment=OuterRef("pk"))
    runs.filter(Q(Exists(on_its_way))).update(next_step_at=as_of + LOOK_AGAIN)


# From the moment the last message left, or the step before was due, whichever is later.
_WAIT = """
UPDATE campaigns_enrollment AS run SET position = position + 1,
    next_step_at = GREATEST(next_step_at, (SELECT max(coalesce(sent_at, handed_at)) FROM campaigns_message
                                           WHERE enrollment_id = run.id)) + %(wait)s
WHERE id = ANY(%(ids)s)
"""
