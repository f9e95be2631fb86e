"""A version tried over days of the past or over all history: what would have come of it."""

from datetime import timedelta

import pytest

from clm.accounts.models import Organisation
from clm.base import clock
from clm.base.days import start_of
from customers.models import Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import walk_each
from lifecycle.models import (
    Cause,
    LifecycleModel,
    ModelVersion,
    Parking,
    SimulatedPeriod,
    Simulation,
    Span,
    StagePeriod,
)
from lifecycle.publishing import publish
from lifecycle.simulating.asking import CannotSimulate, Question, simulate
from tests.lifecycle.shop import six_stages, stage, work_off
from tests.lifecycle.simulating.trying import company, drafted, live, places

pytestmark = pytest.mark.django_db
CHANGED = {"churned": 90, "retention": 90, "loyalty": 90}


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    company()
    return model


def simulated(simulation: Simulation) -> list[tuple[object, ...]]:
    rows = SimulatedPeriod.objects.filter(simulation=simulation).order_by("customer", "entered_at")
    return list(rows.values_list("customer", "stage__slug", "entered_at", "left_at", "cause"))


def stored(model: LifecycleModel) -> list[tuple[object, ...]]:
    rows = StagePeriod.objects.live().filter(model=model).order_by("customer", "entered_at")
    return list(rows.values_list("customer", "stage__slug", "entered_at", "left_at", "cause"))


def test_over_all_history_it_is_the_replay_after_publishing(model):
    by_hand, parked = sorted(places(model))[:2]
    admit(MoveSet([by_hand], stage("advocacy"), "said so"), source=Cause.API)
    Parking.objects.create(customer_id=parked, model=model, reason="ping-pong")
    draft = drafted(model, **CHANGED)
    before = live()

    simulation = simulate(draft, Question(Span.HISTORY), by=None)

    assert live() == before
    publish(draft, by=None, replay=True)
    work_off()
    assert simulated(simulation) == stored(model)
    entered = {line["stage"]: line.get("would_enter") for line in simulation.result["stages"]}
    churned = StagePeriod.objects.live().filter(stage=stage("churned"))
    assert entered[stage("churned").pk] == churned.count() == 5


def test_over_days_it_is_what_publishing_on_the_first_of_them_would_have_led_to(model):
    today = clock.now().astimezone(Organisation.objects.current().tz).date()
    first, last = today - timedelta(days=60), today - timedelta(days=20)
    draft = drafted(model, **CHANGED)

    simulation = simulate(draft, Question(Span.DAYS, first, last), by=None)
    found = simulated(simulation)

    since = start_of(first, Organisation.objects.current().tz)
    publish(draft, by=None)
    ModelVersion.objects.filter(pk=draft.pk).update(governs_from=since)
    walk_each(
        model, sorted(Customer.objects.values_list("pk", flat=True)), since=since, until=simulation.until
    )
    assert found == [
        row for row in stored(model) if row[2] <= simulation.until and (row[3] is None or row[3] > since)
    ]
    assert simulation.result["moving"] == len(simulation.result["examples"]) > 0


def test_the_stays_of_truth_and_of_the_version_are_counted_side_by_side(model):
    today = clock.now().date()
    draft = drafted(model, **CHANGED)

    simulation = simulate(draft, Question(Span.DAYS, today - timedelta(days=60)), by=None)

    counts = {line["stage"]: line for line in simulation.result["stages"]}
    # 100 and 200+ days ago are gone after 90 days within the last 60, 140 and 170 at once on the first day or later.
    churned = counts[stage("churned").pk]
    truly = StagePeriod.objects.live().filter(stage=stage("churned"), entered_at__gte=simulation.since)
    assert churned["entered"] == truly.count() == 0
    assert churned["would_enter"] == churned["entering"] == 4


@pytest.mark.parametrize(
    ("first", "last", "field"), [(None, None, "first"), (3, 5, "last"), (-2, None, "first"), (3, -2, "last")]
)
def test_days_that_make_no_sense_are_refused_by_name(model, first, last, field):
    today = clock.now().date()
    question = Question(
        Span.DAYS,
        None if first is None else today - timedelta(days=first),
        None if last is None else today - timedelta(days=last),
    )

    with pytest.raises(CannotSimulate) as refused:
        simulate(drafted(model, **CHANGED), question, by=None)

    assert refused.value.field == field
    assert not Simulation.objects.exists()


def test_a_draft_that_could_not_be_published_is_refused(model):
    draft = drafted(model)
    draft.stage_uses.filter(is_initial=True).delete()

    with pytest.raises(CannotSimulate, match="first stage"):
        simulate(draft, Question(), by=None)
