"""Numbers of the customers of a segment: those who belong to it as of the date asked about."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from customers.models import Customer
from customers.segments import filling, keeping
from tests.metrics.world import World

SignIn = Callable[[User], Client]
YEAR = ("2025-01-01", "2025-12-31")
TWICE = {"condition": "purchase_days", "parameters": {"at_least": 2}}


@pytest.fixture
def shop(world: World) -> World:
    """Ada buys twice, in March and in June; Bob once, in March."""
    world.model()
    ada, bob = world.customer(country="DK"), world.customer(country="SE")
    world.order(ada, "2025-03-10", "100")
    world.order(ada, "2025-06-10", "40")
    world.order(bob, "2025-03-20", "7")
    for one in (ada, bob):
        world.stay(one, "conversion", "2025-03-10")
    return world


def test_only_members_count_and_stages_close(shop: World, marketer: User) -> None:
    segment = keeping.create(by=marketer, name="Twice", kind="dynamic", conditions=TWICE)

    revenue = shop.ask("revenue", *YEAR, segment=segment)
    stages = shop.ask("customers-per-stage", *YEAR, breakdown="stage", segment=segment)

    assert revenue.total.value == Decimal(140)
    assert (stages.total.value, stages.by_key["conversion"].result.value) == (1, 1)


def test_membership_is_that_of_the_as_of_date(shop: World, marketer: User) -> None:
    segment = keeping.create(by=marketer, name="Twice", kind="dynamic", conditions=TWICE)

    may = shop.ask("orders", *YEAR, segment=segment, as_of="2025-05-31")
    july = shop.ask("orders", *YEAR, segment=segment, as_of="2025-07-01")

    assert (may.total.value, july.total.value) == (0, 2)


def test_a_segment_by_hand_counts_by_its_periods(shop: World, marketer: User) -> None:
    segment = keeping.create(by=marketer, name="VIPs", kind="static")
    filling.add(segment, Customer.objects.filter(country="SE"), by=marketer)
    segment.periods().update(entered_at=shop.at("2025-08-01"))

    before = shop.ask("revenue", *YEAR, segment=segment, as_of="2025-07-31")
    since = shop.ask("revenue", *YEAR, segment=segment, as_of="2025-08-01")

    assert (before.total.value, since.total.value) == (Decimal(0), Decimal(7))


def test_spend_has_no_segment(shop: World, marketer: User) -> None:
    segment = keeping.create(by=marketer, name="Twice", kind="dynamic", conditions=TWICE)
    shop.spend("2025-03-01", "50")

    cac = shop.ask("cac", *YEAR, segment=segment).total

    assert (cac.value, cac.reason) == (None, "Spend is not recorded by segment. Clear the segment filter.")


def test_page_api_and_dashboard_take_a_segment(shop: World, marketer: User, sign_in: SignIn) -> None:
    keeping.create(by=marketer, name="Twice", kind="dynamic", conditions=TWICE)
    client, asked = sign_in(marketer), "from=2025-01-01&to=2025-12-31&segment=twice"

    api = client.get(f"/api/v1/metrics/revenue/?{asked}").json()
    page = client.get(f"/metrics/revenue/?{asked}")
    with CaptureQueriesContext(connection) as queries:
        board = client.get(f"/lifecycle/?{asked}")

    assert (Decimal(api["total"]["value"]), api["question"]["segment"]) == (Decimal(140), "twice")
    assert page.context["answer"].total.value == Decimal(140)
    assert board.context["board"].customers == 1
    assert "Twice" in board.content.decode()
    assert len(queries) <= 12


def test_answers_follow_what_the_segment_rests_on(shop: World, marketer: User, sign_in: SignIn) -> None:
    segment = keeping.create(by=marketer, name="VIPs", kind="static")
    client, asked = sign_in(marketer), f"from=2025-01-01&segment={segment.slug}"
    address = f"/api/v1/metrics/revenue/?{asked}"
    cache.clear()

    first = client.get(address).json()["total"]["value"]
    filling.add(segment, Customer.objects.filter(country="SE"), by=marketer)
    second = client.get(address).json()["total"]["value"]

    assert (Decimal(first), Decimal(second)) == (0, 7)


@pytest.mark.usefixtures("shop")
def test_an_unknown_or_foreign_segment_is_refused_by_name(
    marketer: User, analyst: User, sign_in: SignIn
) -> None:
    keeping.create(by=marketer, name="Mine", kind="static", is_shared=False)

    for slug in ("none", "mine"):
        answer = sign_in(analyst).get(f"/api/v1/metrics/revenue/?segment={slug}")

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == "segment"
