from celery import shared_task

from campaigns import advancing, enrolling
from campaigns.delivery import claiming, sending
from clm.accounts.models import Heartbeat
from clm.base import clock


@shared_task
def run_campaigns() -> None:
    enrolling.enroll()
    advancing.advance()


@shared_task
def deliver() -> None:
    Heartbeat.objects.beat("delivery")
    sending.deliver()


@shared_task
def recover_messages() -> None:
    at = clock.now()
    claiming.recover(at)
    claiming.expire(at)
