from celery import shared_task

from customers.segments import computing


@shared_task
def refresh_changed_segments() -> None:
    computing.refresh_changed()
    computing.refresh_waiting()


@shared_task
def refresh_all_segments() -> int:
    return computing.refresh_all()
