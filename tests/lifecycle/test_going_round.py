"""Rules that lead a customer round three stages or more, a move a day: parked once the round is closed, by any pass."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import LifecycleModel, Parking, Rule, StagePeriod
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import six_stages
from tests.lifecycle.test_pulled import rule, while_in, work_out

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROUND = ["engagement", "conversion", "retention"]
Pass = Callable[[LifecycleModel], object]


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """From Engagement to Conversion, to Retention, and to Engagement again."""
    model = six_stages()
    Rule.objects.exclude(stage__slug__in=ROUND).delete()
    rule("engagement", "Back to talk", while_in("discovery", "retention"))
    rule("conversion", "On to buy", while_in("engagement"))
    rule("retention", "On to keep", while_in("conversion"))
    return model


@pytest.fixture
def customer(model: LifecycleModel) -> Customer:
    customer: Customer = CustomerFactory(name="Ada Berg", first_seen_at=FIRST)
    Arrival.objects.note([customer.pk], since=FIRST)
    return customer


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Iterator[int]]:
    def pass_by(many: int) -> Iterator[int]:
        for day in range(many):
            now = FIRST + timedelta(days=day, hours=1)
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            yield day

    return pass_by


def path() -> list[str]:
    stays = StagePeriod.objects.live().order_by("entered_at")
    return list(stays.values_list("stage__slug", flat=True))


@pytest.mark.parametrize(
    "look", [lambda _model: evaluate_changed(), lambda _model: evaluate_all(), work_out],
    ids=["increments", "full passes", "replays"],
)  # fmt: skip
def test_whichever_pass_looks_parks_when_the_round_is_closed_and_names_all_its_rules(
    look: Pass, model: LifecycleModel, customer: Customer, days: Any
):
    parked_on = []

    for day in days(8):
        look(model)
        parked_on += [day] if Parking.objects.exists() else []

    assert path() == ["discovery", *ROUND, "engagement"]
    assert parked_on == [4, 5, 6, 7]
    parking = Parking.objects.get()
    assert (parking.customer, parking.reason) == (customer, "day-by-day")
    names = {str(found) for found in Rule.objects.filter(pk__in=parking.rules)}
    assert names == {"Back to talk", "On to buy", "On to keep"}


def test_a_history_worked_out_at_once_ends_parked(model: LifecycleModel, customer: Customer, days: Any):
    list(days(9))

    work_out(model)

    assert len(Parking.objects.get().rules) == 3
    assert path()[-4:] == ["conversion", *ROUND[2:], *ROUND[:2]]


def test_a_round_that_takes_its_time_is_somebody_s_wish(model: LifecycleModel, customer: Customer, days: Any):
    rule("retention", "On to keep", while_in("conversion", days=2))

    for _day in days(12):
        evaluate_changed()

    assert path()[:8] == ["discovery", *ROUND, *ROUND, "engagement"]
    assert not Parking.objects.exists()


def test_whom_news_leads_the_same_way_every_day_goes_on(model: LifecycleModel, customer: Customer, days: Any):
    clicked = {"condition": "event", "parameters": {"names": ["email.clicked"], "within_days": 1}}
    rule("engagement", "Clicks", {"all": [while_in("discovery", "retention"), clicked]})

    for day in days(8):
        if day % 3 == 1:
            EventFactory(customer=customer, name="email.clicked", occurred_at=clock.now())
            Arrival.objects.note([customer.pk], since=clock.now())
        evaluate_changed()

    assert path() == ["discovery", *ROUND, *ROUND, "engagement"]
    assert not Parking.objects.exists()


def test_who_has_left_the_round_is_let_be(model: LifecycleModel, customer: Customer, days: Any):
    for _day in days(4):
        evaluate_changed()
    rule("engagement", "Back to talk", while_in("discovery"))

    for _day in days(9):
        evaluate_changed()

    assert path() == ["discovery", *ROUND]
    assert not Parking.objects.exists()
