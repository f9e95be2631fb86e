"""Letting go, each night, of what is old enough: in portions, so that nobody waits for a lock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.keeping.lengths import going, lengths
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base.kept import Kept, Part, all_kept

logger = structlog.get_logger()
JOB_KIND = "purge"
MOST_TOLD = 100


class Failure(TypedDict):
    """Rows that would not go, from the first to the last id of their portion, and what kind of error it was."""

    name: str
    first: int
    last: int
    reason: str


@transaction.atomic
def begin(*, by: User | None = None) -> Job:
    """The job that is under way, or a new one: never two at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [JOB_KIND])
    under_way = Job.objects.open().filter(kind=JOB_KIND).first()
    return under_way or enqueue(JOB_KIND, title=gettext_noop("Let go of what is kept long enough"), owner=by)


def purge_job(job: Job) -> Iterator[Progress]:
    """What is from before the bounds of when the job was made. Goes on with what is left, however often it stops.

    What can't go stays, is told in the result, and is tried again the next night: nothing waits behind it.
    """
    chosen = lengths(Organisation.objects.current())
    gone: dict[str, int] = dict(job.cursor.get("gone", {}))
    failed: list[Failure] = list(job.cursor.get("failed", []))
    reached: dict[str, int] = dict(job.cursor.get("reached", {}))
    total = job.total or sum(one.number for one in (going(chosen) or {}).values())
    yield Progress(sum(gone.values()), total, {"gone": gone, "failed": failed, "reached": reached})
    for kept in all_kept():
        length = chosen[kept.name]
        if length is None:
            continue
        for portion in _portions(kept, length, job, gone.get(kept.name, 0), reached):
            gone[kept.name] = gone.get(kept.name, 0) + portion.gone
            failed += [portion.failure] if portion.failure and len(failed) < MOST_TOLD else []
            done = sum(gone.values())
            yield Progress(done, max(total, done), {"gone": gone, "failed": failed, "reached": reached})
    gone = {name: number for name, number in gone.items() if number}
    if gone:
        AuditEntry.objects.record("data.purged", None, by=job.owner, gone=gone)
    told = {"gone": gone} | ({"failed": failed} if failed else {})
    yield Progress(sum(gone.values()), sum(gone.values()), job.cursor, result=told)


@dataclass(frozen=True)
class Portion:
    gone: int
    failure: Failure | None = None


def _portions(kept: Kept, length: int, job: Job, before: int, reached: dict[str, int]) -> Iterator[Portion]:
    """What came of each transaction; `before` is how many went earlier in the night, `reached` how far it came."""
    bound, left = kept.bound(length, job.created_at), None if kept.most is None else kept.most - before
    for number, part in enumerate(kept.parts):
        place = f"{kept.name}.{number}"
        while left is None or left > 0:
            size = kept.portion if left is None else min(kept.portion, left)
            rows = part.rows(bound)
            found = rows.filter(pk__gt=reached.get(place, 0)).order_by("pk")
            ids = list(found.values_list("pk", flat=True)[:size])
            if not ids:
                break
            portion = _let_go(kept, part, bound, ids)
            reached[place], left = ids[-1], None if left is None else left - len(ids)
            yield portion


def _let_go(kept: Kept, part: Part, bound: datetime, ids: list[int]) -> Portion:
    """A failure is told by its kind alone: its words may hold what is to be forgotten."""
    try:
        with transaction.atomic():
            return Portion(part.forget(part.rows(bound).filter(pk__in=ids)))
    except Exception as error:  # noqa: BLE001  # whatever it is, those after them go
        reason = type(error.__cause__ or error).__name__
        failure = Failure(name=kept.name, first=ids[0], last=ids[-1], reason=reason)
        logger.warning("purge.portion_failed", **failure)
        return Portion(0, failure)
