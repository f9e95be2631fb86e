"""Why a history was cut anew: a fact that came later, was corrected or was withdrawn, and how many others."""

from datetime import UTC, datetime, timedelta

import pytest

from customers.models import Customer, Event, Order
from lifecycle.models import StagePeriod
from lifecycle.recutting import notes_of
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
    periods = list(StagePeriod.objects.live().filter(customer=customer).order_by("entered_at"))
    for period in periods:
        period.is_recut = True  # type: ignore[attr-defined]
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
