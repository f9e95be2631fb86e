"""Working out a model's whole history again with one version, customer by customer, from the first fact on."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from clm.base.facts import BEGINNING
from clm.base.lanes import in_lanes
from customers.models import Customer
from lifecycle.evaluation import customer_chunks, walk_each
from lifecycle.models import Cause, CurrentStage, LifecycleModel, ModelVersion, NextDue, StagePeriod
from lifecycle.resettling import resettle
from lifecycle.walking.everybody import walks_of
from lifecycle.walking.walk import Route

BATCH = 2500


class ReplayUnderWay(JobFailed):
    """The history is being worked out already."""

    def __str__(self) -> str:
        return _("The history is being worked out already. Wait for it to end, or cancel it.")


def replay_under_way(model: LifecycleModel) -> bool:
    return walks_of(model.versions.all()).open().filter(kind="lifecycle.replay").exists()


@transaction.atomic
def request_replay(model: LifecycleModel, *, by: User | None) -> Job:
    """Start a replay of the published version over all history, as a job.

    Raises JobFailed when none is published, ReplayUnderWay when one has not ended yet.
    """
    LifecycleModel.objects.select_for_update().get(pk=model.pk)
    version = model.published()
    if version is None:
        raise JobFailed(_("%(model)s has no published version to replay.") % {"model": model})
    if replay_under_way(model):
        raise ReplayUnderWay
    AuditEntry.objects.record("model.replay_requested", model, by=by, version=version.number)
    return enqueue(
        "lifecycle.replay",
        title=gettext_noop("Replay of %(model)s"),
        owner=by,
        model=str(model),
        version=version.pk,
    )


def govern_all_history(version: ModelVersion) -> None:
    """Let one version stand for the whole past of its model, instead of each for its own time."""
    with transaction.atomic():
        LifecycleModel.objects.select_for_update().get(pk=version.model_id)
        ModelVersion.objects.filter(model=version.model_id).exclude(pk=version.pk).update(governs_from=None)
        ModelVersion.objects.filter(pk=version.pk).update(governs_from=BEGINNING)


def replay(
    version: ModelVersion, *, after: int = 0, until: datetime | None = None, batch: int = BATCH
) -> Iterator[int]:
    """Replay in batches of customers, each its own transaction; yields the last customer id done, to resume from.

    Each customer's history is superseded at one stroke. Moves by people, the API and imports stay. The result is
    the same whatever the batch size and the order in which the facts arrived.
    """
    if until and _moved_by_hand_after(version.model, until):
        raise JobFailed(_("Somebody was moved by hand after that day; work the history out to the present."))
    govern_all_history(version)
    route = Route.of(version.model)
    _acquaint_planner({query.model for _at, program in route.programs for query in program.changes()})

    def walk_all(ids: list[int]) -> int:
        walk_each(version.model, ids, since=BEGINNING, until=until)
        return ids[-1]

    done = in_lanes(walk_all, customer_chunks(after=after, size=batch))
    for number, last in enumerate(done, start=1):
        if number.bit_count() == 1:  # while the table doubles
            _acquaint_planner({StagePeriod, CurrentStage, NextDue})
        yield last


def _moved_by_hand_after(model: LifecycleModel, until: datetime) -> bool:
    later = StagePeriod.objects.live().filter(model=model, entered_at__gt=until)
    return later.exclude(cause__in=[Cause.RULE, Cause.INITIAL]).exists()


def _acquaint_planner(tables: set[type[Model]]) -> None:
    """Statistics of tables that just grew, before PostgreSQL gathers them by itself: plans depend on them."""
    with connection.cursor() as cursor:
        for table in sorted(tables, key=lambda model: model._meta.db_table):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def replay_job(job: Job) -> Iterator[Progress]:
    version = ModelVersion.objects.select_related("model").get(pk=job.parameters["version"])
    total, done = Customer.objects.present().count(), job.done
    yield Progress(done, total)
    started = clock.now()
    for last in replay(version, after=job.cursor.get("after", 0)):
        done = min(done + BATCH, total)
        seconds = round((clock.now() - started).total_seconds(), 1)
        yield Progress(done, total, {"after": last}, {"customers": done, "seconds": seconds})
    resettle(version)
