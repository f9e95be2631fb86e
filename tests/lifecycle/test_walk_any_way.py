"""However the work is cut, interrupted and repeated, and however the facts arrive, the histories are the same."""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Response
from clm.accounts.jobs import drive
from clm.accounts.models import Job
from clm.base import clock
from customers.models import Arrival, Customer, Event, Order, Refund
from lifecycle import replay as replaying
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import CurrentStage, LifecycleModel, NextDue, Parking, Refusal, StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay, request_replay
from tests.lifecycle.plain import Facts
from tests.lifecycle.test_walk_agrees import END, company, facts, learn, write

pytestmark = pytest.mark.django_db(transaction=True)  # lanes have connections of their own

few = settings(
    max_examples=max(int(os.environ.get("PROPERTY_EXAMPLES", "8")) // 10, 2),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
HISTORY = (StagePeriod, CurrentStage, NextDue, Refusal, Parking, Arrival, Job)
FACTS = (Refund, Order, Event, Response, Customer)


class Killed(BaseException):
    """What a worker that is killed does: nothing more."""


@pytest.fixture(autouse=True)
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: END)


@pytest.fixture
def model(transactional_db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def forgotten(*tables: type[Any]) -> None:
    for table in tables:
        table.objects.all().delete()


def history() -> list[tuple[object, ...]]:
    """By the customers' places, since their ids differ from one telling to the next."""
    place = {
        pk: place for place, pk in enumerate(Customer.objects.order_by("pk").values_list("pk", flat=True))
    }
    rows = StagePeriod.objects.live().order_by("customer", "entered_at")
    told = rows.values_list("customer", "stage__slug", "entered_at", "left_at", "cause")
    due = NextDue.objects.order_by("customer").values_list("customer", "at")
    return [(place[row[0]], *row[1:]) for row in [*told, *due]]


def learnt(made: list[Facts], chance: random.Random) -> Iterator[None]:
    """The facts one after the other, in any order but refunds after their orders."""
    rows = [row for customer, each in company(*made) for row in write(customer, each)]
    chance.shuffle(rows)
    rows.sort(key=lambda row: isinstance(row[2], Refund))
    for _known, at, row in rows:
        learn(row, at)
        yield


def killed_and_resumed(model: LifecycleModel, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """A replay whose worker dies in the middle of a batch, after so many; another takes over."""
    real, done = replaying.walk_each, []

    def dies(*given: Any, **named: Any) -> Any:
        walked = real(*given, **named)
        done.append(1)
        if len(done) > batches:
            raise Killed
        return walked

    job = request_replay(model, by=None)
    with monkeypatch.context() as patch:
        patch.setattr(replaying, "walk_each", dies)
        with pytest.raises(Killed):
            drive(job)
    Job.objects.filter(pk=job.pk).update(lease_until=None)  # in truth it runs out
    drive(Job.objects.get(pk=job.pk))
    assert Job.objects.get(pk=job.pk).status == "done"


@few
@given(
    made=st.lists(facts(), min_size=3, max_size=5),
    batch=st.integers(1, 3),
    dies_after=st.integers(0, 2),
    seed=st.integers(0, 999),
)
def test_batches_lanes_kills_and_the_order_of_arrival_make_no_difference(
    model: LifecycleModel,
    monkeypatch: pytest.MonkeyPatch,
    made: list[Facts],
    batch: int,
    dies_after: int,
    seed: int,
) -> None:
    chance = random.Random(seed)
    version = model.published()
    assert version is not None
    monkeypatch.setattr(replaying.replay, "__kwdefaults__", {"after": 0, "until": None, "batch": 1})
    try:
        for _fact in learnt(made, chance):
            pass
        list(replay(version, batch=100))
        whole = history()

        forgotten(*HISTORY)
        list(replay(version, batch=batch))
        in_lanes = history()

        forgotten(*HISTORY)
        killed_and_resumed(model, monkeypatch, dies_after)
        resumed = history()

        forgotten(*HISTORY, *FACTS)
        for number, _fact in enumerate(learnt(made, chance)):
            if chance.random() < 0.3:
                evaluate_changed(limit=2 * (number % 3 + 1))
        evaluate_changed()
        by_increments = history()

        assert in_lanes == whole
        assert resumed == whole
        assert by_increments == whole
        assert evaluate_all().inserted == 0  # the full pass finds nothing that the increments left undone
        assert history() == whole
    finally:
        forgotten(*HISTORY, *FACTS)
