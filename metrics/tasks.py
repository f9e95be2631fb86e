from celery import shared_task

from metrics import folding


@shared_task
def fold_changed_days() -> None:
    folding.fold()
