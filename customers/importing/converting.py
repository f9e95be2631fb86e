"""The job that gives many rows the exchange rates they waited for."""

from collections.abc import Iterator

from clm.accounts.jobs import Progress
from clm.accounts.models import Job
from customers.intake import late_rates


def run_conversion(job: Job) -> Iterator[Progress]:
    """Each chunk is a transaction; a row that has its rate is not chosen again."""
    currencies, done = job.parameters["currencies"], job.done
    total = done + late_rates.count_waiting(currencies)
    for model in late_rates.models():
        while count := late_rates.convert_chunk(model, currencies, by=job.owner):
            done += count
            yield Progress(done=done, total=max(total, done))
    yield Progress(done=done, total=done, result={"converted": done})
