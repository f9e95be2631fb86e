"""Who asks for rows to be converted at rates that have come: one job for all pieces of an import, or of a burst.

Each piece of rates tells the waiting job from which day on its currencies have other rates, and puts it off. So rows
are looked at once, when the rates are complete; what a job did too early the next one puts right.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from clm.accounts.jobs import begin_in, enqueue
from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus
from customers.intake import late_rates, lookups

JOB_KIND = "late-rates"
TITLE = gettext_noop("Conversion of amounts at new exchange rates")
QUIET = timedelta(seconds=10)
OF_A_FILE = timedelta(minutes=5)  # its end begins the job; after so long nobody goes on with it


def ask(since: Mapping[str, date], *, by: User | None, of_a_file: bool = False) -> None:
    """Convert what has another rate since these days, by currency. Nothing to convert: no job.

    In the transaction that changed the rates, which holds `lookups.change_rates`: so only one asks at a time.
    """
    wait = OF_A_FILE if of_a_file else QUIET
    job = _waiting()
    if job is not None:
        told = job.parameters["since"]
        job.parameters["since"] = told | {
            currency: min(day.isoformat(), told.get(currency, day.isoformat()))
            for currency, day in since.items()
        }
        job.save(update_fields=["parameters"])
        begin_in(job, wait)
    elif late_rates.is_due(since):
        days = {currency: day.isoformat() for currency, day in since.items()}
        begin_in(enqueue(JOB_KIND, title=TITLE, owner=by, since=days), wait)


@transaction.atomic
def ask_for_restored(since: Mapping[str, date], *, by: User | None) -> None:
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


def since_of(job: Job) -> dict[str, date]:
    return {currency: date.fromisoformat(day) for currency, day in job.parameters["since"].items()}
