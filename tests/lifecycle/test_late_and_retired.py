"""Stages out of use, those who come late to them, and what is known of the past only since."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from clm.accounts.models import Job
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Customer
from lifecycle import evaluation
from lifecycle.designing import steps
from lifecycle.designing.editing import edit
from lifecycle.drafting import publish_as_read
from lifecycle.models import (
    CurrentStage,
    LifecycleModel,
    SimulatedMove,
    Simulation,
    Stage,
    StagePeriod,
)
from lifecycle.models.simulation import Span
from lifecycle.simulating.writing import Sink
from lifecycle.walking.walk import Route
from lifecycle.walking.writing import Written
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> LifecycleModel:
    """Version 2 has no Advocacy any more; its people go to Loyalty."""
    model = six_stages()
    edit(model, lambda plan: steps.retire_stage(plan, "advocacy"), read="*", by=None)
    publish_as_read(model, read="*", by=None, replay=False, heirs={"advocacy": "loyalty"})
    return model


def left_behind(model: LifecycleModel) -> Customer:
    """Somebody whom late facts put into the stage that is no more."""
    customer, gone = buyer(100), stage("advocacy")
    StagePeriod.objects.live().filter(customer=customer, left_at=None).update(stage=gone)
    CurrentStage.objects.filter(customer=customer).update(stage=gone)
    return customer


def test_a_retired_stage_has_no_place_in_the_order(model: LifecycleModel) -> None:
    places = dict(Stage.objects.filter(model=model).values_list("slug", "position"))

    assert places.pop("advocacy") == 0
    assert sorted(places.values()) == [1, 2, 3, 4, 5, 6]


def test_at_night_those_who_came_late_to_a_vanished_stage_go_to_its_heir(
    model: LifecycleModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = left_behind(model)
    monkeypatch.setattr(evaluation, "ask_anew", lambda ids: None)

    list(evaluation.nightly_job(Job(kind="lifecycle.nightly")))

    assert stage_of(customer) == "loyalty"


def test_newcomers_enter_where_the_version_in_force_lets_them_in() -> None:
    march = datetime(2025, 3, 1, tzinfo=UTC)
    programs = [
        (datetime(2025, 1, 1, tzinfo=UTC), SimpleNamespace(version_id=1)),
        (march, SimpleNamespace(version_id=2)),
    ]
    route = Route(LifecycleModel(), [10, 20], cast(Any, programs))

    entered = [route.entered(at) for at in (BEGINNING, datetime(2025, 2, 28, tzinfo=UTC), march)]

    assert [(stay.stage_id, stay.version_id) for stay in entered] == [(10, 1), (10, 1), (20, 2)]


def test_only_what_ends_at_the_present_is_closed_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that ends in the past is written without a present: nothing reaches it."""
    model, customer, told = six_stages(), buyer(100), list[dict[str, Any]]()
    monkeypatch.setattr(
        evaluation, "write_histories", lambda _model, _stretch, **now: told.append(now) or Written()
    )

    evaluation.walk_each(model, [customer.pk], since=BEGINNING, until=clock.now())

    assert told == [{}]


def test_nobody_is_simulated_to_move_to_where_they_are(model: LifecycleModel) -> None:
    """The version would lead to the vanished stage, and its heir is where they are already."""
    customer, now = buyer(100), clock.now()
    job = Job.objects.create(kind="x", parameters={"heirs": {"advocacy": "loyalty"}})
    simulation = Simulation.objects.create(
        version=model.published(), span=Span.NOW, since=now, until=now, read="", job=job
    )
    moves = SimulatedMove.objects.filter(simulation=simulation)
    for source in ("loyalty", "retention"):
        moves.all().delete()
        SimulatedMove.objects.create(
            simulation=simulation, customer=customer, from_stage=stage(source), to_stage=stage("advocacy"),
            entered_at=now, cause="rule",
        )  # fmt: skip

        Sink(simulation).tally([customer.pk])

        found = [
            (move.from_stage.slug, move.to_stage.slug) for move in moves.select_related() if move.from_stage
        ]
        assert found == ([] if source == "loyalty" else [("retention", "loyalty")])
