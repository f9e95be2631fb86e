"""Moving customers by hand: one open period, policies, holds, and the two clocks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, Event, Order
from lifecycle.admission import MoveSet, StageUnknown, admit, stage_at
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import (
    CurrentStage,
    EdgePolicy,
    LifecycleModel,
    Parking,
    Policy,
    Refusal,
    Stage,
    StagePeriod,
)
from lifecycle.parking import release
from lifecycle.presets import install
from lifecycle.replay import replay

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def stage(model: LifecycleModel, slug: str) -> Stage:
    return Stage.objects.get(model=model, slug=slug)


def customer_seen(days_ago: int = 10) -> Customer:
    customer = Customer.objects.create(first_seen_at=clock.now() - timedelta(days=days_ago))
    Arrival.objects.note([customer.pk], since=customer.first_seen_at)
    return customer


def buy(customer: Customer, at: datetime, key: str = "1", **values: object) -> Order:
    order = Order.objects.create(
        **{"customer": customer, "original_customer": customer, "source": "shop", "key": f"{customer.pk}-{key}",
           "occurred_at": at, "currency": "EUR", "gross": 10, "rate": 1} | values)  # fmt: skip
    Arrival.objects.note([customer.pk], since=at)
    return order


def slugs(customer: Customer) -> list[str]:
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [period.stage.slug for period in periods.select_related("stage")]


def test_moving_to_the_present_stage_changes_nothing(model: LifecycleModel):
    customer = customer_seen()
    evaluate_changed()
    rows = StagePeriod.objects.count()

    admitted = admit(MoveSet([customer.pk], stage(model, "discovery")), source="api")

    assert (admitted.moved, admitted.unchanged) == ([], [customer.pk])
    assert StagePeriod.objects.count() == rows


def test_a_forbidden_move_is_refused_with_a_reason_and_nothing_happens(model: LifecycleModel, owner: User):
    customer = customer_seen()
    evaluate_changed()
    EdgePolicy.objects.create(version=model.published(), from_stage=stage(model, "discovery"),
                              to_stage=stage(model, "loyalty"), source="person", policy=Policy.FORBIDDEN)  # fmt: skip

    admitted = admit(
        MoveSet([customer.pk], stage(model, "loyalty"), reason="Nice"), source="person", actor=owner
    )

    assert admitted.moved == []
    assert admitted.refused[0].reason == "The model does not allow moving from Discovery to Loyalty."
    assert slugs(customer) == ["discovery"]
    assert Refusal.objects.get().actor == owner


def test_an_edge_that_needs_a_reason_opens_with_one(model: LifecycleModel):
    customer = customer_seen()
    evaluate_changed()
    EdgePolicy.objects.create(version=model.published(), from_stage=stage(model, "discovery"),
                              to_stage=stage(model, "loyalty"), source="api", policy=Policy.WITH_REASON)  # fmt: skip

    without = admit(MoveSet([customer.pk], stage(model, "loyalty")), source="api")
    with_one = admit(MoveSet([customer.pk], stage(model, "loyalty"), reason="Contract"), source="api")

    assert [refused.reason for refused in without.refused] == [
        "Moving from Discovery to Loyalty needs a reason."
    ]
    assert with_one.moved == [customer.pk]


def test_who_went_elsewhere_meanwhile_stays_there(model: LifecycleModel):
    here, gone = customer_seen(), customer_seen()
    evaluate_changed()
    admit(MoveSet([gone.pk], stage(model, "loyalty")), source="api")

    moves = MoveSet([here.pk, gone.pk], stage(model, "engagement"), only_from=stage(model, "discovery"))
    admitted = admit(moves, source="api")

    assert (admitted.moved, admitted.unchanged) == ([here.pk], [gone.pk])
    assert (slugs(here)[-1], slugs(gone)[-1]) == ("engagement", "loyalty")


def test_a_stage_that_is_not_in_use_is_unknown(model: LifecycleModel):
    model.published().stage_uses.filter(stage__slug="loyalty").delete()

    with pytest.raises(StageUnknown):
        admit(MoveSet([customer_seen().pk], stage(model, "loyalty")), source="api")


def test_moves_by_hand_survive_a_replay(model: LifecycleModel, owner: User):
    customer = customer_seen(days_ago=40)
    buy(customer, clock.now() - timedelta(days=35))
    evaluate_changed()
    admit(MoveSet([customer.pk], stage(model, "engagement"), reason="By hand"), source="person", actor=owner)

    list(replay(model.published()))

    assert slugs(customer) == ["discovery", "conversion", "retention", "engagement"]


def test_a_back_dated_order_changes_the_past_as_known_now_but_not_as_known_then(model: LifecycleModel):
    customer = customer_seen(days_ago=60)
    evaluate_changed()
    known_then = clock.now()
    last_month = known_then - timedelta(days=20)

    buy(customer, known_then - timedelta(days=40))
    evaluate_changed()

    now = stage_at(customer, model, as_of=last_month)
    then = stage_at(customer, model, as_of=last_month, known_at=known_then)
    assert now is not None
    assert then is not None
    assert (now.stage.slug, then.stage.slug) == ("conversion", "discovery")
    assert StagePeriod.objects.get(pk=then.pk).superseded_at is not None  # as known then it had not been


def test_the_nightly_pass_finds_what_a_lost_note_left_undone(model: LifecycleModel):
    customer = customer_seen(days_ago=40)
    evaluate_changed()
    buy(customer, clock.now() - timedelta(hours=1))
    Arrival.objects.all().delete()

    evaluate_all()

    assert slugs(customer)[-1] == "conversion"


def test_the_database_refuses_overlaps_a_second_open_period_and_a_stage_of_another_model(
    model: LifecycleModel,
):
    customer = customer_seen()
    evaluate_changed()
    other = LifecycleModel.objects.create(slug="other")
    values = {
        "customer": customer,
        "original_customer": customer,
        "version": model.published(),
        "cause": "api",
    }
    past, now = clock.now() - timedelta(days=9), clock.now()

    for wrong in (
        {"model": model, "stage": stage(model, "loyalty"), "entered_at": past, "left_at": now},
        {"model": model, "stage": stage(model, "loyalty"), "entered_at": now + timedelta(days=1)},
        {"model": other, "stage": stage(model, "loyalty"), "entered_at": now},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
            StagePeriod.objects.create(**values, **wrong)
            connection.check_constraints()

    assert slugs(customer) == ["discovery"]


@pytest.mark.django_db(transaction=True)
def test_racing_writers_leave_one_open_period_each_and_no_overlap():
    model = install("swedish-six", by=None)
    customers = [customer_seen() for _ in range(5)]
    evaluate_changed()
    stages = list(Stage.objects.filter(model=model))
    ids = [customer.pk for customer in customers]

    def shuffle(turn: int) -> None:
        try:
            if turn % 4 == 0:
                buy(customers[turn % 5], clock.now() - timedelta(days=turn % 9), key=f"race-{turn}")
                evaluate_changed()
            else:
                admit(MoveSet([ids[turn % 5]], stages[turn % 7], hold=timedelta(0)), source="api")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(shuffle, range(60)))

    live = StagePeriod.objects.live().filter(model=model)
    for pk in ids:
        periods = list(live.filter(customer=pk).order_by("entered_at"))
        assert [period.left_at for period in periods[:-1]] == [period.entered_at for period in periods[1:]]
        assert periods[-1].left_at is None
        assert CurrentStage.objects.get(customer=pk).stage_id == periods[-1].stage_id


def test_rules_that_go_to_and_fro_are_parked_until_somebody_releases_the_customer(model: LifecycleModel):
    customer = customer_seen(days_ago=40)
    today = clock.now()
    Event.objects.create(customer=customer, original_customer=customer, source="t", key="click",
                         name="email.clicked", occurred_at=today - timedelta(minutes=90))  # fmt: skip
    Arrival.objects.note([customer.pk], since=today - timedelta(minutes=90))
    evaluate_changed()
    for number in range(2):
        order = buy(customer, today - timedelta(minutes=60 - number), key=f"pp-{number}")
        evaluate_changed()
        Order.objects.filter(pk=order.pk).supersede()
        Arrival.objects.note([customer.pk], since=order.occurred_at)
        evaluate_changed()

    parking = Parking.objects.get(customer=customer)
    named = model.published().rules.filter(stage__slug__in=["conversion", "engagement"])
    assert set(parking.rules) == set(named.values_list("pk", flat=True))
    before = slugs(customer)

    buy(customer, clock.now() - timedelta(minutes=1), key="real")
    evaluate_changed()
    assert slugs(customer) == before

    release(customer, parking.pk, by=None)
    evaluate_changed()
    assert slugs(customer)[-1] == "conversion"
