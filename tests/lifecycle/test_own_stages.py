"""Rules that ask for stages of their own model: a move changes their answers, and the next day is asked about by itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import LifecycleModel, NextDue, Rule, StagePeriod
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory
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
