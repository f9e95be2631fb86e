"""Customer retention: by hand, against plain Python on random worlds, and its identity."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from metrics.result import Status
from tests.metrics.world import World, parts

W = 90


@pytest.fixture
def six(world: World) -> World:
    """Period: second quarter of 2025; active for 90 days after an order."""
    bought = {
        "kept": ["2025-03-01", "2025-05-01"],
        "lost": ["2025-02-01"],
        "new": ["2025-04-10"],
        "returned": ["2024-06-01", "2025-06-20"],
        "saved": ["2025-01-15", "2025-05-20"],
        "gone": ["2024-01-01"],
    }
    for name, days in bought.items():
        customer = world.customer(external_id=name)
        for day in days:
            world.order(customer, day)
    return world


def test_kept_are_active_at_both_ends_and_the_sets_are_shown(six: World) -> None:
    crr = six.ask("crr", "2025-04-01", "2025-06-30").total

    assert (crr.value, crr.numerator, crr.denominator) == (Decimal("0.666667"), 2, 3)
    assert crr.parts == {
        "inactive_after_days": 90, "at_start": 3, "at_end": 4, "new": 1, "new_at_end": 1, "returned": 1, "churned": 1,
        "saved": 1, "same_period_churn": 0,
    }  # fmt: skip


def test_churn_is_the_rest(six: World) -> None:
    crr, churn = (six.ask(slug, "2025-04-01", "2025-06-30").total for slug in ("crr", "churn"))

    assert churn.numerator == 1
    assert (crr.numerator or 0) + (churn.numerator or 0) == crr.denominator


def test_few_customers_are_marked(six: World) -> None:
    assert six.ask("crr", "2025-04-01", "2025-06-30").total.status == Status.INSUFFICIENT


def test_the_newest_days_may_still_change(world: World) -> None:
    for _number in range(30):
        world.order(world.customer(), "2025-11-15")

    crr = world.ask("crr", "2025-12-01", "2025-12-31").total

    assert (crr.value, crr.status) == (1, Status.PROVISIONAL)


def test_nobody_active_at_the_start_has_no_rate(world: World) -> None:
    crr = world.ask("crr", "2025-04-01", "2025-06-30").total

    assert (crr.value, crr.reason) == (None, "Nobody was active at the start of the period.")


def test_stages_are_those_at_the_start_of_the_period(world: World) -> None:
    world.model()
    kept, lost = world.customer(), world.customer()
    world.order(kept, "2025-03-01")
    world.order(kept, "2025-06-01")
    world.order(lost, "2025-02-01")
    for customer, after in ((kept, "loyalty"), (lost, "churned")):
        world.stay(customer, "conversion", "2025-02-01", "2025-05-15")
        world.stay(customer, after, "2025-05-15")

    by_stage = parts(world.ask("crr", "2025-04-01", "2025-06-30", breakdown="stage"))

    assert by_stage["conversion"] == Decimal("0.5")
    assert {stage for stage, value in by_stage.items() if value is None} == {
        "discovery",
        "engagement",
        "loyalty",
        "churned",
    }


def test_without_a_setting_w_is_the_90th_percentile_of_gaps_in_whole_weeks(db: None) -> None:
    """Gaps 10, 20, ... 100: the 90th percentile is 90 days, 12.9 weeks, so 13 weeks: 91 days."""
    world = World(inactive_after=None)
    for gap in range(10, 101, 10):
        customer = world.customer()
        world.order(customer, "2025-01-01")
        world.order(customer, str(date(2025, 1, 1) + timedelta(days=gap)))

    crr = world.ask("crr", "2025-02-01", "2025-02-28").total

    assert crr.parts["inactive_after_days"] == 91


def test_w_is_never_below_30_days(db: None) -> None:
    world = World(inactive_after=None)
    world.order(world.customer(), "2025-01-01")

    assert world.ask("active-customers", "2025-01-01", "2025-01-20").total.parts["inactive_after_days"] == 30


@pytest.mark.parametrize("seed", range(4))
def test_random_worlds_agree_with_plain_python_and_the_identity(world: World, seed: int) -> None:
    dice = random.Random(seed)
    bought = {}
    for _number in range(40):
        customer = world.customer()
        days = sorted(dice.sample(range(700), dice.choice([1, 1, 2, 3, 6])))
        bought[customer.pk] = [datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in days]
        for at in bought[customer.pk]:
            world.order(customer, "2024-01-01", occurred_at=at)

    for first, last in [
        ("2024-06-01", "2024-06-30"),
        ("2024-07-01", "2025-06-30"),
        ("2025-03-01", "2025-05-31"),
    ]:
        found = world.ask("crr", first, last).total
        expected = plainly(bought, world.at(first, "00:00"), world.at(last, "00:00") + timedelta(days=1))

        assert {name: number for name, number in found.parts.items() if name in expected} == expected
        assert (
            expected["at_end"]
            == expected["at_start"] - expected["churned"] + expected["new_at_end"] + expected["returned"]
        )
        assert found.numerator == expected["at_start"] - expected["churned"]


def plainly(bought: dict[int, list[datetime]], start: datetime, end: datetime) -> dict[str, int]:
    def active(instant: datetime) -> set[int]:
        window = timedelta(days=W)
        return {one for one, days in bought.items() if any(instant - window <= day < instant for day in days)}

    def lapses(days: list[datetime]) -> bool:
        pairs = pairwise(days)
        return any(
            start <= day + timedelta(days=W) < end and day + timedelta(days=W) < after < end
            for day, after in pairs
        )

    s, e = active(start), active(end)
    new = {one for one, days in bought.items() if start <= days[0] < end}
    return {
        "at_start": len(s),
        "at_end": len(e),
        "churned": len(s - e),
        "new": len(new),
        "new_at_end": len(new & e),
        "returned": len(e - s - new),
        "saved": len({one for one in s & e if lapses(bought[one])}),
        "same_period_churn": len(new - e),
    }


def test_months_are_asked_each_for_itself(six: World) -> None:
    by_month = six.ask("crr", "2025-04-01", "2025-06-30", breakdown="month")

    alone = {
        month: six.ask("crr", f"{month}-01", last).total.value
        for month, last in (("2025-04", "2025-04-30"), ("2025-05", "2025-05-31"), ("2025-06", "2025-06-30"))
    }
    assert parts(by_month) == alone
    assert by_month.total.value == six.ask("crr", "2025-04-01", "2025-06-30").total.value
