"""Who buys, by what they did before: by hand, at the edges, by both clocks, and against plain Python."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from customers.models import CustomerMerge
from metrics.answer import Answer
from metrics.result import Status
from metrics.spans import first_of_month
from tests.metrics.world import World, parts

KINDS = ("new", "returning", "resurrecting", "dormant")
LEARNED = datetime(2025, 7, 1, tzinfo=UTC)
BEFORE, AFTER = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)
Four = tuple[int, ...]


def bought(world: World, *days: str, **fields: str) -> None:
    customer = world.customer(**fields)
    for day in days:
        world.order(customer, day)


def whole(answer: Answer) -> Four:
    """New, returning, resurrecting, dormant."""
    return tuple(answer.total.parts[kind] for kind in KINDS)


def split(answer: Answer) -> dict[str, Four]:
    """The same for each part, without those of nobody."""
    found: dict[str, list[int]] = {}
    for row in answer.rows:
        assert row.result is not None
        found.setdefault(row.key.split(">")[0], []).append(int(row.result.value or 0))
    return {key: tuple(numbers) for key, numbers in found.items() if any(numbers)}


@pytest.fixture
def six(world: World) -> World:
    """Looked at in April 2025."""
    bought(world, "2025-04-10", "2025-04-20")  # new
    bought(world, "2025-03-01", "2025-03-31", "2025-04-01", "2025-04-30")  # returning
    bought(world, "2024-12-24", "2025-02-28", "2025-04-05", "2025-05-05")  # resurrecting
    bought(world, "2025-03-15")  # dormant
    bought(world, "2025-03-20", "2025-05-02")  # dormant in April, resurrecting in May
    bought(world, "2025-01-01")  # long gone
    return world


def test_buyers_are_new_returning_or_resurrecting_and_the_dormant_stand_beside_them(six: World) -> None:
    april = six.ask("buyer-activity", "2025-04-01", "2025-04-30")

    assert (april.total.value, april.total.n, april.total.status) == (3, 3, Status.OK)
    assert whole(april) == (1, 1, 1, 2)
    assert parts(april) == {"new": 1, "returning": 1, "resurrecting": 1, "dormant": 2}


def test_each_month_is_compared_with_the_one_before(six: World) -> None:
    spring = six.ask("buyer-activity", "2025-03-01", "2025-05-31", breakdown="month")

    assert split(spring) == {"2025-03": (3, 0, 0, 1), "2025-04": (1, 1, 1, 2), "2025-05": (0, 1, 1, 2)}


def test_the_whole_is_compared_with_a_period_as_long_whether_split_or_not(six: World) -> None:
    """March to May against December to February, in which two bought: one returns, one is dormant."""
    total = six.ask("buyer-activity", "2025-03-01", "2025-05-31").total
    by_month = six.ask("buyer-activity", "2025-03-01", "2025-05-31", breakdown="month").total

    assert (total.value, dict(total.parts)) == (
        5,
        {"new": 4, "returning": 1, "resurrecting": 0, "dormant": 1},
    )
    assert by_month == total


def test_new_is_who_never_bought_before_not_who_is_first_seen_in_the_period(world: World) -> None:
    bought(world, "2019-05-05", "2025-04-10")

    assert whole(world.ask("buyer-activity", "2025-04-01", "2025-04-30")) == (0, 0, 1, 0)


def test_days_are_compared_with_as_many_days_before(world: World) -> None:
    bought(world, "2025-04-01", "2025-04-11")  # ten days before 11 April
    bought(world, "2025-03-31", "2025-04-20")

    assert whole(world.ask("buyer-activity", "2025-04-11", "2025-04-20")) == (0, 1, 1, 0)


def test_months_are_whole_though_the_period_begins_and_ends_within_them(world: World) -> None:
    bought(world, "2025-02-03", "2025-03-02")
    bought(world, "2025-02-20", "2025-04-29")

    months = world.ask("buyer-activity", "2025-03-15", "2025-04-10", breakdown="month")

    assert split(months) == {"2025-03": (0, 1, 0, 1), "2025-04": (0, 0, 1, 1)}
    assert months.total == world.ask("buyer-activity", "2025-03-15", "2025-04-10").total
    assert whole(months) == (0, 0, 0, 2)


def test_one_month_of_which_a_part_is_asked_is_whole_too(world: World) -> None:
    bought(world, "2025-03-02")

    march = world.ask("buyer-activity", "2025-03-15", "2025-03-20", breakdown="month")

    assert (split(march), whole(march)) == ({"2025-03": (1, 0, 0, 0)}, (0, 0, 0, 0))


def test_several_orders_at_the_same_instant_are_one_buyer(world: World) -> None:
    bought(world, "2025-03-10", "2025-03-10", "2025-04-10", "2025-04-10")

    months = world.ask("buyer-activity", "2025-03-01", "2025-05-31", breakdown="month")

    assert split(months) == {"2025-03": (1, 0, 0, 0), "2025-04": (0, 1, 0, 0), "2025-05": (0, 0, 0, 1)}


def test_nobody_is_zero_and_not_undefined(world: World) -> None:
    empty = world.ask("buyer-activity", "2025-04-01", "2025-05-31", breakdown="month")

    assert (empty.total.value, empty.total.status) == (0, Status.OK)
    assert [(row.key, row.result and row.result.value) for row in empty.rows[:5]] == [
        ("2025-04>new", 0),
        ("2025-04>returning", 0),
        ("2025-04>resurrecting", 0),
        ("2025-04>dormant", 0),
        ("2025-05>new", 0),
    ]


def test_an_interval_that_runs_is_provisional_and_compared_with_all_of_the_one_before(world: World) -> None:
    bought(world, "2025-03-28", "2025-04-02")
    bought(world, "2025-03-28", "2025-04-20")

    running = world.ask("buyer-activity", "2025-03-01", "2025-04-30", breakdown="month", as_of="2025-04-15")

    assert split(running) == {"2025-03": (2, 0, 0, 0), "2025-04": (0, 1, 0, 1)}
    march, april = (running.by_key[f"2025-0{month}>dormant"].result for month in (3, 4))
    assert march is not None
    assert april is not None
    assert (march.status, april.status, april.reason) == (
        Status.OK,
        Status.PROVISIONAL,
        "The period is not over.",
    )
    assert (running.total.status, running.total.elapsed) == (Status.PROVISIONAL, Decimal("0.7541"))


def test_a_month_still_runs_though_the_days_asked_about_are_over(world: World) -> None:
    bought(world, "2025-03-28")

    april = world.ask("buyer-activity", "2025-04-01", "2025-04-10", breakdown="month", as_of="2025-04-15")

    assert april.total.status == Status.OK
    assert april.by_key["2025-04>dormant"].result.status == Status.PROVISIONAL  # type: ignore[union-attr]


def test_months_begin_at_the_organisations_midnight(db: None) -> None:
    """In Copenhagen March begins at 23:00 UTC on 28 February and ends, in summer time, at 22:00 UTC."""
    world = World(zone="Europe/Copenhagen")
    one, two = world.customer(), world.customer()
    world.order(one, "2025-01-01", occurred_at=datetime(2025, 2, 28, 22, 30, tzinfo=UTC))
    world.order(one, "2025-01-01", occurred_at=datetime(2025, 3, 31, 21, 59, 59, tzinfo=UTC))
    world.order(two, "2025-01-01", occurred_at=datetime(2025, 2, 28, 23, 0, tzinfo=UTC))
    world.order(two, "2025-01-01", occurred_at=datetime(2025, 3, 31, 22, 0, tzinfo=UTC))

    months = world.ask("buyer-activity", "2025-02-01", "2025-04-30", breakdown="month")

    assert split(months) == {"2025-02": (1, 0, 0, 0), "2025-03": (1, 1, 0, 0), "2025-04": (0, 1, 0, 1)}


def test_a_first_purchase_given_back_later_makes_the_next_one_the_first(world: World) -> None:
    customer = world.customer()
    first = world.order(customer, "2025-03-01", "100")
    world.order(customer, "2025-04-10")
    world.refund(first, "2025-05-15", "100", recorded_at=LEARNED)

    def april(known_at: datetime | None, as_of: str = "2025-12-31") -> dict[str, Four]:
        found = world.ask(
            "buyer-activity", "2025-03-01", "2025-04-30", breakdown="month", known_at=known_at, as_of=as_of
        )
        return split(found)

    as_known_before = {"2025-03": (1, 0, 0, 0), "2025-04": (0, 1, 0, 0)}
    assert april(BEFORE) == april(None, "2025-05-14") == as_known_before
    assert april(AFTER) == april(None) == {"2025-04": (1, 0, 0, 0)}


def test_a_withdrawn_first_order_is_seen_as_long_as_it_was_known(world: World) -> None:
    customer = world.customer()
    world.order(customer, "2025-01-10", superseded_at=LEARNED)
    world.order(customer, "2025-04-10")

    def april(known_at: datetime | None) -> Four:
        return whole(world.ask("buyer-activity", "2025-04-01", "2025-04-30", known_at=known_at))

    assert (april(BEFORE), april(AFTER), april(None)) == ((0, 0, 1, 0), (1, 0, 0, 0), (1, 0, 0, 0))


def test_merged_customers_are_one_buyer_once_that_is_known(world: World) -> None:
    loser, winner = world.customer(), world.customer()
    first = world.order(loser, "2025-03-01")
    world.order(winner, "2025-04-20")
    type(first).objects.filter(pk=first.pk).update(customer=winner)
    merge = CustomerMerge.objects.create(loser=loser, winner=winner)
    CustomerMerge.objects.filter(pk=merge.pk).update(recorded_at=LEARNED)

    def april(known_at: datetime | None) -> Four:
        return whole(world.ask("buyer-activity", "2025-04-01", "2025-04-30", known_at=known_at))

    assert (april(BEFORE), april(AFTER), april(None)) == ((1, 0, 0, 1), (0, 1, 0, 0), (0, 1, 0, 0))


def test_filters_choose_the_customers_and_parts_add_up(world: World) -> None:
    world.model()
    for country, channel, days in [
        ("DK", "mail", ["2025-03-01", "2025-04-01"]),
        ("DK", "ads", ["2025-04-01"]),
        ("SE", "mail", ["2025-03-01"]),
    ]:
        customer = world.customer(country=country)
        world.touch(customer, "2025-02-20", channel)
        world.stay(customer, "loyalty", "2025-02-20")
        for day in days:
            world.order(customer, day)
    april = ("2025-04-01", "2025-04-30")

    assert whole(world.ask("buyer-activity", *april, country="DK")) == (1, 1, 0, 0)
    assert whole(world.ask("buyer-activity", *april, channel="mail")) == (0, 1, 0, 1)
    assert split(world.ask("buyer-activity", *april, breakdown="country")) == {
        "DK": (1, 1, 0, 0),
        "SE": (0, 0, 0, 1),
    }
    assert split(world.ask("buyer-activity", *april, breakdown="channel")) == {
        "ads": (1, 0, 0, 0),
        "mail": (0, 1, 0, 1),
    }
    assert split(world.ask("buyer-activity", *april, breakdown="stage")) == {"loyalty": (1, 1, 0, 1)}


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_agree_with_plain_python_and_months_follow_from_one_another(
    world: World, seed: int
) -> None:
    dice = random.Random(seed)
    shop = []
    for _number in range(40):
        days = sorted(dice.sample(range(500), dice.choice([1, 1, 2, 4, 9])))
        shop.append([date(2024, 1, 1) + timedelta(days=day) for day in days])
        bought(world, *map(str, shop[-1]))

    found = split(world.ask("buyer-activity", "2024-06-10", "2025-05-10", breakdown="month"))

    months = [first_of_month(date(2024, 6, 1), plus=number) for number in range(12)]
    assert found == {f"{month:%Y-%m}": plainly(shop, month) for month in months if any(plainly(shop, month))}
    buyers = {month: sum(found.get(f"{month:%Y-%m}", (0, 0, 0, 0))[:3]) for month in months}
    for before, month in pairwise(months):
        _new, returning, _resurrecting, dormant = found.get(f"{month:%Y-%m}", (0, 0, 0, 0))
        assert buyers[before] == returning + dormant


def plainly(shop: Iterable[list[date]], month: date) -> Four:
    before = first_of_month(month, plus=-1)
    counts = dict.fromkeys(KINDS, 0)
    for days in shop:
        months = [first_of_month(day) for day in days]
        if month in months:
            earlier = "returning" if before in months else "resurrecting"
            counts["new" if months[0] == month else earlier] += 1
        elif before in months:
            counts["dormant"] += 1
    return tuple(counts.values())


def test_the_first_month_of_a_quarter_is_held_against_the_month_before_too(world: World) -> None:
    """On 20 April nobody knows the other months; who bought in January is not of the month before."""
    bought(world, "2025-01-10")
    bought(world, "2025-01-10", "2025-04-05")
    bought(world, "2025-03-10", "2025-04-05")

    april = world.ask("buyer-activity", "2025-04-01", "2025-06-30", breakdown="month", as_of="2025-04-20")

    assert split(april) == {"2025-04": (0, 1, 1, 0)}
