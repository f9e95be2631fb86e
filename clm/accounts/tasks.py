from celery import shared_task

from clm.accounts.jobs import drive
from clm.accounts.keeping import purging
from clm.accounts.models import BulkRow, Heartbeat, IdempotentAnswer, Job
from clm.base import clock


@shared_task
def run_job(job_id: int) -> None:
    job = Job.objects.filter(pk=job_id).first()
    if job and drive(job):
        run_job.apply_async(args=(job_id,))


@shared_task
def resume_jobs() -> None:
    for job in Job.objects.stranded(clock.now()):
        run_job.apply_async(args=(job.pk,))


@shared_task
def beat() -> None:
    """A sign of life of beat and worker together: beat sent it, a worker ran it."""
    Heartbeat.objects.beat("worker")


@shared_task
def forget_old_answers() -> int:
    return IdempotentAnswer.objects.expired(clock.now()).delete()[0]


@shared_task
def forget_bulk_rows() -> int:
    """What undoes a bulk change is kept for a week; what it came to stays."""
    return BulkRow.objects.forgotten_by(clock.now()).delete()[0]


@shared_task
def purge() -> int:
    return purging.begin().pk
