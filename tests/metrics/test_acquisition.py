from decimal import Decimal

import pytest

from metrics.result import Status
from tests.metrics.world import World, parts


@pytest.fixture
def won(world: World) -> World:
    """March 2025: five customers won, 400 spent."""
    world.channel("search", is_paid=True)
    for touches in (["mail", "search"], ["search"], ["search", "mail"], [], ["fair"]):
        customer = world.customer()
        world.order(customer, "2025-03-20")
        for number, channel in enumerate(touches):
            world.touch(customer, f"2025-03-{10 + number}", channel)
    old = world.customer()
    world.order(old, "2024-01-01")
    world.order(old, "2025-03-05")
    world.spend("2025-03-01", "300", "search")
    world.spend("2025-03-31", "60", "mail", type="tools")
    world.spend("2025-03-31", "40")
    world.spend("2025-04-01", "999", "search")
    return world


def test_cost_is_spend_over_customers_won_and_those_who_come_back_are_not_new(won: World) -> None:
    cac = won.ask("cac", "2025-03-01", "2025-03-31").total

    assert (cac.value, cac.numerator, cac.denominator) == (Decimal(80), Decimal(400), Decimal(5))


@pytest.mark.parametrize(
    ("model", "customers"),
    [
        ("first", {"mail": 1, "search": 2, "fair": 1, "unattributed": 1, "unallocated": 0}),
        ("last", {"mail": 1, "search": 2, "fair": 1, "unattributed": 1, "unallocated": 0}),
        ("linear", {"mail": 1, "search": 2, "fair": 1, "unattributed": 1, "unallocated": 0}),
    ],
)
def test_by_channel_the_sums_close(won: World, model: str, customers: dict[str, int]) -> None:
    cac = won.ask("cac", "2025-03-01", "2025-03-31", breakdown="channel", variant=model)

    assert {row.key: row.result.denominator for row in cac.rows if row.result} == customers
    assert sum(row.result.denominator or 0 for row in cac.rows if row.result) == cac.total.denominator == 5
    assert sum(row.result.numerator or 0 for row in cac.rows if row.result) == cac.total.numerator == 400


def test_each_channel_has_its_cost(won: World) -> None:
    cac = won.ask("cac", "2025-03-01", "2025-03-31", breakdown="channel")

    assert parts(cac) == {"mail": 60, "search": 150, "fair": 0, "unattributed": None, "unallocated": None}


def test_first_and_last_touch_differ_per_customer(world: World) -> None:
    customer = world.customer()
    world.touch(customer, "2025-03-01", "mail")
    world.touch(customer, "2025-03-05", "search")
    world.order(customer, "2025-03-10")

    def winner(model: str) -> list[str]:
        answer = world.ask("cac", "2025-03-01", "2025-03-31", breakdown="channel", variant=model)
        return [row.key for row in answer.rows if row.result and row.result.denominator]

    assert (winner("first"), winner("last"), winner("linear")) == (["mail"], ["search"], ["mail", "search"])


def test_a_touch_counts_for_90_days_and_the_orders_own_channel_is_the_last(world: World) -> None:
    early, direct = world.customer(), world.customer()
    world.touch(early, "2024-12-01", "mail")
    world.order(early, "2025-03-10")
    world.order(direct, "2025-03-10", channel=world.channel("shop"))

    found = world.ask("new-customers", "2025-03-01", "2025-03-31", breakdown="channel")

    assert parts(found) == {"shop": 1, "unattributed": 1}


def test_paid_counts_media_and_customers_of_paid_channels_only(won: World) -> None:
    cac = won.ask("cac", "2025-03-01", "2025-03-31", variant="paid").total

    assert (cac.numerator, cac.denominator, cac.value) == (Decimal(340), 2, Decimal(170))


def test_spend_without_customers_is_shown_without_a_rate(world: World) -> None:
    world.spend("2025-03-01", "400")

    cac = world.ask("cac", "2025-03-01", "2025-03-31").total

    assert (cac.value, cac.numerator, cac.status, cac.reason) == (
        None,
        400,
        Status.UNDEFINED,
        "Nobody was won in the period.",
    )


def test_spend_is_not_known_by_country(world: World) -> None:
    cac = world.ask("cac", "2025-03-01", "2025-03-31", country="DK").total

    assert (cac.value, cac.reason) == (None, "Spend is not recorded by country. Clear the country filter.")


def test_reaching_a_stage_costs_the_spend_over_who_came_there_first(world: World) -> None:
    world.model()
    world.spend("2025-03-01", "120")
    first, again = world.customer(), world.customer()
    world.touch(first, "2025-02-20", "mail")
    world.stay(first, "discovery", "2025-02-01", "2025-03-02")
    world.stay(first, "conversion", "2025-03-02")
    world.stay(again, "conversion", "2025-01-01", "2025-02-01")
    world.stay(again, "discovery", "2025-02-01", "2025-03-05")
    world.stay(again, "conversion", "2025-03-05")

    cac = world.ask("cac", "2025-03-01", "2025-03-31", breakdown="stage").by_key["conversion"].result

    assert cac is not None
    assert (cac.value, cac.denominator, cac.parts) == (120, 1, {"unattributed": 0})
