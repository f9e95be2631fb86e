from decimal import Decimal

import pytest

from tests.metrics.world import World, parts


@pytest.fixture
def walked(world: World) -> World:
    """Four customers on their way; March 2025 is asked about."""
    world.model()
    ways = [
        [
            ("discovery", "2025-01-01", "2025-03-05"),
            ("engagement", "2025-03-05", "2025-03-15"),
            ("conversion", "2025-03-15", None),
        ],
        [("discovery", "2025-01-01", "2025-03-10"), ("conversion", "2025-03-10", None)],
        [("loyalty", "2025-01-01", "2025-03-20"), ("engagement", "2025-03-20", None)],
        [("discovery", "2025-03-12", None)],
        [("loyalty", "2025-01-01", "2025-03-01"), ("churned", "2025-03-01", None)],
    ]
    for way in ways:
        customer = world.customer()
        for stage, entered, left in way:
            world.stay(customer, stage, entered, left)
    return world


def test_stages_add_up_to_all_customers(walked: World) -> None:
    stock = walked.ask("customers-per-stage", "2025-03-01", "2025-03-31", breakdown="stage")

    assert parts(stock) == {"discovery": 1, "engagement": 1, "conversion": 2, "loyalty": 0, "churned": 1}
    assert stock.total.value == 5


def test_a_stay_that_ends_with_the_day_still_counts_as_of_that_day(walked: World) -> None:
    """Left at the start of 5 March: there at the end of the 4th, gone at the end of the 5th."""
    stock = [
        parts(walked.ask("customers-per-stage", day, day, breakdown="stage"))["discovery"]
        for day in ("2025-03-04", "2025-03-05")
    ]

    assert stock == [2, 1]


def test_what_comes_less_what_goes_is_the_difference(walked: World) -> None:
    def asked(slug: str, first: str, last: str) -> dict[str, Decimal | None]:
        return parts(walked.ask(slug, first, last, breakdown="stage"))

    before, after = (
        asked("customers-per-stage", "2025-02-01", "2025-02-28"),
        asked("customers-per-stage", "2025-03-01", "2025-03-31"),
    )
    came, went = (
        asked("stage-entries", "2025-03-01", "2025-03-31"),
        asked("stage-exits", "2025-03-01", "2025-03-31"),
    )

    assert (came["engagement"], went["discovery"]) == (2, 2)
    assert after == {
        stage: (before[stage] or 0) + (came[stage] or 0) - (went[stage] or 0) for stage in before
    }


def test_the_flow_marks_stays_skips_and_returns(walked: World) -> None:
    flow = walked.ask("stage-flow", "2025-03-01", "2025-03-31")

    found = {row.key: (row.result.value if row.result else None, row.flag) for row in flow.rows}
    assert found == {
        ">discovery": (1, "new"),
        "discovery>conversion": (2, "skip"),
        "loyalty>engagement": (1, "return"),
        "loyalty>churned": (1, "churn"),
    }
    assert flow.total.value == 5


def test_months_show_the_stock_at_their_ends(walked: World) -> None:
    stock = walked.ask("customers-per-stage", "2025-01-01", "2025-03-31", breakdown="month")

    assert parts(stock) == {"2025-01": 4, "2025-02": 4, "2025-03": 5}


def test_moving_on_counts_skips_but_no_steps_back(walked: World) -> None:
    conversion = walked.ask(
        "stage-conversion", "2025-03-01", "2025-03-31", breakdown="stage", as_of="2025-06-30"
    )

    assert parts(conversion)["engagement"] == Decimal("0.5")
    assert parts(conversion)["discovery"] == 0
    assert parts(conversion)["conversion"] == 0


def test_young_stays_are_in_neither_number(walked: World) -> None:
    row = walked.ask(
        "stage-conversion", "2025-03-01", "2025-03-31", breakdown="stage", as_of="2025-04-10"
    ).by_key["engagement"]

    assert row.result is not None
    assert (row.result.denominator, row.result.parts) == (1, {"too_young": 1})


def test_the_median_stay_counts_open_stays_as_far_as_they_go(walked: World) -> None:
    time = walked.ask("time-in-stage", "2025-03-01", "2025-03-31", breakdown="stage", as_of="2025-03-31")

    assert (parts(time)["discovery"], parts(time)["engagement"], parts(time)["loyalty"]) == (63, 10, 59)
    row = time.by_key["conversion"].result
    assert row is not None
    assert row.reason == "More than half are still there: over 22 days."
