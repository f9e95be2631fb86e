"""The job that gives rows the exchange rates that have come for their days."""

from collections.abc import Iterator

from clm.accounts.jobs import Progress
from clm.accounts.models import Job
from customers.intake import late_rates
from customers.intake.conversion import since_of


def run_conversion(job: Job) -> Iterator[Progress]:
    """Each chunk is a transaction; a row that has its rate is not chosen again."""
    since, done = since_of(job), job.done
    total = done + late_rates.count_due(since)
    for looked_at in late_rates.convert(since, by=job.owner):
        done += looked_at
        yield Progress(done=done, total=max(total, done))
    yield Progress(done=done, total=done, result={"converted": done})
