"""Running long work in steps that survive a killed worker.

A runner is a generator: it yields `Progress` after each committed step and reads `job.cursor` to go on where it
stopped. Steps must be safe to repeat. `drive` runs a job for a while, then hands over to a fresh task, so that
no task lives longer than the broker's patience.
"""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models.job import Job, JobStatus
from clm.accounts.models.user import User
from clm.base import clock

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

logger = structlog.get_logger()

SECONDS_PER_TASK = 120
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Progress:
    done: int
    total: int | None = None
    cursor: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


class JobFailed(Exception):
    """The work can't be done; the message is for the person who asked for it."""


class JobLost(Exception):
    """Another worker has gone on with the job: leave it to that one."""


Runner = Callable[[Job], Iterator[Progress]]
_runners: dict[str, Runner] = {}
STAYS = gettext_lazy("What was done until now stays.")
_left_by_cancelling: "dict[str, StrPromise]" = {}


def job_kind(kind: str, *, cancelled: "StrPromise" = STAYS) -> Callable[[Runner], Runner]:
    """`cancelled`: what one has who cancels such a job half-way, a sentence."""

    def register(runner: Runner) -> Runner:
        _runners[kind], _left_by_cancelling[kind] = runner, cancelled
        return runner

    return register


def left_by_cancelling(job: Job) -> "StrPromise":
    return _left_by_cancelling.get(job.kind, STAYS)


def enqueue(kind: str, *, title: str, owner: User | None, **parameters: Any) -> Job:
    """Make a job and wake a worker after commit; the sweep finds it if the wake-up is lost.

    `title` is marked with `gettext_noop`, its placeholders are filled from the parameters: so everybody reads it
    in their own language.
    """
    from clm.accounts.tasks import run_job

    job = Job.objects.create(kind=kind, title=title, owner=owner, parameters=parameters)
    transaction.on_commit(lambda: _wake(run_job, job.pk))
    return job


def begin_in(job: Job, wait: timedelta) -> None:
    """Let nobody begin a queued job before then; the sweep finds it. Without a wait a worker is woken after commit.

    Call inside a transaction that holds the job's lock, or made it.
    """
    from clm.accounts.tasks import run_job

    Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(lease_until=clock.now() + wait)
    if not wait:
        transaction.on_commit(lambda: _wake(run_job, job.pk))


def _wake(task: Any, job_id: int) -> None:
    try:
        task.apply_async(args=(job_id,))
    except Exception:  # noqa: BLE001  # the broker is down in one of many ways; the sweep picks the job up
        logger.warning("job.wake_up_lost", job=job_id)


def drive(job: Job, *, seconds: float = SECONDS_PER_TASK) -> bool:
    """Work on a job until it ends or the time is up. True when there is more to do."""
    if not job.claim():
        return False
    if job.attempts > MOST_ATTEMPTS:
        with _language_of(job.owner):
            job.fail(
                _(
                    "The work stopped three times at the same place. Ask your administrator to look at the log."
                )
            )
        return False
    try:
        with _language_of(job.owner):
            return _advance(job, until=time.monotonic() + seconds)
    except JobLost:
        logger.warning("job.lost", job=job.pk, kind=job.kind)
    except JobFailed as error:
        job.fail(str(error))
    except Exception:
        job.release()
        logger.exception("job.step_failed", job=job.pk, kind=job.kind)
        raise
    return False


def _language_of(owner: User | None) -> translation.override:
    """Why it failed, and which rows of a file, is told to whoever asked for the work."""
    return translation.override(owner.written_in if owner else settings.LANGUAGE_CODE)


def _advance(job: Job, *, until: float) -> bool:
    result: dict[str, Any] = {}
    steps = _runners[job.kind](job)
    for progress in steps:
        result = progress.result or result
        if not job.advance(done=progress.done, total=progress.total, cursor=progress.cursor):
            return False
        if time.monotonic() > until:
            break
    else:
        job.finish(result)
        return False
    if isinstance(steps, Generator):
        steps.close()  # what it has begun beside this is seen through before anybody else goes on
    job.release()
    return True
