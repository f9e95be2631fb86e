"""Rules that ask for stages of their own model: a move changes their answers, and the next day is asked about by itself."""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import LifecycleModel, NextDue, Parking, Rule, StagePeriod
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import six_stages
from tests.lifecycle.test_pulled import rule, while_in, work_out

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = ["discovery", "engagement", "conversion", "retention"]
MOVES = [("engagement", 2), ("conversion", 3), ("retention", 4)]


def neither(*stages: str) -> dict[str, Any]:
    return {"not": while_in(*stages, days=0)}


@pytest.fixture(params=["in the stage", "in none of the others"])
def model(db: None, request: pytest.FixtureRequest) -> LifecycleModel:
    """From stage to stage, one a day, and then no further: without a word about days."""
    model = six_stages()
    Rule.objects.exclude(stage__slug__in=STEPS).delete()
    for one, following in pairwise(STEPS):
        others = [slug for slug in STEPS if slug != one]
        asks = while_in(one, days=0) if request.param == "in the stage" else neither(*others)
        rule(following, f"After {one}", asks)
    return model


@pytest.fixture
def customer(model: LifecycleModel) -> Customer:
    customer: Customer = CustomerFactory(first_seen_at=FIRST)
    Arrival.objects.note([customer.pk], since=FIRST)
    return customer


def history() -> list[tuple[str, datetime]]:
    return list(
        StagePeriod.objects.live().order_by("entered_at").values_list("stage__slug", "entered_at__date")
    )


def test_a_day_goes_by_from_stage_to_stage(model: LifecycleModel, customer: Customer, monkeypatch: Any):
    for day in range(6):
        now = FIRST + timedelta(days=day, hours=1)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        evaluate_changed()
    day_by_day = history()

    assert [(slug, day.day) for slug, day in day_by_day] == MOVES
    assert not NextDue.objects.filter(at__lte=clock.now()).exists()
    work_out(model)
    assert history() == day_by_day


def test_after_a_replay_a_pass_finds_nothing_to_do(model: LifecycleModel, customer: Customer):
    work_out(model)
    worked_out = history()

    assert [evaluate_all(), evaluate_all()] == [Written(), Written()]
    assert history() == worked_out
    assert [(slug, day.day) for slug, day in worked_out] == MOVES


SOME = st.lists(st.sampled_from(STEPS), min_size=1, max_size=2, unique=True)
TESTS = st.one_of(
    st.builds(lambda stages, days: while_in(*stages, days=days), SOME, st.sampled_from([0, 0, 1, 3])),
    st.builds(lambda stages: neither(*stages), SOME),
    st.builds(
        lambda name, days: {"condition": "event", "parameters": {"names": [name], "within_days": days}},
        st.sampled_from(["page.viewed", "email.clicked"]),
        st.sampled_from([1, 2, 30]),
    ),
)
RULES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.lists(TESTS, min_size=1, max_size=2)), min_size=2, max_size=4
)
CLICKS = st.lists(
    st.tuples(st.integers(0, 14 * 24), st.sampled_from(["page.viewed", "email.clicked"])), max_size=4
)


def model_of(rules: list[tuple[str, list[dict[str, Any]]]]) -> LifecycleModel:
    model = six_stages()
    version = model.published()
    Rule.objects.filter(version=version).delete()
    for place, (slug, tests) in enumerate(rules, start=1):
        stage = model.stages.get(slug=slug)
        Rule.objects.create(version=version, stage=stage, priority=place, condition={"all": tests})
    return model


@settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(rules=RULES, clicks=CLICKS, look_at=st.lists(st.integers(0, 15 * 24), max_size=6))
def test_whenever_somebody_looks_the_history_is_that_of_a_replay(
    rules: list[tuple[str, list[dict[str, Any]]]], clicks: list[tuple[int, str]], look_at: list[int]
):
    real = clock.now
    try:
        with transaction.atomic():
            model = model_of(rules)
            customer = CustomerFactory(first_seen_at=FIRST)
            Arrival.objects.note([customer.pk], since=FIRST)
            happens = [*clicks, *((hour, "") for hour in [0, *look_at, 16 * 24])]
            for hour, name in sorted(happens):
                now = FIRST + timedelta(hours=hour)
                clock.now = lambda now=now: now + timedelta(seconds=1)
                if name:
                    EventFactory(customer=customer, name=name, occurred_at=now)
                    Arrival.objects.note([customer.pk], since=now)
                evaluate_changed()
            looked_at, is_parked = history(), Parking.objects.exists()
            if not is_parked:
                work_out(model)
                assert looked_at == history()
            if not Parking.objects.exists():
                assert [evaluate_all(), evaluate_all()] == [Written(), Written()]
            transaction.set_rollback(True)
    finally:
        clock.now = real
