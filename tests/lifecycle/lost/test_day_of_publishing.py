"""A version that takes over ends the part of the day that the one before decided; nothing of it is taken back."""

from datetime import timedelta
from typing import Any

import pytest

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Segment
from customers.segments.keeping import change
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import Component, ComponentPeriod, ComponentRule, LifecycleModel, NextDue, StagePeriod
from lifecycle.publishing import open_draft, publish
from lifecycle.simulating.asking import Question, simulate
from lifecycle.walking import walk
from lifecycle.walking.writing import Written
from tests.factories import EventFactory, OrderFactory
from tests.lifecycle.lost.shop import NOW, history, noted, opened, publish_without
from tests.lifecycle.shop import work_off

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("found_by", ["takeover", "news"])
def test_a_segment_changed_on_the_day_of_publishing_rewrites_no_years(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any, found_by: str
):
    change(readers, by=marketer, values={"conditions": opened("newsletter.read")})
    at(NOW + timedelta(minutes=1))
    evaluate_changed()
    evaluate_all()
    assert history()[-1] == ("advocacy", NOW)
    at(NOW + timedelta(hours=1))
    publish_without(model, "advocacy")

    if found_by == "takeover":
        work_off()
    noted(customer, clock.now())

    assert [slug for slug, entered in history() if entered < NOW] == ["discovery"]


def test_what_came_due_before_another_version_is_decided_by_the_one_before(
    model: LifecycleModel, customer: Customer, at: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    due, before = NextDue.objects.get().at, model.published()

    at(due + timedelta(days=2))
    publish(open_draft(model, by=None), by=None)
    work_off()

    last = StagePeriod.objects.live().get(left_at=None)
    assert (last.stage.slug, last.entered_at, last.version) == ("retention", due, before)


@pytest.mark.parametrize("days", [1, 0], ids=["yesterday", "on the day"])
def test_publishing_takes_back_nothing_that_the_version_before_decided(
    days: int, model: LifecycleModel, customer: Customer, at: Any, marketer: User
):
    clicked = NOW - timedelta(days=days)
    at(clicked + timedelta(minutes=1))
    EventFactory(customer=customer, name="email.clicked", occurred_at=clicked)
    noted(customer, clicked)
    before = history()
    assert before[-1] == ("engagement", clicked)
    at(NOW + timedelta(hours=1))
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="engagement").delete()

    said = simulate(draft, Question(), by=marketer)
    publish(draft, by=None)
    work_off()

    assert said.result["moving"] == 0
    assert history() == before
    at(NOW + timedelta(hours=2))
    noted(customer, NOW)
    assert history() == before


def test_publishing_takes_back_no_activity_of_the_day(model: LifecycleModel, customer: Customer, at: Any):
    support = Component.objects.create(model=model, slug="support")
    asks = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=model.published(), component=support, condition=asks)
    at(NOW + timedelta(minutes=1))
    EventFactory(customer=customer, name="ticket.opened", occurred_at=NOW)
    noted(customer, NOW)
    assert ComponentPeriod.objects.live().get().started_at == NOW
    draft = open_draft(model, by=None)
    draft.component_rules.all().delete()
    at(NOW + timedelta(hours=1))

    publish(draft, by=None)
    work_off()

    spell = ComponentPeriod.objects.live().get()
    assert (spell.started_at, spell.ended_at) == (NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize("takeover_first", [True, False], ids=["takeover first", "increment first"])
def test_it_is_the_same_when_the_morning_was_not_looked_at_yet(
    model: LifecycleModel, customer: Customer, at: Any, takeover_first: bool
):
    EventFactory(customer=customer, name="email.clicked", occurred_at=NOW)
    Arrival.objects.note([customer.pk], since=NOW)
    at(NOW + timedelta(hours=1))
    publish_without(model, "engagement")

    for look in (work_off, evaluate_changed) if takeover_first else (evaluate_changed, work_off):
        look()

    assert history()[-1] == ("engagement", NOW)
    assert evaluate_all() == Written()
