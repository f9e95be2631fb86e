from decimal import Decimal

from tests.metrics.world import World


def test_value_to_date_is_over_all_customers_and_back_dates_refunds(world: World) -> None:
    one, two = world.customer(), world.customer()
    world.order(one, "2025-01-01", "100")
    world.order(one, "2025-02-01", "50")
    world.refund(world.order(two, "2025-02-01", "40"), "2025-03-01", "10")
    world.customer()

    value = world.ask("clv", "2025-01-01", "2025-03-31")

    assert (value.name, value.total.value, value.total.numerator, value.total.n) == (
        "Revenue to date",
        90,
        180,
        2,
    )


def test_with_a_margin_it_is_called_clv(db: None) -> None:
    world = World(margin=Decimal("0.4"))
    world.order(world.customer(), "2025-01-01", "100")

    value = world.ask("clv", "2025-01-01", "2025-03-31")

    assert (value.name, value.total.value) == ("CLV to date", 40)


def test_value_by_month_takes_in_all_that_came_before(world: World) -> None:
    one, two = world.customer(), world.customer()
    world.order(one, "2024-05-01", "100")
    world.order(two, "2025-02-01", "50")

    by_month = world.ask("clv", "2025-01-01", "2025-02-28", breakdown="month")

    assert [(row.key, row.result.value if row.result else None) for row in by_month.rows] == [
        ("2025-01", 100),
        ("2025-02", 75),
    ]


def test_cohorts_show_who_orders_again_and_leave_the_unfinished_blank(world: World) -> None:
    one, two, late = world.customer(), world.customer(), world.customer()
    for customer, day in [
        (one, "2025-01-05"),
        (one, "2025-02-05"),
        (two, "2025-01-20"),
        (two, "2025-03-02"),
        (late, "2025-02-10"),
    ]:
        world.order(customer, day)

    cohorts = world.ask("cohort-retention", "2025-01-01", "2025-02-28", as_of="2025-03-15")

    found = {row.key: row.result.value if row.result else "blank" for row in cohorts.rows}
    assert found == {
        "2025-01>0": 1, "2025-01>1": Decimal("0.5"), "2025-01>2": "blank",
        "2025-02>0": 1, "2025-02>1": "blank",
        "all>0": 1, "all>1": Decimal("0.5"),
    }  # fmt: skip


def test_the_average_adds_numbers_not_shares(world: World) -> None:
    for month, customers, again in (("2025-01", 3, 3), ("2025-02", 1, 0)):
        for number in range(customers):
            customer = world.customer()
            world.order(customer, f"{month}-10")
            if number < again:
                world.order(customer, "2025-02-20" if month == "2025-01" else "2025-03-20")

    cohorts = world.ask("cohort-retention", "2025-01-01", "2025-02-28", as_of="2025-06-30")

    average = cohorts.by_key["all>1"].result
    assert average is not None
    assert (average.value, average.numerator, average.denominator) == (Decimal("0.75"), 3, 4)


def test_active_at_the_end_of_the_month_is_a_variant(world: World) -> None:
    customer = world.customer()
    world.order(customer, "2025-01-05")

    cohorts = world.ask("cohort-retention", "2025-01-01", "2025-01-31", as_of="2025-05-31", variant="active")

    found = [row.result.value for row in cohorts.rows if row.keys["cohort"] == "2025-01" and row.result]
    assert found == [1, 1, 1, 0, 0]
