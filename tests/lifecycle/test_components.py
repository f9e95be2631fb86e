"""Activities beside the stages run while their condition holds, and are cut again by late facts."""

from datetime import timedelta

import pytest

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Event
from customers.segments.keeping import create
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import Component, ComponentPeriod, ComponentRule, LifecycleModel, NextDue, Rule
from lifecycle.presets import install
from lifecycle.publishing import CannotPublish, open_draft, publish
from lifecycle.replay import replay
from lifecycle.walking.writing import Written
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """The six stages, with support under way for 30 days after a ticket."""
    model = install("swedish-six", by=None)
    draft = open_draft(model, by=None)
    support = Component.objects.create(model=model, slug="support", labels={"en": "Support"})
    condition = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=draft, component=support, condition=condition)
    publish(draft, by=None)
    return model


def ticket(customer: Customer, days_ago: int) -> Event:
    at = clock.now() - timedelta(days=days_ago)
    event = Event.objects.create(
        customer=customer, original_customer=customer, source="desk", key=f"t{days_ago}",
        name="ticket.opened", occurred_at=at,
    )  # fmt: skip
    Arrival.objects.note([customer.pk], since=at)
    return event


def spells() -> list[tuple[int, int | None]]:
    """(started, ended) in days ago, oldest first."""
    now = clock.now()
    rows = ComponentPeriod.objects.live().order_by("started_at")
    return [((now - row.started_at).days, row.ended_at and (now - row.ended_at).days) for row in rows]


def test_a_component_runs_while_its_condition_holds(model: LifecycleModel):
    customer = Customer.objects.create(first_seen_at=clock.now() - timedelta(days=200))
    for days_ago in (100, 90, 10):
        ticket(customer, days_ago)

    list(replay(model.published()))

    (first, second) = spells()
    assert (first[0], second) == (100, (10, None))
    assert first[1] in (58, 59)  # 31 days after the second ticket, at local midnight


def test_a_late_fact_joins_two_runs_and_keeps_what_was_known(model: LifecycleModel):
    customer = Customer.objects.create(first_seen_at=clock.now() - timedelta(days=200))
    ticket(customer, 100)
    ticket(customer, 50)
    list(replay(model.published()))
    assert len(spells()) == 2

    ticket(customer, 72)
    evaluate_changed()

    assert [started for started, _ended in spells()] == [100]
    assert ComponentPeriod.objects.exclude(superseded_at=None).count() == 2


def test_a_second_replay_changes_nothing(model: LifecycleModel):
    customer = Customer.objects.create(first_seen_at=clock.now() - timedelta(days=200))
    ticket(customer, 100)
    list(replay(model.published()))

    list(replay(model.published()))

    assert ComponentPeriod.objects.count() == 1


@pytest.mark.parametrize("by_segment", [False, True], ids=["itself", "by a segment"])
def test_a_component_that_asks_for_stages_of_another_model_follows_what_comes_due_there(
    by_segment: bool, model: LifecycleModel, marketer: User, monkeypatch: pytest.MonkeyPatch
):
    other = install("german-five", by=None)
    Rule.objects.filter(version__model=other).delete()
    asks = {"condition": "in_stage", "parameters": {"model": model.slug, "stages": ["retention"]}}
    if by_segment:
        segment = create(by=marketer, name="Kept", kind="dynamic", conditions=asks)
        asks = {"condition": "in_segment", "parameters": {"segment": segment.slug}}
    upsell = Component.objects.create(model=other, slug="upsell", labels={"en": "Upsell"})
    ComponentRule.objects.create(version=other.published(), component=upsell, condition=asks)
    now = clock.now()
    order = OrderFactory(occurred_at=now - timedelta(days=33))
    Arrival.objects.note([order.customer_id], since=order.customer.first_seen_at)
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: now - timedelta(days=4))
        evaluate_changed()
    assert not ComponentPeriod.objects.exists()
    (due,) = NextDue.objects.filter(model=model)

    evaluate_changed()

    assert ComponentPeriod.objects.live().get(component=upsell).started_at == due.at
    assert evaluate_all() == Written()


def test_a_component_that_asks_for_its_own_models_stages_is_refused(model: LifecycleModel):
    draft = open_draft(model, by=None)
    rule = draft.component_rules.get()
    rule.condition = {"condition": "in_stage", "parameters": {"model": "swedish-six", "stages": ["loyalty"]}}
    rule.save()

    with pytest.raises(CannotPublish, match="Support"):
        publish(draft, by=None)
