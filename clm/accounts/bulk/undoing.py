"""Taking a bulk change back, as far as nobody has changed the rows again since."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.bulk.actions import Undo, action_of, page_of
from clm.accounts.bulk.doing import AT_ONCE, PORTION
from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import AuditEntry, BulkChange, BulkRow, Job, User
from clm.accounts.permissions import may
from clm.base import clock
from clm.base.db import among

JOB_KIND = "bulk-undo"


class CannotUndo(ValueError):
    """Nothing was changed back; the message says why."""


def refusal_to_undo(change: BulkChange, *, by: User) -> str:
    """Why it can't be taken back; nothing when it can."""
    action = action_of(change.page, change.action)
    if action is None or action.undo is None:
        return _("This can't be undone.")
    if not may(by, action.capability):
        return _("Your role does not allow this.")
    if change.undone_at:
        return _("It was undone already.")
    if change.job and change.job.is_open:
        return _("Wait until it is done, or cancel the job.")
    if not change.rows.changed().exists():
        return _("There is nothing to undo: no row was changed, or it is more than seven days ago.")
    return ""


@transaction.atomic
def undo(change: BulkChange, *, by: User) -> BulkChange:
    """Give every row back what it had, unless it was changed again since. Over 200 rows a job. Raises CannotUndo."""
    change = BulkChange.objects.select_for_update(of=("self",)).select_related("job").get(pk=change.pk)
    if reason := refusal_to_undo(change, by=by):
        raise CannotUndo(reason)
    change.undone_at = clock.now()
    AuditEntry.objects.record("bulk.undone", change, by=by, page=change.page, done=change.action)
    count = change.rows.to_restore().count()
    if count > AT_ONCE:
        title = gettext_noop("Undo a change of %(count)s rows")
        change.undoing = enqueue(JOB_KIND, title=title, owner=by, change=change.pk, count=count, user=by.pk)
    else:
        while _restore(change, by):
            pass
    _count(change)
    return change


def undo_job(job: Job) -> Iterator[Progress]:
    change = BulkChange.objects.filter(pk=job.parameters["change"]).first()
    by = User.objects.filter(pk=job.parameters["user"], is_active=True).first()
    if change is None or by is None:
        raise JobFailed(_("What was to be undone is not known any more."))
    done, total = job.done, job.parameters["count"]
    while True:
        with transaction.atomic():
            restored = _restore(change, by)
            _count(change)
        if not restored:
            break
        done += restored
        yield Progress(done, max(total, done))
    yield Progress(done, max(total, done), None, {"restored": change.restored, "left": change.left})


def _restore(change: BulkChange, by: User) -> int:
    """A portion of rows; how many there were."""
    rows = dict(change.rows.to_restore().values_list("subject", "before")[:PORTION])
    if not rows:
        return 0
    restored = _undo_of(change)(_in_sight(change, rows, by), change.values, by)
    mine = BulkRow.objects.filter(change=change)
    mine.filter(subject__in=restored).update(restored=True)
    mine.filter(subject__in=rows.keys() - restored).update(restored=False)
    return len(rows)


def _in_sight(change: BulkChange, rows: dict[int, Any], by: User) -> dict[int, Any]:
    """Without rows that went to somebody else meanwhile."""
    action, page = action_of(change.page, change.action), page_of(change.page)
    if page is None or (action and action.moves_out_of_sight):
        return rows
    seen = set(page.seen(by).filter(among("pk", list(rows))).values_list("pk", flat=True))
    return {pk: before for pk, before in rows.items() if pk in seen}


def _undo_of(change: BulkChange) -> Undo:
    action = action_of(change.page, change.action)
    if action is None or action.undo is None:
        raise JobFailed(_("This can't be undone."))
    return action.undo


def _count(change: BulkChange) -> None:
    change.restored = change.rows.filter(restored=True).count()
    change.left = change.rows.filter(restored=False).count()
    change.save(update_fields=["undone_at", "undoing", "restored", "left"])
