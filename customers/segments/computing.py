"""Keeping dynamic segments true: changed customers every minute, everybody on a new definition and every night.

Whatever could not be computed is shown with its reason and tried again; nothing gets stale in silence.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import Job, User
from clm.base import clock
from clm.base.conditions import InvalidCondition, vet
from clm.base.uses import uses
from customers.models import Customer, Segment, SegmentCheck, SegmentDue
from customers.models.segment import Computing
from customers.segments.difference import Difference, Scope, apply

CHUNK = 20_000
MOST_ROUNDS = 500
AT_ONCE = 20_000  # customers: a segment over more is computed by a job
TRIED_AGAIN_AFTER = timedelta(minutes=10)
JOB_KIND = "segment-refresh"
log = structlog.get_logger()


def refresh(segment: Segment, *, by: User | None = None) -> Job | None:
    """Ask everybody anew: at once, or as a job when they are many. Returns the job."""
    Segment.objects.filter(pk=segment.pk).update(status=Computing.QUEUED, error="", tried_at=clock.now())
    announce = segment.slug in uses("segment")
    if Customer.objects.all()[: AT_ONCE + 1].count() > AT_ONCE:
        title, name = gettext_noop("Compute the segment %(name)s"), segment.name
        asked = {"segment": segment.pk, "revision": segment.revision, "name": name, "announce": announce}
        job = enqueue(JOB_KIND, title=title, owner=by, **asked)
    else:
        job = None
        try:
            with transaction.atomic():
                _refresh_scope(segment.pk, Scope(), announce=announce)
                _finish(segment.pk, segment.revision)
        except (DatabaseError, InvalidCondition) as error:
            _fail([segment.pk], error)
    segment.refresh_from_db()
    return job


def refresh_job(job: Job) -> Iterator[Progress]:
    """All customers in portions, each in its own transaction, in the order of their ids."""
    pk, done, after = job.parameters["segment"], job.done, job.cursor.get("after", 0)
    total = Customer.objects.count()
    try:
        while (upto := _end_of_portion(after)) is not None:
            _refresh_scope(pk, Scope(after=after, upto=upto), announce=job.parameters["announce"])
            done, after = min(done + CHUNK, total), upto
            yield Progress(done, total, {"after": after})
        _finish(pk, job.parameters["revision"])
    except Segment.DoesNotExist as error:
        raise JobFailed(_("The segment was deleted meanwhile.")) from error
    except (DatabaseError, InvalidCondition) as error:
        _fail([pk], error)
        raise JobFailed(_reason(error)) from error
    yield Progress(total, total, {"after": after}, {"customers": total})


def _end_of_portion(after: int) -> int | None:
    following = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    last: int | None = following[CHUNK - 1 : CHUNK].first() or following.last()
    return last


@transaction.atomic
def _refresh_scope(pk: int, scope: Scope, *, announce: bool) -> Difference:
    segment = Segment.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    return apply(segment, scope, at=clock.now(), announce=announce) if segment.is_dynamic else Difference()


def _finish(pk: int, revision: int) -> None:
    """Count the members, and tell what the conditions name that is no more. A definition changed meanwhile has a pass of
    its own, still to come.
    """
    segment = Segment.objects.get(pk=pk)
    Segment.objects.filter(pk=pk).update(count=segment.members().count())
    current = Segment.objects.filter(pk=pk, revision=revision)
    current.update(status=Computing.FRESH, error=_misfit_in(segment), computed_at=clock.now())


def _misfit_in(segment: Segment) -> str:
    """Why its conditions could not be saved as they are, empty if they could. They are asked all the same: what is gone
    fits nobody, and the other tests go on.
    """
    try:
        if segment.is_dynamic:
            vet(segment.conditions)
    except InvalidCondition as error:
        return str(error)
    return ""


def refresh_changed(*, limit: int = CHUNK) -> Difference:
    """Look at the customers who changed, or whose time has come, portion by portion, until none is left."""
    difference = Difference()
    for _round in range(MOST_ROUNDS):
        worked, changed = _refresh_portion(limit)
        difference += changed
        if not worked:
            break
    return difference


@transaction.atomic
def _refresh_portion(limit: int) -> tuple[bool, Difference]:
    """Says whether there was anything to do."""
    segments = Segment.objects.kept_up().lock()
    now = clock.now()
    changed, difference, failures = _take_checks(limit), Difference(), []
    due = {segment.pk: _take_due(segment, now, limit) for segment in segments}
    for segment in segments:
        ids = sorted(changed | due[segment.pk])
        if not ids:
            continue
        try:
            difference += _follow(segment, ids, at=now)
        except (DatabaseError, InvalidCondition) as error:
            failures.append((segment.pk, error))
    for pk, failure in failures:
        _fail([pk], failure)
    if changed or any(due.values()):
        return True, difference
    Segment.objects.kept_up().filter(status=Computing.FRESH).update(computed_at=now)
    return False, difference


@transaction.atomic
def _follow(segment: Segment, ids: list[int], *, at: datetime) -> Difference:
    changed = apply(segment, Scope(ids), at=at)
    if changed.entered or changed.left:
        Segment.objects.filter(pk=segment.pk).update(count=F("count") + changed.entered - changed.left)
    return changed


def _take_checks(limit: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM customers_segmentcheck WHERE id IN (
                SELECT id FROM customers_segmentcheck ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING customer_id
            """,
            [limit],
        )
        return {customer for (customer,) in cursor.fetchall()}


def _take_due(segment: Segment, now: datetime, limit: int) -> set[int]:
    due = SegmentDue.objects.filter(segment=segment, at__lt=now).order_by("at")
    return set(due.values_list("customer_id", flat=True)[:limit])


def refresh_waiting() -> int:
    """Start again what failed a while ago, and what was left without a job. Says how many segments that were."""
    at_work = Job.objects.open().filter(kind=JOB_KIND).values_list("parameters__segment", flat=True)
    stuck = Q(status__in=[Computing.FAILED, Computing.QUEUED], tried_at__lt=clock.now() - TRIED_AGAIN_AFTER)
    waiting = list(Segment.objects.dynamic().filter(stuck).exclude(pk__in=list(at_work)).order_by("pk"))
    for segment in waiting:
        refresh(segment)
    return len(waiting)


def refresh_all() -> int:
    """Every dynamic segment over everybody: finds what a lost note of a change would have left undone."""
    segments = list(Segment.objects.dynamic().order_by("pk"))
    for segment in segments:
        refresh(segment)
    return len(segments)


def backlog() -> int:
    """How many notes of changed customers wait, up to a thousand."""
    return SegmentCheck.objects.all()[:1000].count()


def _fail(pks: Iterable[int], error: Exception) -> None:
    log.warning("segment.failed", segments=list(pks), error=str(error))
    Segment.objects.filter(pk__in=list(pks)).update(
        status=Computing.FAILED, error=_reason(error), tried_at=clock.now()
    )


def _reason(error: Exception) -> str:
    if isinstance(error, InvalidCondition):
        return str(error)
    return _("The database could not finish this in time. It is tried again every ten minutes.")
