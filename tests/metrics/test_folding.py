"""The roll-up of purchases gives what the facts give, whatever came late."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache

from customers.models import Order
from metrics import folding
from metrics.answer import Answer
from metrics.catalog import CATALOG, ask
from metrics.models import ChangedPurchases, Folding, Purchase
from metrics.question import Question, Setting
from tests.metrics.world import World

PERIOD = ("2025-01-01", "2025-06-30")


def test_a_fold_takes_in_orders_and_works_off_the_notes(world: World) -> None:
    buyer = world.customer()
    world.order(buyer, "2025-01-01", "100")
    world.refund(world.order(buyer, "2025-01-11", "60"), "2025-02-01", "20")

    folding.fold()

    rows = Purchase.objects.order_by("at").values_list("day", "kept", "gap", "is_first")
    assert [(str(day), kept, gap, first) for day, kept, gap, first in rows] == [
        ("2025-01-01", Decimal(100), 10, True),
        ("2025-01-11", Decimal(40), None, False),
    ]
    assert ChangedPurchases.objects.count() == 0


def test_only_changed_customers_are_folded_again(world: World) -> None:
    same, changed = world.customer(), world.customer()
    world.order(same, "2025-01-01")
    order = world.order(changed, "2025-01-01")
    folding.fold()
    kept = Purchase.objects.get(customer=same).pk

    world.refund(order, "2025-02-01", "100")
    folding.fold()

    assert list(Purchase.objects.values_list("pk", flat=True)) == [kept]


def test_superseding_is_noted_too(world: World) -> None:
    world.order(world.customer(), "2025-01-01")
    folding.fold()

    Order.objects.supersede()
    before, noted = world.ask("orders", *PERIOD).total.value, ChangedPurchases.objects.count()
    folding.fold()

    assert (before, noted, Purchase.objects.count()) == (0, 1, 0)


def test_another_zone_folds_everything_anew(world: World) -> None:
    world.order(world.customer(), "2025-01-01", occurred_at=datetime(2025, 1, 1, 23, 30, tzinfo=UTC))
    folding.fold()

    world.organisation.zone = "Europe/Copenhagen"
    world.organisation.save()
    folding.fold()

    assert [str(day) for day in Purchase.objects.values_list("day", flat=True)] == ["2025-01-02"]
    assert Folding.objects.get().zone == "Europe/Copenhagen"


def test_a_refund_after_the_as_of_date_is_not_taken_off_before_it(world: World) -> None:
    world.refund(world.order(world.customer(), "2025-01-01", "100"), "2025-05-01", "100")
    folding.fold()

    found = [world.ask("orders", *PERIOD, as_of=day).total.value for day in ("2025-04-30", "2025-05-01")]

    assert found == [1, 0]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (1, 2))])
def test_every_metric_is_the_same_from_roll_up_and_from_facts(world: World, seed: int) -> None:
    dice = random.Random(seed)
    model = world.model()
    orders = _shop(world, dice)
    folding.fold()
    _come_late(world, dice, orders)
    question = replace(world.question(*PERIOD), model=model)

    for as_of in (None, datetime(2025, 5, 1, tzinfo=UTC)):
        for one in _forms(replace(question, as_of=as_of)):
            cache.clear()
            folded, raw = (
                ask(*one, setting).as_json()
                for setting in (world.setting, Setting(world.organisation, world.now, raw=True))
            )
            assert folded == raw, one


def _forms(question: Question) -> Iterator[tuple[str, Question]]:
    for slug, definition in CATALOG.items():
        for breakdown in (None, *sorted(definition.breakdowns)):
            yield slug, replace(question, breakdown=breakdown)
        for variant in definition.variants:
            yield slug, replace(question, variant=variant)


def _shop(world: World, dice: random.Random) -> list[Order]:
    orders = []
    for _number in range(25):
        buyer = world.customer(country=dice.choice(["DK", "SE", ""]))
        world.stay(buyer, dice.choice(["discovery", "loyalty"]), "2024-06-01")
        world.touch(buyer, "2024-12-20", dice.choice(["ads", "mail"]))
        orders += [_order(world, dice, buyer) for _order_number in range(dice.choice([0, 1, 1, 2, 5]))]
    for order in dice.sample(orders, 8):
        _refund(world, dice, order)
    world.spend("2025-02-01", "500", "ads")
    return orders


def _come_late(world: World, dice: random.Random, orders: list[Order]) -> None:
    """After the fold: new orders, refunds, amendments, one taken out."""
    for order in dice.sample(orders, 3):
        _refund(world, dice, order)
        _order(world, dice, order.customer)
    dice.choice(orders).amend(gross=Decimal(7))
    Order.objects.live().filter(pk=dice.choice(orders).pk).supersede()


def _order(world: World, dice: random.Random, buyer) -> Order:
    at = datetime(2024, 9, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 330))
    rate = dice.choice([1, 1, 1, None])
    return world.order(buyer, "2025-01-01", str(dice.choice([5, 20, 80])), occurred_at=at, rate=rate)


def _refund(world: World, dice: random.Random, order: Order) -> None:
    day = str((order.occurred_at + timedelta(days=dice.choice([1, 40, 120]))).date())
    world.refund(order, day, str(dice.choice([order.gross, 1])))


def test_an_answer_of_the_api_says_nothing_of_where_it_came_from(world: World) -> None:
    world.order(world.customer(), "2025-01-01")
    before = world.ask("aov", *PERIOD)
    folding.fold()
    cache.clear()

    after: Answer = world.ask("aov", *PERIOD)

    assert after.as_json() == before.as_json()
