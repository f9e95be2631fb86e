"""Nothing new comes in, and still stages change: on the day on which a rule's days are over, and on no other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.days import start_of
from customers.models import Arrival, Customer
from lifecycle import tasks
from lifecycle.models import ComponentPeriod, CurrentStage, StagePeriod
from lifecycle.presets import install
from tests.factories import EventFactory
from tests.lifecycle.shop import buyer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def in_denmark(db: None) -> None:
    company = Organisation.objects.current()
    company.zone = "Europe/Copenhagen"
    company.save()


@pytest.fixture
def pass_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The clock is moved on, and the task runs that runs all day long."""

    def pass_at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        tasks.evaluate_changed()

    return pass_at


def days_after(fact: datetime, days: int) -> datetime:
    """The beginning of that day, by the clock of the company."""
    zone = Organisation.objects.current().tz
    return start_of(fact.astimezone(zone).date() + timedelta(days=days), zone)


def path(customer: Customer) -> list[tuple[str, datetime]]:
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [(period.stage.slug, period.entered_at) for period in periods]


def test_who_bought_once_is_retained_after_thirty_days_and_lost_after_a_hundred_and_eighty(
    pass_at: Callable[[datetime], None], analyst: User, api: Any
) -> None:
    install("swedish-six", by=None)
    customer = buyer(20)
    bought = customer.first_seen_at
    no_longer_new, silent = days_after(bought, 31), days_after(bought, 181)
    told = api(analyst).get(f"/api/v1/customers/{customer.pk}/stage/").json()
    assert datetime.fromisoformat(told["next_due"]) == no_longer_new

    pass_at(no_longer_new - MINUTE)
    assert path(customer) == [("conversion", bought)]
    pass_at(no_longer_new + MINUTE)
    assert path(customer) == [("conversion", bought), ("retention", no_longer_new)]
    pass_at(silent - MINUTE)
    assert path(customer) == [("conversion", bought), ("retention", no_longer_new)]
    pass_at(silent + MINUTE)

    assert path(customer) == [("conversion", bought), ("retention", no_longer_new), ("churned", silent)]
    here = CurrentStage.objects.get(customer=customer)
    assert (here.stage.slug, here.furthest.slug) == ("churned", "retention")


def test_after_a_year_in_which_nothing_ran_each_move_is_dated_on_its_day(
    pass_at: Callable[[datetime], None],
) -> None:
    install("swedish-six", by=None)
    customer = buyer(20)
    bought = customer.first_seen_at

    pass_at(clock.now() + timedelta(days=365))

    assert path(customer) == [
        ("conversion", bought),
        ("retention", days_after(bought, 31)),
        ("churned", days_after(bought, 181)),
    ]


def test_support_after_a_ticket_ends_by_itself_beside_the_stages(
    pass_at: Callable[[datetime], None],
) -> None:
    install("danish-twelve", by=None)
    customer, opened = buyer(5), clock.now() - timedelta(days=2)
    EventFactory(customer=customer, name="ticket.opened", occurred_at=opened)
    Arrival.objects.note([customer.pk], since=opened)
    support = ComponentPeriod.objects.live().filter(component__slug="support")
    quiet = days_after(opened, 15)

    for moment, ended in (
        (opened + timedelta(days=2), None),
        (quiet - MINUTE, None),
        (quiet + MINUTE, quiet),
    ):
        pass_at(moment)

        assert list(support.values_list("started_at", "ended_at")) == [(opened, ended)]
