from datetime import UTC, datetime
from decimal import Decimal

from metrics.result import Status
from tests.metrics.world import World, parts


def test_order_value_is_net_of_refunds_and_a_full_refund_removes_the_order(world: World) -> None:
    buyer = world.customer()
    world.order(buyer, "2025-03-01", "100")
    world.refund(world.order(buyer, "2025-03-02", "60"), "2025-03-09", "20")
    world.refund(world.order(buyer, "2025-03-03", "500"), "2025-03-09", "500")

    aov = world.ask("aov", "2025-03-01", "2025-03-31")

    assert (aov.total.value, aov.total.numerator, aov.total.denominator) == (
        Decimal(70),
        Decimal(140),
        Decimal(2),
    )


def test_only_paid_real_orders_above_zero_count(world: World) -> None:
    buyer = world.customer()
    world.order(buyer, "2025-03-01", "100")
    world.order(buyer, "2025-03-02", "900", status="pending")
    world.order(buyer, "2025-03-02", "900", is_test=True)
    world.order(buyer, "2025-03-02", "0")

    assert world.ask("orders", "2025-03-01", "2025-03-31").total.value == 1


def test_gross_and_median_are_variants(world: World) -> None:
    buyer = world.customer()
    for net in ("10", "20", "90"):
        world.order(buyer, "2025-03-01", net, gross=Decimal(net) + 5, tax=5)

    values = {
        name: world.ask("aov", "2025-03-01", "2025-03-31", variant=name).total.value
        for name in ("net", "gross", "median")
    }

    assert values == {"net": Decimal(40), "gross": Decimal(45), "median": Decimal(20)}


def test_an_order_without_a_rate_is_left_out_and_counted(world: World) -> None:
    buyer = world.customer()
    world.order(buyer, "2025-03-01", "100")
    world.order(buyer, "2025-03-02", "70", currency="SEK", rate=None)

    aov = world.ask("aov", "2025-03-01", "2025-03-31").total

    assert (aov.value, aov.excluded_n, aov.status) == (Decimal(100), 1, Status.PROVISIONAL)


def test_an_order_late_at_night_belongs_to_the_local_day(db: None) -> None:
    world = World(zone="Europe/Copenhagen")
    buyer = world.customer()
    world.order(
        buyer, "2025-03-31", "100", occurred_at=datetime(2025, 3, 31, 22, 30, tzinfo=UTC)
    )  # 1 April, 00:30

    march, april = (
        world.ask("orders", "2025-03-01", "2025-03-31"),
        world.ask("orders", "2025-04-01", "2025-04-30"),
    )

    assert (march.total.value, april.total.value) == (0, 1)


def test_revenue_is_dated_when_money_moves(world: World) -> None:
    order = world.order(world.customer(), "2025-03-01", "100")
    world.refund(order, "2025-04-05", "30")

    by_month = world.ask("revenue", "2025-03-01", "2025-04-30", breakdown="month")

    assert parts(by_month) == {"2025-03": Decimal(100), "2025-04": Decimal(-30)}
    assert by_month.total.value == Decimal(70)


def test_orders_of_one_day_are_one_purchase(world: World) -> None:
    once, twice = world.customer(), world.customer()
    for customer, day in [
        (once, "2025-03-01"),
        (once, "2025-03-01"),
        (twice, "2025-03-01"),
        (twice, "2025-03-20"),
    ]:
        world.order(customer, day)

    rate = world.ask("repeat-purchase-rate", "2025-03-01", "2025-03-31").total
    frequency = world.ask("purchase-frequency", "2025-03-01", "2025-03-31").total

    assert (rate.value, rate.n, frequency.value) == (Decimal("0.5"), 2, Decimal(2))


def test_repeat_by_cohort_leaves_out_who_is_too_young(world: World) -> None:
    again, never, young = world.customer(), world.customer(), world.customer()
    for customer, day in [
        (again, "2025-03-01"),
        (again, "2025-05-01"),
        (never, "2025-03-01"),
        (young, "2025-03-31"),
    ]:
        world.order(customer, day)

    rate = world.ask(
        "repeat-purchase-rate", "2025-03-01", "2025-03-31", variant="cohort", as_of="2025-06-01"
    ).total

    assert (rate.value, rate.denominator, rate.parts) == (Decimal("0.5"), 2, {"too_young": 1})


def test_a_period_that_runs_is_provisional_and_says_how_far_it_is(world: World) -> None:
    world.order(world.customer(), "2025-03-01")

    orders = world.ask("orders", "2025-03-01", "2025-03-10", as_of="2025-03-05").total

    assert (orders.value, orders.status, orders.elapsed) == (1, Status.PROVISIONAL, Decimal("0.5"))


def test_no_orders_have_no_average(world: World) -> None:
    aov = world.ask("aov", "2025-03-01", "2025-03-31").total

    assert (aov.value, aov.status, aov.reason) == (None, Status.UNDEFINED, "No orders in the period.")


def test_parts_by_country_channel_and_stage_add_up(world: World) -> None:
    world.model()
    for country, channel, stage, net in [
        ("DK", "ads", "loyalty", "10"),
        ("DK", None, "conversion", "20"),
        ("", "mail", None, "40"),
    ]:
        buyer = world.customer(country=country)
        world.order(buyer, "2025-03-01", net)
        if channel:
            world.touch(buyer, "2025-02-20", channel)
        if stage:
            world.stay(buyer, stage, "2025-03-01")

    found = {
        by: parts(world.ask("revenue", "2025-03-01", "2025-03-31", breakdown=by))
        for by in ("country", "channel", "stage")
    }

    assert found["country"] == {"DK": Decimal(30), "unknown": Decimal(40)}
    assert found["channel"] == {"ads": Decimal(10), "mail": Decimal(40), "unattributed": Decimal(20)}
    assert {stage: value for stage, value in found["stage"].items() if value} == {
        "conversion": 20,
        "loyalty": 10,
        "none": 40,
    }


def test_filters_leave_only_those_customers(world: World) -> None:
    dane, swede = world.customer(country="DK"), world.customer(country="SE")
    world.order(dane, "2025-03-01", "10")
    world.order(swede, "2025-03-01", "40")
    world.touch(swede, "2025-02-20", "ads")

    def revenue(**filters: str) -> Decimal | None:
        return world.ask("revenue", "2025-03-01", "2025-03-31", **filters).total.value

    assert (revenue(country="DK"), revenue(channel="ads"), revenue(channel="unattributed")) == (10, 40, 10)
    assert revenue(country="DK", channel="ads") == 0
