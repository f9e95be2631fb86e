"""Doing an action to rows: few at once, many as a job that survives a killed worker."""

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.bulk.actions import Action, Values, action_of, page_of
from clm.accounts.bulk.choosing import Chosen
from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import AuditEntry, BulkChange, BulkRow, Job, User
from clm.accounts.permissions import may
from clm.base import clock

JOB_KIND = "bulk"
AT_ONCE = 200
PORTION = 100


@transaction.atomic
def begin(action: Action, chosen: Chosen, *, by: User, values: Values) -> BulkChange:
    """Do it; over 200 rows as a job, whose result stands in the same row. Raises Unreadable."""
    rows = chosen.rows(by)
    few = list(rows.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
    change = BulkChange.objects.create(
        page=action.page,
        action=action.key,
        values=dict(values),
        query=chosen.query,
        ids=None if chosen.ids is None else list(chosen.ids),
        owner=by,
        chosen=len(few) if len(few) <= AT_ONCE else rows.order_by().count(),
    )
    AuditEntry.objects.record(
        "bulk.started", change, by=by, page=action.page, done=action.key, rows=change.chosen
    )
    if len(few) <= AT_ONCE:
        for start in range(0, len(few), PORTION):
            _do(action, change, few[start : start + PORTION], by)
        _finish(change, looked_at=len(few))
    else:
        title = gettext_noop("Change %(count)s rows of a list at once")
        change.job = enqueue(JOB_KIND, title=title, owner=by, change=change.pk, count=change.chosen)
        change.save(update_fields=["job"])
    return change


def bulk_job(job: Job) -> Iterator[Progress]:
    change, action, by = _asked(job)
    rows = Chosen(_page(change), change.query, None if change.ids is None else tuple(change.ids)).rows(by)
    done, after = job.done, job.cursor.get("after", 0)
    while ids := _portion(rows, after):
        with transaction.atomic():
            _do(action, change, ids, by)
        done, after = done + len(ids), ids[-1]
        yield Progress(done, max(change.chosen, done), {"after": after})
    _finish(change, looked_at=done)
    yield Progress(done, max(change.chosen, done), {"after": after}, _result(change))


def _portion(rows: models.QuerySet[Any], after: int) -> list[int]:
    following = rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    return list(following[:PORTION])


def _asked(job: Job) -> tuple[BulkChange, Action, User]:
    change = BulkChange.objects.select_related("owner").filter(pk=job.parameters["change"]).first()
    action = action_of(change.page, change.action) if change else None
    if change is None or action is None:
        raise JobFailed(_("What was to be done is not known any more. Choose the rows again."))
    by = change.owner
    if by is None or not may(by, action.capability):
        raise JobFailed(_("Whoever asked for this may not do it any more."))
    return change, action, by


def _page(change: BulkChange) -> Any:
    return page_of(change.page)


def _do(action: Action, change: BulkChange, ids: list[int], by: User) -> None:
    outcome = action.do(ids, change.values, by)
    BulkRow.objects.keep(change, before=outcome.before, refused=outcome.refused)


def _finish(change: BulkChange, *, looked_at: int) -> None:
    change.changed, change.refused = change.rows.changed().count(), change.rows.refused().count()
    change.unchanged = max(0, looked_at - change.changed - change.refused)
    change.finished_at = clock.now()
    change.save(update_fields=["changed", "refused", "unchanged", "finished_at"])


def _result(change: BulkChange) -> dict[str, int]:
    return {"changed": change.changed, "unchanged": change.unchanged, "refused": change.refused}
