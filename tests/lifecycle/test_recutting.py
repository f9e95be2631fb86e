"""Why a history was cut anew: a fact that came later, was corrected or was withdrawn, and how many others."""

from datetime import UTC, datetime, timedelta

import pytest

from customers.models import Customer, Event, Order
from lifecycle.models import StagePeriod
from lifecycle.recutting import believed_before, notes_of
from tests.metrics.world import EARLY, World

LEARNED = datetime(2025, 6, 9, 12, tzinfo=UTC)
RECUT = datetime(2025, 6, 10, 2, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    world = World()
    world.model()
    return world


@pytest.fixture
def ada(world: World) -> Customer:
    """Believed to be in Discovery since January, until 10 June; then in Conversion since 5 March."""
    customer = world.customer()
    world.stay(customer, "discovery", "2025-01-01", superseded_at=RECUT)
    world.stay(customer, "discovery", "2025-01-01", "2025-03-05", recorded_at=RECUT)
    world.stay(customer, "conversion", "2025-03-05", recorded_at=RECUT, entered_at=world.at("2025-03-05"))
    return customer


def happened(world: World, customer: Customer, how: str) -> Order:
    if how == "came later":
        return world.order(customer, "2025-03-05", recorded_at=LEARNED)
    old = world.order(customer, "2025-03-05", superseded_at=LEARNED)
    if how == "was corrected":
        return world.order(customer, "2025-03-05", "5", recorded_at=LEARNED, first=old, key=old.key)
    return old


def told(world: World, customer: Customer) -> dict[str, str]:
    live = StagePeriod.objects.live().filter(customer=customer).annotate(before_id=believed_before())
    periods = list(live.order_by("entered_at"))
    notes = notes_of(customer, periods, zone=world.organisation.tz)
    return {period.stage.slug: notes[period.pk] for period in periods if period.pk in notes}


@pytest.mark.parametrize("how", ["came later", "was corrected", "was withdrawn"])
def test_what_changed_a_history_is_told_apart(world: World, ada: Customer, how: str) -> None:
    happened(world, ada, how)

    found = told(world, ada)

    changed = f"Changed on Jun 10, 2025 because an order of Mar 5, 2025 {how}. Before: Discovery."
    assert found == {"conversion": changed}


def test_other_facts_of_the_same_time_are_counted_in_two_queries(
    world: World, ada: Customer, django_assert_num_queries
) -> None:
    happened(world, ada, "came later")
    happened(world, world.customer(), "came later")
    for number in range(30):
        at = {"occurred_at": EARLY, "recorded_at": LEARNED + timedelta(minutes=number)}
        Event.objects.create(
            customer=ada, original_customer=ada, source="test", key=f"e{number}", name="page.viewed", **at
        )
    Event.objects.update(superseded_at=RECUT + timedelta(days=1))  # what was withdrawn later is none of them

    with django_assert_num_queries(4):  # two for the periods and their stages
        found = told(world, ada)

    assert found["conversion"].endswith("Before: Discovery. 30 other facts changed in the same time.")
    assert "because an order of Mar 5, 2025 came later" in found["conversion"]


def test_without_a_fact_of_that_time_it_only_says_that_it_changed(world: World, ada: Customer) -> None:
    world.order(ada, "2025-03-05")

    found = told(world, ada)

    assert found == {
        "conversion": "Changed on Jun 10, 2025 because of facts that came later. Before: Discovery."
    }


@pytest.fixture
def late(world: World) -> Customer:
    """Orders of June, July and August came on their days; in December one of 20 June: Loyalty starts a month earlier."""
    customer, cut = world.customer(), world.at("2025-12-10", "12:01")
    on_time = {"recorded_at": world.at("2025-06-01", "12:01"), "superseded_at": cut}
    world.stay(customer, "conversion", "2025-06-01", "2025-08-01", **on_time)
    on_time["recorded_at"] = world.at("2025-08-01", "12:01")
    world.stay(customer, "loyalty", "2025-08-01", **on_time)
    july = {"entered_at": world.at("2025-07-01"), "recorded_at": cut}
    world.stay(customer, "conversion", "2025-06-01", left_at=july["entered_at"], recorded_at=cut)
    world.stay(customer, "loyalty", "2025-07-01", **july)
    for day in ("2025-06-01", "2025-07-01", "2025-08-01", "2025-10-01"):
        world.order(customer, day, recorded_at=world.at(day))
    return customer


JUNE = "Changed on Dec 10, 2025 because an order of Jun 20, 2025 came later. Before: Conversion."


def test_facts_of_their_own_day_are_no_reason_and_before_is_what_held_that_moment(
    world: World, late: Customer
) -> None:
    world.order(late, "2025-06-20", recorded_at=world.at("2025-12-10"))

    assert told(world, late) == {"loyalty": JUNE}


def test_a_fact_that_was_looked_at_a_day_late_is_no_reason_for_what_changes_later(world: World) -> None:
    """Every order comes in the night after; that of February only in December."""
    customer, cut = world.customer(), world.at("2025-12-10", "12:01")
    world.stay(customer, "conversion", "2025-01-01", recorded_at=world.at("2025-01-02"), superseded_at=cut)
    world.stay(customer, "conversion", "2025-01-01", "2025-03-01", recorded_at=cut)
    world.stay(customer, "loyalty", "2025-03-01", entered_at=world.at("2025-03-01"), recorded_at=cut)
    world.order(customer, "2025-03-01", recorded_at=world.at("2025-03-02"))
    world.order(customer, "2025-02-01", recorded_at=world.at("2025-12-10"))

    found = told(world, customer)

    changed = "Changed on Dec 10, 2025 because an order of Feb 1, 2025 came later. Before: Conversion."
    assert found == {"loyalty": changed}


def test_a_fact_counts_once_and_not_at_all_when_it_came_and_went(world: World, late: Customer) -> None:
    noon, later = world.at("2025-12-10"), world.at("2025-12-10", "12:00:30")
    first = world.order(late, "2025-06-20", recorded_at=noon, superseded_at=later)
    world.order(late, "2025-06-20", "5", recorded_at=later, first=first, key=first.key)
    world.order(late, "2025-06-19", recorded_at=noon, superseded_at=later)

    assert told(world, late) == {"loyalty": JUNE}


def test_the_oldest_change_is_told_however_many_came_after_it(world: World, late: Customer) -> None:
    world.order(late, "2025-06-20", recorded_at=world.at("2025-12-10"))
    stay = StagePeriod.objects.live().get(customer=late, stage__slug="loyalty")
    for number in range(1, 202):
        at = stay.recorded_at + timedelta(minutes=number)
        later = stay.entered_at + timedelta(days=number)
        stay.pk, stay.entered_at, stay.recorded_at, stay.superseded_at = None, later, at, at
        stay.save(force_insert=True)
        stay.entered_at -= timedelta(days=number)

    assert told(world, late) == {"loyalty": JUNE}
