"""Passes over changed customers: one at a time, nobody who was merged away, and nothing lost while parked."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from clm.base import clock
from customers.models import Arrival, Customer, CustomerMerge
from lifecycle import evaluation
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import (
    Component,
    ComponentPeriod,
    ComponentRule,
    CurrentStage,
    EdgePolicy,
    LifecycleModel,
    NextDue,
    Parking,
    Policy,
    Refusal,
    StagePeriod,
)
from lifecycle.parking import release
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from lifecycle.replay import replay
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory, EventFactory, bought
from tests.lifecycle.shop import buyer, stage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


@pytest.fixture
def another_pass() -> Iterator[psycopg.Connection]:
    """A session of its own, as another worker has."""
    settings = connection.get_connection_params()
    wanted = {
        name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings
    }
    with psycopg.connect(**wanted, autocommit=True) as other:
        yield other


def waiting(days_ago: int = 3) -> Customer:
    at = clock.now() - timedelta(days=days_ago)
    customer: Customer = CustomerFactory(first_seen_at=at)
    bought(customer, 100, at=at)
    Arrival.objects.note([customer.pk], since=at)
    return customer


def test_a_second_pass_leaves_the_work_to_the_first(model: LifecycleModel, another_pass):
    customer = waiting()
    another_pass.execute(f"SELECT pg_advisory_lock{lock_of_half(1)}")

    skipped = evaluate_changed()
    another_pass.execute(f"SELECT pg_advisory_unlock{lock_of_half(1)}")

    assert skipped == Written()
    assert Arrival.objects.filter(customer=customer).exists()

    assert evaluate_changed().inserted == 1
    assert stage_of(customer) == "conversion"


def lock_of_half(half: int) -> str:
    return f"(hashtext('lifecycle.evaluate_changed'), {half})"


@pytest.mark.django_db(transaction=True)
def test_many_are_walked_in_two_lanes_each_of_which_leaves_its_half_to_another_pass(
    another_pass, monkeypatch
):
    model = install("swedish-six", by=None)
    monkeypatch.setattr(evaluation, "WORTH_TWO_LANES", 4)
    customers = [waiting() for _number in range(6)]
    another_pass.execute(f"SELECT pg_advisory_lock{lock_of_half(1)}")

    evaluate_changed()
    in_even_half = {customer.pk for customer in customers if customer.pk % 2 == 0}
    assert set(CurrentStage.objects.values_list("customer_id", flat=True)) == in_even_half
    another_pass.execute(f"SELECT pg_advisory_unlock{lock_of_half(1)}")
    evaluate_changed()

    assert {stage_of(customer) for customer in customers} == {"conversion"}
    assert not Arrival.objects.exists()
    assert StagePeriod.objects.filter(model=model).count() == 6


def test_who_was_merged_away_is_not_walked(model: LifecycleModel):
    loser, winner = waiting(), waiting()
    CustomerMerge.objects.create(loser=loser, winner=winner)
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)

    evaluate_changed()
    evaluate_all()
    list(replay(model.published()))

    assert not StagePeriod.objects.filter(customer=loser).exists()
    assert not Arrival.objects.exists()
    assert stage_of(winner) == "conversion"


def test_what_comes_due_for_who_was_merged_away_keeps_nobody_busy(model: LifecycleModel):
    loser, winner = buyer(3), buyer(3)
    NextDue.objects.filter(customer=loser).update(at=clock.now() - timedelta(days=1))
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)

    assert evaluate_changed() == Written()


def test_facts_that_come_while_a_customer_is_parked_count_after_the_release(model: LifecycleModel, marketer):
    customer = buyer(40)
    parking = Parking.objects.create(customer=customer, model=model, reason="ping-pong")
    for days in (20, 10):
        bought(customer, 100, at=clock.now() - timedelta(days=days))
    Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=20))

    evaluate_changed()
    evaluate_all()
    assert stage_of(customer) == "retention"

    release(customer, parking.pk, by=marketer)
    evaluate_changed()

    assert stage_of(customer) == "loyalty"
    entered = StagePeriod.objects.live().get(customer=customer, left_at=None).entered_at
    assert (clock.now() - entered).days == 10  # when it became true, not when it was noticed


def test_a_due_instant_of_a_parked_customer_waits_with_them(model: LifecycleModel):
    customer = buyer(40)
    Parking.objects.create(customer=customer, model=model, reason="ping-pong")
    NextDue.objects.filter(customer=customer).update(at=clock.now() - timedelta(days=1))

    assert evaluate_changed() == Written()
    assert NextDue.objects.filter(customer=customer, at__lt=clock.now()).exists()


def merged(loser: Customer, winner: Customer) -> None:
    """As a merge re-points what is live; the loser's own rows keep whom they were written of."""
    CustomerMerge.objects.create(loser=loser, winner=winner)
    for kind in (ComponentPeriod, Refusal):
        kind.objects.filter(customer=loser).update(customer=winner)
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)


def test_a_run_cut_anew_after_a_merge_stays_that_of_whom_it_was_written(model: LifecycleModel):
    draft = open_draft(model, by=None)
    support = Component.objects.create(model=model, slug="support", labels={"en": "Support"})
    condition = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=draft, component=support, condition=condition)
    publish(draft, by=None)
    now = clock.now()
    loser, winner = buyer(60), buyer(60)
    ticket = EventFactory(customer=loser, name="ticket.opened", occurred_at=now - timedelta(days=50))
    list(replay(model.published()))
    (before,) = ComponentPeriod.objects.live()

    merged(loser, winner)
    type(ticket).objects.filter(pk=ticket.pk).update(customer=winner)
    EventFactory(customer=winner, name="ticket.opened", occurred_at=now - timedelta(days=25))
    list(replay(model.published()))

    (after,) = ComponentPeriod.objects.live()
    assert (before.ended_at is None, after.ended_at) == (False, None)
    assert (after.started_at, after.customer, after.original_customer) == (before.started_at, winner, loser)


def test_a_refusal_written_again_after_a_merge_stays_that_of_whom_it_was_written(model: LifecycleModel):
    version = model.published()
    stages = {each.slug: each for each in model.stages.all()}
    EdgePolicy.objects.create(version=version, from_stage=stages["discovery"], to_stage=stages["conversion"],
                              source="rule", policy=Policy.FORBIDDEN)  # fmt: skip
    loser, winner = buyer(3), CustomerFactory(first_seen_at=clock.now() - timedelta(days=9))
    refusal = Refusal.objects.live().get()

    merged(loser, winner)
    Refusal.objects.filter(pk=refusal.pk).supersede()
    bought(winner, 100, at=refusal.at)
    list(replay(version))

    again = Refusal.objects.live().get()
    assert (again.at, again.customer, again.original_customer) == (refusal.at, winner, loser)


def test_what_came_for_somebody_merged_away_is_looked_at_with_the_winner(model: LifecycleModel):
    at = clock.now() - timedelta(days=3)
    winner, loser, middle = (CustomerFactory(first_seen_at=at) for _each in range(3))
    evaluate_changed()
    for away, into in ((loser, middle), (middle, winner)):  # merged twice
        Customer.objects.filter(pk=away.pk).update(merged_into=into)
        CustomerMerge.objects.create(loser=away, winner=into)
    bought(winner, 100, at=at)
    Arrival.objects.all().delete()
    Arrival.objects.note([loser.pk], since=at)

    evaluate_changed()

    assert stage_of(winner) == "conversion"
    assert not Arrival.objects.exists()
    assert not StagePeriod.objects.filter(customer__in=[loser, middle], stage__slug="conversion").exists()


def test_an_arrival_that_is_taken_is_told_with_its_earliest_moment(db: None):
    at = clock.now()
    winner, loser = CustomerFactory(), CustomerFactory()
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)
    Arrival.objects.all().delete()
    for since in (at, at - timedelta(days=2)):
        Arrival.objects.note([loser.pk], since=since)

    assert Arrival.objects.take([loser.pk]) == {loser.pk: at - timedelta(days=2)}
    assert list(Arrival.objects.values_list("customer", "since")) == [(winner.pk, at - timedelta(days=2))]
    assert Arrival.objects.take([winner.pk]) == {winner.pk: at - timedelta(days=2)}
    assert not Arrival.objects.exists()


def test_what_is_superseded_is_so_from_when_its_successor_is_known(model: LifecycleModel):
    """As known at any instant there is one history, without gaps and without two at once."""
    customer = CustomerFactory(first_seen_at=clock.now() - timedelta(days=50))
    Arrival.objects.note([customer.pk], since=customer.first_seen_at)
    evaluate_changed()
    bought(customer, 100, at=clock.now() - timedelta(days=9))
    Arrival.objects.note([customer.pk], since=clock.now() - timedelta(days=9))
    evaluate_changed()

    ended = set(StagePeriod.objects.exclude(superseded_at=None).values_list("superseded_at", flat=True))
    followed = set(StagePeriod.objects.live().values_list("recorded_at", flat=True))
    assert len(ended) == 1
    assert ended <= followed
