"""A customer on whom the rules fail is parked with the error and told of; everybody else goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models.lookups import GreaterThanOrEqual

from clm.base import clock
from clm.base.conditions import Asked, Condition, Evidence, offer, parameter, registry
from customers.models import Arrival, Customer, Order
from lifecycle import isolating
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import LifecycleModel, Parking, Rule, StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.lifecycle.shop import stage_of

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class DividesByZero(Condition):
    """Raises in the database for one customer; with `number` 0 for everybody."""

    name = "divides_by_zero"
    label = "Divides by zero"
    number: int = parameter("customer")

    def to_q(self, asked: Asked) -> Q:
        who = F(asked.customer) - Value(self.number) if self.number else F(asked.customer) * Value(0)
        return Q(GreaterThanOrEqual(Value(1, IntegerField()) / who, Value(10**9)))

    def changes(self, *, zone: str, known_at: Any) -> list[QuerySet[Any, Any]]:
        return [Order.objects.live().values_list("customer_id", "occurred_at")]

    def sentence(self) -> str:
        return "divides by zero"

    def evidence(self, customer: Any, asked: Asked, *, holds: bool) -> Evidence:
        return Evidence("")


@pytest.fixture(autouse=True)
def offered() -> Iterator[None]:
    offer(DividesByZero)
    yield
    registry.offered().pop("divides_by_zero")


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def company(size: int) -> list[Customer]:
    """All bought three days ago, and wait to be looked at."""
    at = clock.now() - timedelta(days=3)
    customers = Customer.objects.bulk_create(
        [Customer(name=f"Customer {number}", first_seen_at=at) for number in range(size)]
    )
    facts = {"source": "t", "gross": 5, "occurred_at": at, "currency": "EUR", "rate": 1}
    Order.objects.bulk_create(
        Order(customer=customer, original_customer=customer, key=f"{customer.pk}", **facts)
        for customer in customers
    )
    Arrival.objects.note([customer.pk for customer in customers], since=at)
    return customers


def poison(model: LifecycleModel, number: int) -> None:
    """Have the first rule fail on one customer, or on everybody."""
    rule = Rule.objects.filter(version__model=model).earliest("priority")
    rule.condition = {"condition": "divides_by_zero", "parameters": {"number": number}}
    rule.save()


def in_a_stage() -> int:
    return StagePeriod.objects.live().filter(left_at=None).count()


def test_of_many_customers_one_is_parked_and_the_others_are_worked_on(model: LifecycleModel):
    customers = company(300)
    poison(model, customers[217].pk)

    evaluate_changed()

    parking = Parking.objects.get()
    assert parking.customer == customers[217]
    assert "division by zero" in parking.reason
    assert in_a_stage() == 299
    assert not Arrival.objects.exists()
    assert stage_of(customers[216]) == "conversion"


def test_the_next_passes_leave_the_parked_one_alone(model: LifecycleModel):
    customers = company(5)
    poison(model, customers[2].pk)
    evaluate_changed()

    Arrival.objects.note([customer.pk for customer in customers], since=clock.now())
    evaluate_changed()
    evaluate_all()

    assert Parking.objects.count() == 1
    assert in_a_stage() == 4


def test_other_models_go_on_with_the_customer(model: LifecycleModel):
    other = install("danish-six", by=None)
    customers = company(3)
    poison(model, customers[1].pk)

    evaluate_changed()

    assert Parking.objects.get().model == model
    periods = StagePeriod.objects.live().filter(customer=customers[1])
    assert [(period.model, period.stage.slug) for period in periods] == [(other, "purchase")]


def test_rules_that_fail_for_everybody_park_nobody_and_are_told_of(
    model: LifecycleModel, sign_in, marketer, monkeypatch
):
    monkeypatch.setattr(isolating, "MOST_POISONED", 2)
    customers = company(8)
    poison(model, 0)

    with pytest.raises(Exception, match="division by zero"):
        evaluate_changed()

    assert not Parking.objects.exists()
    assert set(Arrival.objects.values_list("customer_id", flat=True)) == {each.pk for each in customers}
    assert "the rules fail for many customers" in sign_in(marketer).get("/customers/").content.decode()

    poison(model, customers[7].pk + 1000)
    evaluate_changed()

    assert in_a_stage() == 8
    assert "the rules fail" not in sign_in(marketer).get("/customers/").content.decode()


def test_a_replay_goes_on_past_a_customer_it_cannot_work_out(model: LifecycleModel):
    customers = company(20)
    poison(model, customers[4].pk)

    list(replay(model.published()))

    assert in_a_stage() == 19
    assert Parking.objects.get().customer == customers[4]
