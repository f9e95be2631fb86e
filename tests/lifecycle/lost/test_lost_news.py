"""Facts of which nobody was told: whichever pass finds them, the history is that of a replay, and nothing is taken back."""

import os
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Refund
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import (
    Component,
    ComponentPeriod,
    ComponentRule,
    EdgePolicy,
    LifecycleModel,
    NextDue,
    Policy,
    StagePeriod,
)
from lifecycle.publishing import open_draft, publish
from lifecycle.simulating import running
from lifecycle.simulating.asking import Question, simulate
from lifecycle.walking import walk
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory, EventFactory, OrderFactory
from tests.lifecycle.lost.shop import DAYS_AGO, LONG_AGO, NOW, history, noted
from tests.lifecycle.plain import Facts
from tests.lifecycle.shop import six_stages, stage, work_off
from tests.lifecycle.test_pulled import work_out
from tests.lifecycle.test_walk_agrees import END, START, company, facts, write

pytestmark = pytest.mark.django_db

# Days before the end.
LATE = st.lists(st.integers(2, 60), min_size=1, max_size=3)


@pytest.mark.parametrize("first", [evaluate_all, evaluate_changed], ids=["full pass", "increment"])
def test_whoever_finds_it_writes_what_a_replay_would_and_nobody_takes_it_back(
    first: Any, model: LifecycleModel, customer: Customer, at: Any
):
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    EventFactory(customer=customer, name="newsletter.read", occurred_at=NOW)  # says nothing to the rules
    Arrival.objects.note([customer.pk], since=NOW)

    first()
    found = history()

    assert found[-1] == ("conversion", DAYS_AGO)
    for later in (1, 2, 30):
        at(NOW + timedelta(hours=later))
        noted(customer, clock.now())
        assert (evaluate_all(), history()) == (Written(), found)
    work_out(model)
    assert history() == found


def test_what_runs_beside_the_stages_is_found_too(model: LifecycleModel, customer: Customer):
    support = Component.objects.create(model=model, slug="support")
    asks = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=model.published(), component=support, condition=asks)
    EventFactory(customer=customer, name="ticket.opened", occurred_at=DAYS_AGO)

    evaluate_all()

    assert ComponentPeriod.objects.live().get().started_at == DAYS_AGO


def test_many_at_once_are_moved_today_and_left_to_a_replay(
    model: LifecycleModel, customer: Customer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)

    evaluate_all()

    assert history()[-1] == ("conversion", datetime(2026, 5, 20, tzinfo=UTC))
    assert evaluate_all() == Written()
    noted(customer, NOW)
    assert history()[-1] == ("conversion", datetime(2026, 5, 20, tzinfo=UTC))


def test_what_came_due_while_nothing_ran_is_no_lost_news_for_the_full_pass(
    model: LifecycleModel, customer: Customer, at: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    due = NextDue.objects.get().at

    at(due + timedelta(days=2))
    evaluate_all()

    found = history()
    assert found[-1] == ("retention", due)
    assert evaluate_changed() == Written()
    work_out(model)
    assert history() == found


@pytest.mark.parametrize(("lost", "anew"), [(2, True), (3, False)], ids=["half", "more"])
def test_few_are_worked_out_anew_whatever_else_is_walked_with_them(
    lost: int, anew: bool, model: LifecycleModel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 1)
    monkeypatch.setattr(walk, "SHARE_ANEW", 2)
    people = CustomerFactory.create_batch(4, first_seen_at=LONG_AGO)
    Arrival.objects.note([each.pk for each in people], since=LONG_AGO)
    evaluate_changed()
    for each in people[:lost]:
        OrderFactory(customer=each, occurred_at=DAYS_AGO)

    evaluate_all()

    entered = {at for slug, at in history() if slug == "conversion"}
    assert entered == {DAYS_AGO if anew else datetime(2026, 5, 20, tzinfo=UTC)}


@pytest.mark.parametrize("told_twice", [False, True], ids=["one piece of news", "another of later"])
def test_news_that_wait_are_not_lost_for_the_full_pass(
    told_twice: bool, model: LifecycleModel, customer: Customer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    Arrival.objects.note([customer.pk] * told_twice, since=NOW)
    Arrival.objects.note([customer.pk], since=DAYS_AGO)

    evaluate_all()

    found = history()
    assert found[-1] == ("conversion", DAYS_AGO)
    assert evaluate_changed() == Written()
    assert not Arrival.objects.exists()
    assert history() == found


def test_a_move_by_the_api_outlasts_the_full_pass_of_its_day(model: LifecycleModel, customer: Customer):
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    noted(customer, DAYS_AGO)
    admit(MoveSet([customer.pk], stage("loyalty")), source="api")
    moved = history()

    evaluate_all()

    assert moved[-1] == ("loyalty", NOW)
    assert history() == moved


def test_whom_a_forbidden_move_led_elsewhere_goes_on_the_next_day(
    model: LifecycleModel, customer: Customer, at: Any
):
    EdgePolicy.objects.create(version=model.published(), from_stage=stage("discovery"), source="rule",
                              to_stage=stage("conversion"), policy=Policy.FORBIDDEN)  # fmt: skip
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    on_the_day = history()
    evaluate_all()
    assert history() == on_the_day
    assert on_the_day[-1] == ("retention", NOW)

    at(NOW + timedelta(days=1))
    evaluate_changed()

    after = history()
    assert after[-1] == ("conversion", datetime(2026, 5, 21, tzinfo=UTC))
    assert evaluate_all() == Written()
    work_out(model)
    assert history() == after


@settings(
    max_examples=max(int(os.environ.get("PROPERTY_EXAMPLES", "8")) // 2, 2),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(made=facts(), late=LATE, seed=st.integers(0, 999), is_found=st.just(False))
@example(made=Facts(events=[(START, "newsletter.read", 0)]), late=[2], seed=0, is_found=True)
@example(made=Facts(events=[(START, "newsletter.read", 0)]), late=[40, 2], seed=1, is_found=True)
def test_whichever_notes_are_lost_who_is_found_ends_where_a_replay_does(
    made: Facts, late: list[int], seed: int, is_found: bool
) -> None:
    """What the rules of today say nothing of any more can't be found, such as an order long since outlived: nobody is
    told of some of the last days (`late`), nor of half of all before, but of the first."""
    made = Facts([*made.orders, *((END - timedelta(days=days), 2, []) for days in late)], made.events)
    chance, real, walk_anew, found = random.Random(seed), clock.now, walk.walk_anew, list[int]()
    walk.walk_anew = lambda astray, redefined: found.extend(astray) or walk_anew(astray, redefined)
    try:
        with transaction.atomic():
            model, [(customer, _made)] = six_stages(), company(made)
            Customer.objects.update(first_seen_at=START)
            rows = sorted(write(customer, made), key=lambda row: (isinstance(row[2], Refund), row[0]))
            for number, (known, happened, row) in enumerate(rows):
                if isinstance(row, Refund):
                    row.order_id = row.order.pk
                row.save()  # type: ignore[attr-defined]
                is_told = not number or (chance.random() < 0.5 and happened < END - timedelta(days=61))
                if is_told:
                    Arrival.objects.note([customer.pk], since=happened)
                clock.now = lambda known=known: known + timedelta(seconds=1)
                evaluate_changed()
            clock.now, found[:] = (lambda: END), []
            (evaluate_all if seed % 2 else partial(noted, customer, END))()
            by_passes = history()

            assert evaluate_all() == Written()
            noted(customer, END)
            assert history() == by_passes
            assert found or not is_found
            if found:
                work_out(model)
                assert history() == by_passes
            transaction.set_rollback(True)
    finally:
        clock.now, walk.walk_anew = real, walk_anew


def test_a_simulation_counts_the_lost_as_publishing_does(
    model: LifecycleModel, monkeypatch: pytest.MonkeyPatch, marketer: User
):
    """Two of four, side by side: in chunks of two they would be many, where publishing finds few."""
    monkeypatch.setattr(walk, "FEW_ANEW", 1)
    monkeypatch.setattr(walk, "SHARE_ANEW", 2)
    monkeypatch.setattr(running, "BATCH", 2)
    people = CustomerFactory.create_batch(4, first_seen_at=LONG_AGO)
    Arrival.objects.note([each.pk for each in people], since=LONG_AGO)
    evaluate_changed()
    for each in people[:2]:
        OrderFactory(customer=each, occurred_at=DAYS_AGO)
    Arrival.objects.all().delete()
    draft = open_draft(model, by=None)
    said = simulate(draft, Question(), by=marketer)

    publish(draft, by=None)
    work_off()

    real = set(StagePeriod.objects.live().filter(left_at=None).values_list("stage_id", "entered_at"))
    assert (stage("conversion").pk, DAYS_AGO) in real
    assert {(move.to_stage_id, move.entered_at) for move in said.moves.all()} <= real
