"""Who asks for rows to be converted at rates that have come: one job for all pieces of an import, or of a burst.

Each piece of rates tells the waiting job from which day on its currencies have other rates, and puts it off. So rows
are looked at once, when the rates are complete; what a job did too early the next one puts right. A job that was
cancelled, or failed, is made up for by the next that is asked for; importing any rates asks.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain

from django.db import transaction
from django.utils.translation import gettext_noop

from clm.accounts.jobs import begin_in, enqueue
from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus
from customers.intake import late_rates, lookups
from customers.intake.late_rates import Since

JOB_KIND = "late-rates"
TITLE = gettext_noop("Conversion of amounts at new exchange rates")
QUIET = timedelta(seconds=10)
OF_A_FILE = timedelta(minutes=5)  # its end begins the job; after so long nobody goes on with it


def ask(since: Since, *, by: User | None, of_a_file: bool = False) -> None:
    """Convert what has another rate since these days, by currency, and what jobs that never got done had left.

    Nothing to convert: no job. In the transaction that changed the rates, which holds `lookups.change_rates`: so only
    one asks at a time.
    """
    wait = OF_A_FILE if of_a_file else QUIET
    job, left = _waiting(), _left()
    since = _earliest(since, *map(since_of, left))
    if not since:
        return
    if job is not None:
        job.parameters["since"] = _as_json(_earliest(since, since_of(job)))
        job.save(update_fields=["parameters"])
        begin_in(job, wait)
    elif late_rates.is_due(since):
        begin_in(enqueue(JOB_KIND, title=TITLE, owner=by, since=_as_json(since)), wait)
    _take_over(left)


@transaction.atomic
def ask_for_restored(since: Since, *, by: User | None) -> None:
    """Versions that an undone import had replaced come back with the rate of their time, or none."""
    lookups.change_rates()
    ask(since, by=by)


@transaction.atomic
def begin() -> Job | None:
    """All pieces have come. Returns the job, if there is anything to do."""
    job = _waiting()
    if job is not None:
        begin_in(job, timedelta(0))
    return job


def _waiting() -> Job | None:
    """Locked: nobody begins it while it is told more."""
    waiting = Job.objects.filter(kind=JOB_KIND, status=JobStatus.QUEUED)
    return waiting.select_for_update(of=("self",)).order_by("pk").first()


def _left() -> list[Job]:
    """Cancelled or failed, and nobody has taken their rows over. After `_waiting`: it may be cancelled until then."""
    ended = Job.objects.filter(kind=JOB_KIND, status__in=[JobStatus.CANCELLED, JobStatus.FAILED])
    return list(ended.exclude(parameters__has_key="taken_over"))


def _take_over(left: Sequence[Job]) -> None:
    for job in left:
        job.parameters["taken_over"] = True
        job.save(update_fields=["parameters"])


def since_of(job: Job) -> Since:
    return {currency: date.fromisoformat(day) for currency, day in job.parameters["since"].items()}


def _as_json(since: Since) -> dict[str, str]:
    return {currency: day.isoformat() for currency, day in since.items()}


def _earliest(*told: Since) -> Since:
    since: dict[str, date] = {}
    for currency, day in chain.from_iterable(each.items() for each in told):
        since[currency] = min(day, since.get(currency, day))
    return since
