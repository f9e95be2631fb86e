"""Letting go, each night, of what is old enough: in portions, so that nobody waits for a lock."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.keeping.lengths import going, lengths
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base.kept import Kept, all_kept

JOB_KIND = "purge"


@transaction.atomic
def begin(*, by: User | None = None) -> Job:
    """The job that is under way, or a new one: never two at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [JOB_KIND])
    under_way = Job.objects.open().filter(kind=JOB_KIND).first()
    return under_way or enqueue(JOB_KIND, title=gettext_noop("Let go of what is kept long enough"), owner=by)


def purge_job(job: Job) -> Iterator[Progress]:
    """What is from before the bounds of when the job was made. Goes on with what is left, however often it stops."""
    chosen = lengths(Organisation.objects.current())
    gone: dict[str, int] = dict(job.cursor.get("gone", {}))
    total = job.total or sum(one.number for one in going(chosen).values())
    yield Progress(sum(gone.values()), total, {"gone": gone})
    for kept in all_kept():
        length = chosen[kept.name]
        if length is None:
            continue
        for number in _portions(kept, length, job, gone.get(kept.name, 0)):
            gone[kept.name] = gone.get(kept.name, 0) + number
            done = sum(gone.values())
            yield Progress(done, max(total, done), {"gone": gone})
    if any(gone.values()):
        AuditEntry.objects.record("data.purged", None, by=job.owner, gone=gone)
    yield Progress(sum(gone.values()), sum(gone.values()), {"gone": gone}, result={"gone": gone})


def _portions(kept: Kept, length: int, job: Job, before: int) -> Iterator[int]:
    """How many rows each transaction let go; `before` is how many went earlier in the night."""
    bound, left = kept.bound(length, job.created_at), None if kept.most is None else kept.most - before
    for part in kept.parts:
        after = 0
        while left is None or left > 0:
            size = kept.portion if left is None else min(kept.portion, left)
            with transaction.atomic():
                rows = part.rows(bound)
                ids = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size])
                if ids:
                    part.forget(rows.filter(pk__in=ids))
            if not ids:
                break
            after, left = ids[-1], None if left is None else left - len(ids)
            yield len(ids)
