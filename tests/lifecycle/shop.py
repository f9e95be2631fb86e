"""A small shop for the tests of pages: customers who bought so many days ago, placed by the six-stage model."""

from datetime import timedelta

from clm.accounts.jobs import drive
from clm.accounts.models import Job, User
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Stage, StagePeriod
from lifecycle.presets import install
from tests.factories import CustomerFactory, bought


def six_stages() -> LifecycleModel:
    return install("swedish-six", by=None)


def buyer(*days_ago: int, name: str = "Ada Berg", owner: User | None = None) -> Customer:
    """First seen with the first purchase, and evaluated by whatever model runs."""
    now = clock.now()
    first = now - timedelta(days=max(days_ago))
    customer: Customer = CustomerFactory(
        name=name, first_seen_at=first, owner=owner, team=owner and owner.team
    )
    for days in days_ago:
        bought(customer, 100, at=now - timedelta(days=days))
    Arrival.objects.note([customer.pk], since=first)
    evaluate_changed()
    return customer


def work_off() -> None:
    """Do what a worker would: every open job to its end."""
    while job := Job.objects.open().order_by("pk").first():
        drive(job)


def stage_of(customer: Customer) -> str:
    return StagePeriod.objects.live().get(customer=customer, left_at=None).stage.slug


def stage(slug: str) -> Stage:
    return Stage.objects.get(slug=slug)
