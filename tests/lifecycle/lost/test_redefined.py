"""What changed besides facts (the conditions of a segment, a profile, an erasure) holds from its change on."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, IdealProfile, Segment
from customers.scoring.keeping import change_profile, create_profile, remove_profile
from customers.segments.keeping import change
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.walking import walk
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory, EventFactory, OrderFactory
from tests.lifecycle.lost.shop import (
    DAYS_AGO,
    LONG_AGO,
    NOW,
    everybody_walked,
    history,
    noted,
    opened,
    pause,
    publish_without,
    weighing,
)
from tests.lifecycle.shop import work_off

pytestmark = pytest.mark.django_db


def test_a_segment_that_only_a_version_of_before_asks_for_dates_nothing_of_now(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any
):
    at(NOW - timedelta(days=10))
    publish_without(model, "advocacy")
    work_off()
    at(NOW)
    change(readers, by=marketer, values={"conditions": opened("email.clicked")})
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)

    evaluate_all()

    assert history()[-1] == ("conversion", DAYS_AGO)


def test_news_of_one_date_nothing_of_another(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any
):
    other = CustomerFactory(first_seen_at=LONG_AGO)
    at(NOW - timedelta(days=10))
    publish_without(model, "advocacy")
    work_off()
    at(NOW)
    noted(other, LONG_AGO)
    change(readers, by=marketer, values={"conditions": opened("email.clicked")})
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    Arrival.objects.all().delete()
    Arrival.objects.note([other.pk], since=NOW - timedelta(days=20))

    evaluate_all()

    mine = StagePeriod.objects.live().filter(customer=customer).latest("entered_at")
    assert (mine.stage.slug, mine.entered_at) == ("conversion", DAYS_AGO)


def test_other_conditions_of_a_segment_count_from_when_they_were_changed(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any
):
    change(readers, by=marketer, values={"conditions": opened("newsletter.read")})
    at(NOW + timedelta(days=1))
    evaluate_all()

    assert history()[-1] == ("advocacy", NOW)
    noted(customer, clock.now())
    assert history()[-1] == ("advocacy", NOW)


@pytest.mark.parametrize("few", [0, 100], ids=["too many", "few"])
def test_many_too_are_moved_no_earlier_than_the_conditions_were_changed(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any, few: int,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr(walk, "FEW_ANEW", few)

    change(readers, by=marketer, values={"conditions": opened("newsletter.read")})
    at(NOW + timedelta(hours=1))
    evaluate_all()

    assert history()[-1] == ("advocacy", NOW)
    assert evaluate_all() == Written()


@pytest.mark.parametrize("few", [0, 100], ids=["too many", "few"])
def test_many_too_are_moved_no_earlier_than_they_were_erased(
    model: LifecycleModel, customer: Customer, at: Any, few: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", few)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    Customer.objects.update(erased_at=NOW)

    at(NOW + timedelta(hours=1))
    evaluate_all()

    assert history()[-1] == ("conversion", NOW)
    assert evaluate_all() == Written()


@pytest.mark.parametrize("few", [0, 100], ids=["too many", "few"])
def test_days_before_the_change_are_walked_without_it(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, few: int,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr(walk, "FEW_ANEW", few)
    change(readers, by=marketer, values={"conditions": opened("newsletter.read")})

    aside = walked_aside(model, customer, since=DAYS_AGO, until=NOW - timedelta(days=1))

    assert aside == ["discovery"]


def walked_aside(model: LifecycleModel, customer: Customer, *, since: datetime, until: datetime) -> list[str]:
    """The stages of a walk that writes nothing down, as a simulation's."""
    stages: list[str] = []

    def look(model: LifecycleModel, stretch: Any) -> Written:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT slug FROM walk_stay JOIN lifecycle_stage s ON s.id = stage_id ORDER BY entered_at"
            )
            stages.extend(slug for (slug,) in cursor.fetchall())
        return Written()

    with transaction.atomic():
        walk.walk(walk.Route.of(model), [(customer.pk, since)], until=until, write=look)
    return stages


@pytest.mark.parametrize("values", [{"name": "Openers"}, {"description": "Who opened one."}], ids=str)
def test_another_name_of_a_segment_is_no_change_of_what_it_asks(
    customer: Customer, readers: Segment, marketer: User, values: dict[str, str]
):
    EventFactory(customer=customer, name="email.opened", occurred_at=DAYS_AGO)
    change(readers, by=marketer, values=values)

    evaluate_all()

    assert history()[-1] == ("advocacy", DAYS_AGO)


@pytest.mark.parametrize("give_up", [pause, partial(remove_profile, by=None)], ids=["paused", "deleted"])
def test_a_profile_no_longer_in_use_holds_for_the_past(
    customer: Customer, profile: IdealProfile, at: Any, give_up: Any
):
    EventFactory(customer=customer, name="newsletter.read", occurred_at=DAYS_AGO)
    noted(customer, DAYS_AGO)
    by_profile = history()

    give_up(profile)
    at(NOW + timedelta(hours=1))
    evaluate_all()

    assert by_profile[-1] == ("advocacy", DAYS_AGO)
    assert history() == [*by_profile, ("loyalty", NOW)]


@pytest.mark.parametrize("in_use", [True, False], ids=["in use", "paused"])
def test_another_name_of_a_profile_or_tests_of_a_paused_one_change_no_score(
    customer: Customer, profile: IdealProfile, at: Any, in_use: bool
):
    with_another = create_profile(by=None, name="Others", tests=profile.tests, is_active=False)
    EventFactory(customer=customer, name="newsletter.read", occurred_at=DAYS_AGO)
    changes = {"name": "Fans"} if in_use else {"tests": [weighing("cart.abandoned")]}
    change_profile(profile if in_use else with_another, by=None, values=changes)
    if not in_use:
        remove_profile(with_another, by=None)

    evaluate_all()

    assert history()[-1] == ("advocacy", DAYS_AGO)


@pytest.mark.parametrize("few", [0, 100], ids=["too many", "few"])
def test_many_too_are_moved_when_scores_changed_though_found_days_later(
    few: int, model: LifecycleModel, customer: Customer, profile: IdealProfile, at: Any,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    everybody_walked(NOW - timedelta(hours=5))
    EventFactory(customer=customer, name="newsletter.read", occurred_at=DAYS_AGO)
    noted(customer, DAYS_AGO)
    pause(profile)
    monkeypatch.setattr(walk, "FEW_ANEW", few)
    at(NOW + timedelta(days=2))

    evaluate_changed()
    evaluate_all()

    found = history()
    assert found[-1] == ("loyalty", NOW)
    noted(customer, NOW - timedelta(days=1))
    assert history() == found


@pytest.mark.parametrize("walked", [None, LONG_AGO + timedelta(days=1)], ids=["never walked", "walked since"])
def test_a_change_that_had_its_effect_long_ago_explains_no_lost_news(
    walked: datetime | None, customer: Customer, readers: Segment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    if walked:
        everybody_walked(walked)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)

    evaluate_all()

    assert history()[-1] == ("conversion", datetime(2026, 5, 20, tzinfo=UTC))


def test_all_of_many_whom_a_change_explains_are_moved(
    model: LifecycleModel, profile: IdealProfile, at: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    monkeypatch.setattr(walk, "CHUNK_ANEW", 2)
    everybody_walked(NOW - timedelta(hours=5))
    for each in CustomerFactory.create_batch(5, first_seen_at=LONG_AGO):
        EventFactory(customer=each, name="newsletter.read", occurred_at=DAYS_AGO)
        noted(each, LONG_AGO)
    pause(profile)
    at(NOW + timedelta(days=2))

    evaluate_all()

    moved = StagePeriod.objects.live().filter(stage__slug="loyalty", entered_at=NOW)
    assert moved.count() == 5
