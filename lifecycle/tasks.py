from celery import shared_task
from django.utils.translation import gettext_noop

from clm.accounts.jobs import enqueue
from clm.accounts.models import Job
from lifecycle import evaluation
from lifecycle.simulating.sweeping import forget_old


@shared_task
def evaluate_changed() -> None:
    evaluation.evaluate_changed()


@shared_task
def evaluate_all() -> None:
    if not Job.objects.open().filter(kind="lifecycle.nightly").exists():
        enqueue("lifecycle.nightly", title=gettext_noop("Nightly check of all stages"), owner=None)


@shared_task
def forget_old_simulations() -> int:
    return forget_old()
