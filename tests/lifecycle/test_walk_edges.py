"""What the walk must survive: people without a history, refusals over re-walks, versions in a race, other models."""

from datetime import timedelta

import pytest

from campaigns.models import Response, Survey
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Arrival, Customer, Event, Order
from customers.models.arrival import ArrivalQuerySet
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.explanation import explain
from lifecycle.models import (
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Policy,
    Refusal,
    Rule,
    Stage,
    StagePeriod,
    VersionStage,
)
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from lifecycle.replay import JobFailed, replay

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def person(days_ago: int = 50) -> Customer:
    return Customer.objects.create(first_seen_at=clock.now() - timedelta(days=days_ago))


def buy(customer: Customer, days_ago: float, *, noted: bool = True) -> Order:
    at = clock.now() - timedelta(days=days_ago)
    order = Order.objects.create(customer=customer, original_customer=customer, source="t", key=f"{at}", gross=5,
                                 occurred_at=at, currency="EUR", rate=1)  # fmt: skip
    if noted:
        Arrival.objects.note([customer.pk], since=at)
    return order


def path(customer: Customer, model: LifecycleModel) -> list[str]:
    periods = StagePeriod.objects.live().filter(customer=customer, model=model).order_by("entered_at")
    return list(periods.values_list("stage__slug", flat=True))


def test_news_of_somebody_without_a_history_works_it_out_from_the_first_sight(model: LifecycleModel):
    customer = person(days_ago=50)
    buy(customer, 40, noted=False)
    Arrival.objects.note([customer.pk], since=clock.now())

    evaluate_changed()

    by_increment = path(customer, model)
    list(replay(model.published()))
    assert by_increment == path(customer, model) == ["discovery", "conversion", "retention"]


def test_the_nightly_pass_takes_in_who_has_no_history(model: LifecycleModel):
    customer = person(days_ago=50)
    buy(customer, 40, noted=False)

    evaluate_all()

    assert path(customer, model) == ["discovery", "conversion", "retention"]


def test_a_refusal_stays_one_however_often_the_history_is_walked(model: LifecycleModel):
    stages = {stage.slug: stage for stage in Stage.objects.filter(model=model)}
    EdgePolicy.objects.create(version=model.published(), from_stage=stages["discovery"], source="rule",
                              to_stage=stages["conversion"], policy=Policy.FORBIDDEN)  # fmt: skip
    customer = person()
    buy(customer, 10)
    evaluate_changed()
    assert path(customer, model) == ["discovery", "retention", "conversion"]  # from retention it may

    for _turn in range(2):
        list(replay(model.published()))
        Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=10))
        evaluate_changed()
        evaluate_all()

    assert Refusal.objects.live().count() == 1


def test_a_pass_under_way_takes_the_version_published_meanwhile(
    model: LifecycleModel, monkeypatch: pytest.MonkeyPatch
):
    customer = person()
    buy(customer, 10)
    evaluate_changed()
    draft = open_draft(model, by=None)
    real = ArrivalQuerySet.take

    def publish_in_between(arrivals: ArrivalQuerySet, ids: list[int]):
        taken = real(arrivals, ids)
        if taken and ModelVersion.objects.filter(pk=draft.pk, status="draft").exists():
            publish(draft, by=None)
        return taken

    monkeypatch.setattr(type(Arrival.objects), "take", publish_in_between)
    Event.objects.create(customer=customer, original_customer=customer, source="t", key="e", name="page.viewed",
                         occurred_at=clock.now())  # fmt: skip
    Arrival.objects.note([customer.pk], since=clock.now())
    evaluate_changed()
    buy(customer, 0)
    evaluate_changed()

    last = StagePeriod.objects.live().get(customer=customer, left_at=None)
    assert last.version_id == draft.pk


def test_rules_of_another_model_hear_of_moves_in_this_one(model: LifecycleModel):
    other = LifecycleModel.objects.create(slug="aaa")
    start = Stage.objects.create(model=other, slug="start", kind="aware", is_initial=True, position=1)
    lost = Stage.objects.create(model=other, slug="lost", kind="churned", position=2)
    version = ModelVersion.objects.create(model=other, number=1)
    for stage in (start, lost):
        VersionStage.objects.create(version=version, stage=stage, position=stage.position)
    Rule.objects.create(version=version, stage=lost, priority=1, condition={
        "condition": "in_stage", "parameters": {"model": "swedish-six", "stages": ["churned"]}})  # fmt: skip
    publish(version, by=None)
    customer = person(days_ago=300)
    buy(customer, 250)

    evaluate_changed()

    assert path(customer, other) == ["start", "lost"]
    entered = StagePeriod.objects.live().get(customer=customer, stage=lost).entered_at
    assert entered == StagePeriod.objects.live().get(customer=customer, stage__slug="churned").entered_at


def test_a_promoter_who_is_loyal_becomes_an_advocate(model: LifecycleModel):
    customer = person()
    for days_ago in (30, 20, 10):
        buy(customer, days_ago)
    Response.objects.create(customer=customer, original_customer=customer, source="t", key="n", score=10,
                            survey=Survey.objects.main(), occurred_at=clock.now() - timedelta(days=5))  # fmt: skip
    Arrival.objects.note([customer.pk], since=BEGINNING)

    evaluate_changed()

    assert path(customer, model)[-1] == "advocacy"


def test_a_replay_into_the_past_is_refused_once_somebody_was_moved_by_hand_later(model: LifecycleModel):
    customer = person()
    Arrival.objects.note([customer.pk], since=customer.first_seen_at)
    evaluate_changed()
    admit(MoveSet([customer.pk], Stage.objects.get(model=model, slug="loyalty")), source="api")

    with pytest.raises(JobFailed, match="moved by hand"):
        list(replay(model.published(), until=clock.now() - timedelta(days=1)))

    assert path(customer, model) == ["discovery", "loyalty"]


def test_the_rule_that_moved_the_customer_keeps_them(model: LifecycleModel):
    customer = person()
    buy(customer, 10)
    evaluate_changed()

    explanation = explain(customer, model, as_of=clock.now())

    assert explanation is not None
    assert explanation.keeping is not None
    assert explanation.keeping.rule_id == explanation.period.rule_id
