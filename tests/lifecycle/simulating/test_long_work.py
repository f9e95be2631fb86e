"""Simulations of many customers are jobs: in lanes, resumed where they stopped, given up when the version changes."""

from datetime import timedelta

import pytest
from django.db.models import Count

from clm.accounts.jobs import drive
from clm.accounts.models import Job
from clm.base import clock
from lifecycle.models import LifecycleModel, SimulatedFlow, SimulatedMove, SimulatedPeriod, Simulation, Span
from lifecycle.simulating import asking, running
from lifecycle.simulating.asking import Question, simulate
from lifecycle.simulating.sweeping import forget_old
from tests.lifecycle.shop import six_stages, work_off
from tests.lifecycle.simulating.trying import company, drafted

CHANGED = {"churned": 90, "retention": 90, "loyalty": 90}


@pytest.fixture
def model(db: None, monkeypatch: pytest.MonkeyPatch) -> LifecycleModel:
    monkeypatch.setattr(asking, "AT_ONCE", 0)
    monkeypatch.setattr(running, "run", lambda simulation, after=0: run(simulation, after=after, batch=3))
    model = six_stages()
    company()
    return model


run = running.run


def counts(simulation: Simulation) -> object:
    return {name: simulation.result[name] for name in ("stages", "flows", "customers", "moving", "examples")}


@pytest.mark.django_db(transaction=True)
def test_a_killed_one_goes_on_where_it_stopped_and_ends_with_the_same_numbers(model, monkeypatch):
    draft = drafted(model, **CHANGED)
    whole = simulate(draft, Question(Span.HISTORY), by=None)
    work_off()
    killed = simulate(draft, Question(Span.HISTORY), by=None)

    drive(killed.job, seconds=0)
    drive(Job.objects.get(pk=killed.job_id), seconds=0)
    list(run(killed, batch=5))  # a worker that was believed dead does some of it once more
    work_off()

    whole.refresh_from_db()
    killed.refresh_from_db()
    assert whole.finished_at is not None
    assert counts(killed) == counts(whole)
    moves = SimulatedMove.objects.values("simulation").annotate(n=Count("pk")).values_list("n", flat=True)
    assert len(set(moves)) == 1


@pytest.mark.django_db
def test_one_whose_draft_is_changed_meanwhile_is_given_up(model):
    draft = drafted(model, **CHANGED)
    simulation = simulate(draft, Question(), by=None)
    drive(simulation.job, seconds=0)

    drafted(model, churned=30)
    work_off()

    simulation = Simulation.objects.for_page().get()
    assert simulation.finished_at is None
    assert simulation.job.status == "failed"
    assert "Simulate it again" in simulation.job.error


@pytest.mark.django_db
def test_after_a_week_nothing_is_left_of_it(model):
    old = simulate(drafted(model, **CHANGED), Question(Span.HISTORY), by=None)
    work_off()
    Simulation.objects.update(requested_at=clock.now() - timedelta(days=7, minutes=1))
    fresh = simulate(old.version, Question(Span.HISTORY), by=None)
    work_off()

    assert forget_old() == 1

    for rows in (SimulatedFlow, SimulatedMove, SimulatedPeriod):
        assert set(rows.objects.values_list("simulation", flat=True)) == {fresh.pk}
    assert Simulation.objects.get() == fresh
