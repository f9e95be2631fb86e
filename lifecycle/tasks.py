from celery import shared_task

from lifecycle import evaluation


@shared_task
def evaluate_changed() -> None:
    evaluation.evaluate_changed()


@shared_task
def evaluate_all() -> None:
    evaluation.evaluate_all()
