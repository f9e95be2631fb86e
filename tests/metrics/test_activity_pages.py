"""The kinds of buyers on the page, in the file and over the API: the same, digit for digit."""

import csv
import io
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from tests.metrics.test_activity import bought
from tests.metrics.world import World

SignIn = Callable[[User], Client]
SPRING = "from=2025-03-01&to=2025-04-30&as_of=2025-04-30"


@pytest.fixture
def spring(world: World) -> World:
    world.model()
    bought(world, "2025-02-10", "2025-03-10", country="DK")
    bought(world, "2025-03-05", "2025-04-05", country="DK")
    bought(world, "2025-03-20", country="SE")
    return world


def lines(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/metrics/buyer-activity/?{query}&format=csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))  # type: ignore[attr-defined]


@pytest.mark.parametrize("breakdown", ["", "month", "stage", "channel", "country"])
@pytest.mark.parametrize("chosen", ["", "&country=DK", "&known_at=2025-05-01"])
def test_page_file_and_api_give_the_same(
    spring: World, sign_in: SignIn, analyst: User, breakdown: str, chosen: str
) -> None:
    client, query = sign_in(analyst), f"{SPRING}&breakdown={breakdown}{chosen}"

    told = client.get(f"/api/v1/metrics/buyer-activity/?{query}").json()
    page = client.get(f"/metrics/buyer-activity/?{query}")
    *parts, total = lines(client, query)

    assert page.context["answer"].as_json() == told
    results = [(row["keys"]["kind"], row["result"]["value"], row["result"]["status"]) for row in told["rows"]]
    assert [(line["kind"], line["value"], line["status"]) for line in parts] == results
    assert total["value"] == told["total"]["value"]
    assert total["parts"] == "; ".join(f"{kind}={number}" for kind, number in told["total"]["parts"].items())


def test_months_come_in_rows_for_machines(spring: World, sign_in: SignIn, analyst: User) -> None:
    told = sign_in(analyst).get(f"/api/v1/metrics/buyer-activity/?{SPRING}&breakdown=month").json()

    found = [(row["keys"]["month"], row["keys"]["kind"], row["result"]["value"]) for row in told["rows"]]
    assert found == [
        ("2025-03", "new", "2"),
        ("2025-03", "returning", "1"),
        ("2025-03", "resurrecting", "0"),
        ("2025-03", "dormant", "0"),
        ("2025-04", "new", "0"),
        ("2025-04", "returning", "1"),
        ("2025-04", "resurrecting", "0"),
        ("2025-04", "dormant", "2"),
    ]


def test_the_picture_stacks_buyers_and_puts_the_dormant_below_zero(
    spring: World, sign_in: SignIn, analyst: User
) -> None:
    page = sign_in(analyst).get(f"/metrics/buyer-activity/?{SPRING}&breakdown=month")

    picture = page.context["picture"]
    assert (picture["stacked"], picture["horizontal"]) == (True, False)
    assert [(series["name"], series["values"]) for series in picture["series"]] == [
        ("New", [2, 0]),
        ("Returning", [1, 1]),
        ("Resurrecting", [0, 0]),
        ("Dormant", [0, -2]),
    ]


def test_a_period_of_nobody_says_so_instead_of_drawing(world: World, sign_in: SignIn, analyst: User) -> None:
    bought(world, "2020-01-01")

    page = sign_in(analyst).get(f"/metrics/buyer-activity/?{SPRING}&breakdown=month").content.decode()

    assert "No values in this period" in page
    assert 'id="picture"' not in page


def test_the_list_of_metrics_has_the_buyers_of_the_period(
    spring: World, sign_in: SignIn, analyst: User
) -> None:
    page = sign_in(analyst).get(f"/metrics/?{SPRING}")

    found = {answer.slug: (answer.name, answer.total.value) for answer, _href in page.context["entries"]}
    assert found["buyer-activity"] == ("Buyers", 3)


@pytest.mark.parametrize("breakdown", ["", "month", "stage", "channel", "country"])
def test_no_breakdown_costs_more_than_twelve_queries_whatever_the_customers(
    spring: World, sign_in: SignIn, administrator: User, breakdown: str
) -> None:
    client, path = sign_in(administrator), f"/metrics/buyer-activity/?{SPRING}&breakdown={breakdown}"

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            client.get(path)
        return len(found)

    queries()  # what is read once
    few = queries()
    for _number in range(20):
        bought(spring, "2025-02-01", "2025-03-01", "2025-04-01", country="NO")

    assert queries() == few <= 12
