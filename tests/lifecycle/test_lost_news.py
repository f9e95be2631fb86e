"""Facts of which nobody was told: whichever pass finds them, the history is that of a replay, and nothing is taken back."""

import os
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer, IdealProfile, Refund, Segment
from customers.scoring.keeping import change_profile, create_profile, remove_profile
from customers.segments.keeping import change
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_all, evaluate_changed
from lifecycle.models import (
    Component,
    ComponentPeriod,
    ComponentRule,
    EdgePolicy,
    LifecycleModel,
    NextDue,
    Policy,
    Rule,
    StagePeriod,
)
from lifecycle.publishing import open_draft, publish
from lifecycle.simulating import running
from lifecycle.simulating.asking import Question, simulate
from lifecycle.walking import walk
from lifecycle.walking.writing import Written
from tests.factories import CustomerFactory, EventFactory, OrderFactory
from tests.lifecycle.plain import Facts
from tests.lifecycle.shop import six_stages, stage, work_off
from tests.lifecycle.test_pulled import work_out
from tests.lifecycle.test_walk_agrees import END, START, company, facts, write

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
DAYS_AGO = NOW - timedelta(days=3)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_to(now: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)

    set_to(NOW)
    return set_to


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def customer(model: LifecycleModel) -> Customer:
    """Looked at for the last time long ago."""
    customer: Customer = CustomerFactory(first_seen_at=NOW - timedelta(days=40))
    noted(customer, customer.first_seen_at)
    return customer


def noted(customer: Customer, since: datetime) -> None:
    Arrival.objects.note([customer.pk], since=since)
    evaluate_changed()


def history() -> list[tuple[str, datetime]]:
    stays = StagePeriod.objects.live().order_by("customer", "entered_at")
    return list(stays.values_list("stage__slug", "entered_at"))


@pytest.mark.parametrize("first", [evaluate_all, evaluate_changed], ids=["full pass", "increment"])
def test_whoever_finds_it_writes_what_a_replay_would_and_nobody_takes_it_back(
    first: Any, model: LifecycleModel, customer: Customer, at: Any
):
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    EventFactory(customer=customer, name="newsletter.read", occurred_at=NOW)  # says nothing to the rules
    Arrival.objects.note([customer.pk], since=NOW)

    first()
    found = history()

    assert found[-1] == ("conversion", DAYS_AGO)
    for later in (1, 2, 30):
        at(NOW + timedelta(hours=later))
        noted(customer, clock.now())
        assert (evaluate_all(), history()) == (Written(), found)
    work_out(model)
    assert history() == found


def test_what_runs_beside_the_stages_is_found_too(model: LifecycleModel, customer: Customer):
    support = Component.objects.create(model=model, slug="support")
    asks = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=model.published(), component=support, condition=asks)
    EventFactory(customer=customer, name="ticket.opened", occurred_at=DAYS_AGO)

    evaluate_all()

    assert ComponentPeriod.objects.live().get().started_at == DAYS_AGO


def test_many_at_once_are_moved_today_and_left_to_a_replay(
    model: LifecycleModel, customer: Customer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)

    evaluate_all()

    assert history()[-1] == ("conversion", datetime(2026, 5, 20, tzinfo=UTC))
    assert evaluate_all() == Written()
    noted(customer, NOW)
    assert history()[-1] == ("conversion", datetime(2026, 5, 20, tzinfo=UTC))


def test_what_came_due_while_nothing_ran_is_no_lost_news_for_the_full_pass(
    model: LifecycleModel, customer: Customer, at: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    due = NextDue.objects.get().at

    at(due + timedelta(days=2))
    evaluate_all()

    found = history()
    assert found[-1] == ("retention", due)
    assert evaluate_changed() == Written()
    work_out(model)
    assert history() == found


@pytest.mark.parametrize(("lost", "anew"), [(2, True), (3, False)], ids=["half", "more"])
def test_few_are_worked_out_anew_whatever_else_is_walked_with_them(
    lost: int, anew: bool, model: LifecycleModel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 1)
    monkeypatch.setattr(walk, "SHARE_ANEW", 2)
    people = CustomerFactory.create_batch(4, first_seen_at=LONG_AGO)
    Arrival.objects.note([each.pk for each in people], since=LONG_AGO)
    evaluate_changed()
    for each in people[:lost]:
        OrderFactory(customer=each, occurred_at=DAYS_AGO)

    evaluate_all()

    entered = {at for slug, at in history() if slug == "conversion"}
    assert entered == {DAYS_AGO if anew else datetime(2026, 5, 20, tzinfo=UTC)}


def test_a_segment_that_only_a_version_of_before_asks_for_dates_nothing_of_now(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any
):
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="advocacy").delete()
    at(NOW - timedelta(days=10))
    publish(draft, by=None)
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
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="advocacy").delete()
    at(NOW - timedelta(days=10))
    publish(draft, by=None)
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


@pytest.mark.parametrize("found_by", ["takeover", "news"])
def test_a_segment_changed_on_the_day_of_publishing_rewrites_no_years(
    model: LifecycleModel, customer: Customer, readers: Segment, marketer: User, at: Any, found_by: str
):
    change(readers, by=marketer, values={"conditions": opened("newsletter.read")})
    at(NOW + timedelta(minutes=1))
    evaluate_changed()
    evaluate_all()
    assert history()[-1] == ("advocacy", NOW)
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="advocacy").delete()
    at(NOW + timedelta(hours=1))
    publish(draft, by=None)

    if found_by == "takeover":
        work_off()
    noted(customer, clock.now())

    assert [slug for slug, entered in history() if entered < NOW] == ["discovery"]


@pytest.mark.parametrize("told_twice", [False, True], ids=["one piece of news", "another of later"])
def test_news_that_wait_are_not_lost_for_the_full_pass(
    told_twice: bool, model: LifecycleModel, customer: Customer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    Arrival.objects.note([customer.pk] * told_twice, since=NOW)
    Arrival.objects.note([customer.pk], since=DAYS_AGO)

    evaluate_all()

    found = history()
    assert found[-1] == ("conversion", DAYS_AGO)
    assert evaluate_changed() == Written()
    assert not Arrival.objects.exists()
    assert history() == found


def test_what_came_due_before_another_version_is_decided_by_the_one_before(
    model: LifecycleModel, customer: Customer, at: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walk, "FEW_ANEW", 0)
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    due, before = NextDue.objects.get().at, model.published()

    at(due + timedelta(days=2))
    publish(open_draft(model, by=None), by=None)
    work_off()

    last = StagePeriod.objects.live().get(left_at=None)
    assert (last.stage.slug, last.entered_at, last.version) == ("retention", due, before)


def test_a_move_by_the_api_outlasts_the_full_pass_of_its_day(model: LifecycleModel, customer: Customer):
    OrderFactory(customer=customer, occurred_at=DAYS_AGO)
    noted(customer, DAYS_AGO)
    admit(MoveSet([customer.pk], stage("loyalty")), source="api")
    moved = history()

    evaluate_all()

    assert moved[-1] == ("loyalty", NOW)
    assert history() == moved


def test_whom_a_forbidden_move_led_elsewhere_goes_on_the_next_day(
    model: LifecycleModel, customer: Customer, at: Any
):
    EdgePolicy.objects.create(version=model.published(), from_stage=stage("discovery"), source="rule",
                              to_stage=stage("conversion"), policy=Policy.FORBIDDEN)  # fmt: skip
    OrderFactory(customer=customer, occurred_at=NOW)
    noted(customer, NOW)
    on_the_day = history()
    evaluate_all()
    assert history() == on_the_day
    assert on_the_day[-1] == ("retention", NOW)

    at(NOW + timedelta(days=1))
    evaluate_changed()

    after = history()
    assert after[-1] == ("conversion", datetime(2026, 5, 21, tzinfo=UTC))
    assert evaluate_all() == Written()
    work_out(model)
    assert history() == after


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


@pytest.fixture
def readers(model: LifecycleModel, customer: Customer, marketer: User) -> Segment:
    """A segment that a rule asks for; the customer has done something that it doesn't ask for yet."""
    segment: Segment = Segment.objects.create(
        name="Readers", slug="readers", kind="dynamic", owner=marketer,
        conditions=opened("email.opened"), redefined_at=LONG_AGO,
    )  # fmt: skip
    asks = {"condition": "in_segment", "parameters": {"segment": "readers"}}
    Rule.objects.filter(stage__slug="advocacy").update(condition=asks)
    EventFactory(customer=customer, name="newsletter.read", occurred_at=NOW - timedelta(days=20))
    noted(customer, NOW - timedelta(days=20))
    assert [slug for slug, _entered in history()] == ["discovery"]
    return segment


@pytest.mark.parametrize("values", [{"name": "Openers"}, {"description": "Who opened one."}], ids=str)
def test_another_name_of_a_segment_is_no_change_of_what_it_asks(
    customer: Customer, readers: Segment, marketer: User, values: dict[str, str]
):
    EventFactory(customer=customer, name="email.opened", occurred_at=DAYS_AGO)
    change(readers, by=marketer, values=values)

    evaluate_all()

    assert history()[-1] == ("advocacy", DAYS_AGO)


def pause(profile: IdealProfile) -> None:
    change_profile(profile, by=None, values={"is_active": False})


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


@pytest.fixture
def profile(model: LifecycleModel, customer: Customer, at: Any) -> IdealProfile:
    """Who fits it is led to advocacy, else whoever read to loyalty."""
    score = {"condition": "score", "parameters": {"fit_at_least": 50}}
    Rule.objects.filter(stage__slug="advocacy").update(condition=score)
    Rule.objects.filter(stage__slug="loyalty").update(condition=opened("newsletter.read"))
    at(LONG_AGO)
    profile = create_profile(by=None, name="Readers", tests=[weighing("newsletter.read")])
    at(NOW)
    return profile


def weighing(name: str) -> dict[str, Any]:
    return {"weight": 10, "conditions": opened(name)}


def opened(name: str) -> dict[str, Any]:
    return {"condition": "event", "parameters": {"names": [name]}}


@settings(
    max_examples=max(int(os.environ.get("PROPERTY_EXAMPLES", "8")) // 2, 2),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(made=facts(), seed=st.integers(0, 999))
def test_whichever_notes_are_lost_who_is_found_ends_where_a_replay_does(made: Facts, seed: int) -> None:
    """What the rules of today say nothing of any more can't be found: an order long since outlived."""
    chance, real, walk_anew, found = random.Random(seed), clock.now, walk.walk_anew, list[int]()
    walk.walk_anew = lambda astray, redefined: found.extend(astray) or walk_anew(astray, redefined)
    try:
        with transaction.atomic():
            model, [(customer, _made)] = six_stages(), company(made)
            Customer.objects.update(first_seen_at=START)
            rows = sorted(write(customer, made), key=lambda row: (isinstance(row[2], Refund), row[0]))
            for known, happened, row in rows:
                if isinstance(row, Refund):
                    row.order_id = row.order.pk
                row.save()  # type: ignore[attr-defined]
                if chance.random() < 0.5:
                    Arrival.objects.note([customer.pk], since=happened)
                clock.now = lambda known=known: known + timedelta(seconds=1)
                evaluate_changed()
            clock.now, found[:] = (lambda: END), []
            (evaluate_all if seed % 2 else partial(noted, customer, END))()
            by_passes = history()

            assert evaluate_all() == Written()
            noted(customer, END)
            assert history() == by_passes
            if found:
                work_out(model)
                assert history() == by_passes
            transaction.set_rollback(True)
    finally:
        clock.now, walk.walk_anew = real, walk_anew


@pytest.mark.parametrize("days", [1, 0], ids=["yesterday", "on the day"])
def test_publishing_takes_back_nothing_that_the_version_before_decided(
    days: int, model: LifecycleModel, customer: Customer, at: Any, marketer: User
):
    clicked = NOW - timedelta(days=days)
    at(clicked + timedelta(minutes=1))
    EventFactory(customer=customer, name="email.clicked", occurred_at=clicked)
    noted(customer, clicked)
    before = history()
    assert before[-1] == ("engagement", clicked)
    at(NOW + timedelta(hours=1))
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="engagement").delete()

    said = simulate(draft, Question(), by=marketer)
    publish(draft, by=None)
    work_off()

    assert said.result["moving"] == 0
    assert history() == before
    at(NOW + timedelta(hours=2))
    noted(customer, NOW)
    assert history() == before


def test_publishing_takes_back_no_activity_of_the_day(model: LifecycleModel, customer: Customer, at: Any):
    support = Component.objects.create(model=model, slug="support")
    asks = {"condition": "event", "parameters": {"names": ["ticket.opened"], "within_days": 30}}
    ComponentRule.objects.create(version=model.published(), component=support, condition=asks)
    at(NOW + timedelta(minutes=1))
    EventFactory(customer=customer, name="ticket.opened", occurred_at=NOW)
    noted(customer, NOW)
    assert ComponentPeriod.objects.live().get().started_at == NOW
    draft = open_draft(model, by=None)
    draft.component_rules.all().delete()
    at(NOW + timedelta(hours=1))

    publish(draft, by=None)
    work_off()

    spell = ComponentPeriod.objects.live().get()
    assert (spell.started_at, spell.ended_at) == (NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize("few", [0, 100], ids=["too many", "few"])
def test_many_too_are_moved_when_scores_changed_though_found_days_later(
    few: int, model: LifecycleModel, customer: Customer, profile: IdealProfile, at: Any,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
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


def test_a_simulation_counts_the_lost_as_publishing_does(
    model: LifecycleModel, monkeypatch: pytest.MonkeyPatch, marketer: User
):
    """Two of four, side by side: in chunks of two they would be many, where publishing finds few."""
    monkeypatch.setattr(walk, "FEW_ANEW", 1)
    monkeypatch.setattr(walk, "SHARE_ANEW", 2)
    monkeypatch.setattr(running, "BATCH", 2)
    people = CustomerFactory.create_batch(4, first_seen_at=LONG_AGO)
    Arrival.objects.note([each.pk for each in people], since=LONG_AGO)
    evaluate_changed()
    for each in people[:2]:
        OrderFactory(customer=each, occurred_at=DAYS_AGO)
    Arrival.objects.all().delete()
    draft = open_draft(model, by=None)
    said = simulate(draft, Question(), by=marketer)

    publish(draft, by=None)
    work_off()

    real = set(StagePeriod.objects.live().filter(left_at=None).values_list("stage_id", "entered_at"))
    assert (stage("conversion").pk, DAYS_AGO) in real
    assert {(move.to_stage_id, move.entered_at) for move in said.moves.all()} <= real
