from celery import shared_task

from clm.base import clock
from customers import tasks_doing
from customers.duplicates import finding
from customers.names import learning
from customers.privacy import exporting
from customers.scoring import computing as scoring
from customers.segments import computing


@shared_task
def refresh_changed_segments() -> None:
    computing.refresh_changed()
    computing.refresh_waiting()


@shared_task
def refresh_all_segments() -> int:
    return computing.refresh_all()


@shared_task
def remind() -> int:
    return tasks_doing.remind_due(clock.now())


@shared_task
def find_duplicates() -> int:
    return finding.search(by=None).pk


@shared_task
def work_out_scores() -> None:
    scoring.keep_up()


@shared_task
def forget_exports() -> int:
    return exporting.forget_expired()


@shared_task
def learn_new_names() -> None:
    learning.learn_new()


@shared_task
def learn_all_names() -> None:
    learning.learn_all()
