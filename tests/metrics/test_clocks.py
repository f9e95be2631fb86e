"""The two clocks: the same pair gives the same answer for ever."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from customers.models import CustomerMerge, ProfileChange
from tests.metrics.world import World, parts

BEFORE, AFTER = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)


def test_a_late_refund_changes_only_what_is_known_after_it(world: World) -> None:
    order = world.order(world.customer(), "2025-03-01", "100")
    before = world.ask("aov", "2025-03-01", "2025-03-31", known_at=BEFORE).as_json()

    world.refund(order, "2025-04-01", "40", recorded_at=datetime(2025, 7, 1, tzinfo=UTC))

    def value(known_at: datetime | None) -> Decimal | None:
        return world.ask("aov", "2025-03-01", "2025-03-31", known_at=known_at).total.value

    assert world.ask("aov", "2025-03-01", "2025-03-31", known_at=BEFORE).as_json() == before
    assert (value(BEFORE), value(AFTER), value(None)) == (100, 60, 60)


def test_a_refund_of_the_first_order_takes_the_customer_back(world: World) -> None:
    order = world.order(world.customer(), "2025-03-01", "100")
    world.refund(order, "2025-04-15", "100", recorded_at=datetime(2025, 7, 1, tzinfo=UTC))

    def won(**clocks: Any) -> Decimal | None:
        return world.ask("new-customers", "2025-03-01", "2025-03-31", **clocks).total.value

    assert (won(known_at=BEFORE), won(known_at=AFTER), won(as_of="2025-04-14"), won()) == (1, 0, 1, 0)


def test_an_amended_order_is_seen_as_it_was_known(world: World) -> None:
    order = world.order(world.customer(), "2025-03-01", "100")
    amended = order.amend(gross=Decimal(70))
    type(order).objects.filter(pk=order.pk).update(superseded_at=datetime(2025, 7, 1, tzinfo=UTC))
    type(order).objects.filter(pk=amended.pk).update(recorded_at=datetime(2025, 7, 1, tzinfo=UTC))

    values = [
        world.ask("revenue", "2025-03-01", "2025-03-31", known_at=known).total.value
        for known in (BEFORE, AFTER, None)
    ]

    assert values == [100, 70, 70]


def test_a_merge_is_not_followed_before_it_was_known(world: World) -> None:
    loser, winner = world.customer(), world.customer()
    first, second = world.order(loser, "2025-03-01"), world.order(winner, "2025-03-20")
    type(first).objects.filter(pk=first.pk).update(customer=winner)
    merge = CustomerMerge.objects.create(loser=loser, winner=winner)
    CustomerMerge.objects.filter(pk=merge.pk).update(recorded_at=datetime(2025, 7, 1, tzinfo=UTC))

    def won(known_at: datetime | None) -> Decimal | None:
        return world.ask("new-customers", "2025-03-01", "2025-03-31", known_at=known_at).total.value

    assert second.customer == winner
    assert (won(BEFORE), won(AFTER), won(None)) == (2, 1, 1)


def test_the_country_is_that_of_the_as_of_date(world: World) -> None:
    mover = world.customer(country="SE")
    for value, at in (("DK", datetime(1900, 1, 1, tzinfo=UTC)), ("SE", datetime(2025, 5, 1, tzinfo=UTC))):
        ProfileChange.objects.create(
            customer=mover, original_customer=mover, field="country", value=value, occurred_at=at
        )
    world.order(mover, "2025-03-01", "10")

    def revenue(as_of: str) -> dict[str, Decimal | None]:
        return parts(world.ask("revenue", "2025-03-01", "2025-03-31", breakdown="country", as_of=as_of))

    assert (revenue("2025-04-30"), revenue("2025-05-31")) == ({"DK": 10}, {"SE": 10})


def test_stages_are_seen_as_they_were_known(world: World) -> None:
    world.model()
    customer = world.customer()
    learned = datetime(2025, 7, 1, tzinfo=UTC)
    world.stay(customer, "discovery", "2025-01-01", superseded_at=learned)
    world.stay(customer, "loyalty", "2025-01-01", recorded_at=learned)

    def stock(known_at: datetime | None) -> dict[str, Decimal | None]:
        found = parts(
            world.ask("customers-per-stage", "2025-03-01", "2025-03-31", breakdown="stage", known_at=known_at)
        )
        return {stage: number for stage, number in found.items() if number}

    assert (stock(BEFORE), stock(AFTER), stock(None)) == ({"discovery": 1}, {"loyalty": 1}, {"loyalty": 1})
