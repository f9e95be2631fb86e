"""The pages about numbers: what they show, to whom, at what price, and that they agree with API and CSV."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import ApiKey, User
from clm.accounts.models.api_key import Scope
from metrics.catalog import CATALOG
from tests.metrics.world import World

SignIn = Callable[[User], Client]
SPRING = "from=2025-03-01&to=2025-05-31"


@pytest.fixture
def shop(world: World) -> World:
    """Forty customers won in March by two channels in two countries; every second one comes back in May."""
    world.model()
    for number in range(40):
        buyer = world.customer(country="DK" if number % 4 else "SE")
        world.touch(buyer, "2025-02-20", "ads" if number % 3 else "mail")
        world.order(buyer, "2025-03-10", str(50 + number))
        world.stay(buyer, "discovery", "2025-02-20", "2025-03-10")
        world.stay(buyer, "conversion", "2025-03-10", "2025-05-10" if number % 2 else None)
        if number % 2:
            world.order(buyer, "2025-05-10", "30")
            world.stay(buyer, "loyalty", "2025-05-10")
    world.spend("2025-03-01", "800", "ads")
    world.spend("2025-03-02", "100")
    return world


@pytest.fixture
def one_order(world: World) -> World:
    """Enough to be asked about, where the question is refused."""
    world.model()
    world.order(world.customer(), "2025-03-10")
    return world


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def test_the_dashboard_shows_the_numbers(shop: World, sign_in: SignIn, analyst: User) -> None:
    page = read(sign_in(analyst), f"/lifecycle/?{SPRING}")

    assert "€22.50" in page  # CAC: 900 / 40
    assert 'id="tile-cac"' in page
    assert "40 customers" in re.sub(r"\s+", " ", page)
    assert "Unallocated" in page
    assert "nan" not in page.lower().replace("finan", "")


def test_an_empty_company_is_told_to_import(sign_in: SignIn, marketer: User) -> None:
    page = read(sign_in(marketer), "/lifecycle/")

    assert "No customers yet" in page


def test_without_a_model_one_is_told_to_choose_one(world: World, sign_in: SignIn, marketer: User) -> None:
    world.order(world.customer(), "2025-03-01")

    page = read(sign_in(marketer), "/lifecycle/")

    assert "No lifecycle model yet" in page
    assert "Jan 31, 2025 – Mar 1, 2025" in page  # the newest order is old: the period ends with it


def test_page_api_and_csv_give_the_same_of_every_metric(shop: World, sign_in: SignIn, analyst: User) -> None:
    client = sign_in(analyst)

    for slug, definition in CATALOG.items():
        offered = (name for name in ("stage", "channel", "month") if name in definition.breakdowns)
        breakdown = next(offered, "")
        query = f"{SPRING}&as_of=2025-05-31" + (f"&breakdown={breakdown}" if breakdown else "")

        told = client.get(f"/api/v1/metrics/{slug}/?{query}").json()
        text = client.get(f"/metrics/{slug}/?{query}&format=csv").getvalue().decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        page = client.get(f"/metrics/{slug}/?{query}")

        values = [row["result"] and row["result"]["value"] for row in told["rows"]]
        assert values == [line["value"] or None for line in lines[:-1]], slug
        assert told["total"]["value"] == (lines[-1]["value"] or None), slug
        assert page.context["answer"].as_json() == told, slug


def test_the_dashboard_gives_what_the_api_gives(shop: World, sign_in: SignIn, analyst: User) -> None:
    client = sign_in(analyst)

    board = client.get(f"/lifecycle/?{SPRING}").context["board"]

    for answer in [
        *(tile.answer for tile in board.tiles),
        board.stock,
        board.flow,
        board.cost,
        board.cohorts,
    ]:
        asked = answer.as_json()["question"]
        first, last = asked["start"][:10], (answer.asked.question.end - timedelta(days=1)).date()
        query = f"from={first}&to={last}&as_of={asked['as_of']}&breakdown={asked['breakdown'] or ''}"
        told = client.get(f"/api/v1/metrics/{answer.slug}/?{query}").json()
        assert told["total"] == answer.total.as_json(), answer.slug
        if answer.rows and answer.slug != "cohort-retention":
            assert [row["result"] for row in told["rows"]] == [row.result.as_json() for row in answer.rows]


def test_every_page_stays_within_twelve_queries(shop: World, sign_in: SignIn, administrator: User) -> None:
    client = sign_in(administrator)
    paths = [f"/lifecycle/?{SPRING}", "/lifecycle/", f"/metrics/?{SPRING}"]
    paths += [f"/metrics/{slug}/?{SPRING}&channel=ads" for slug in CATALOG]

    for path in paths:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert len(queries) <= 12, (path, [query["sql"][:90] for query in queries])


def test_more_rows_cost_no_more_queries(shop: World, sign_in: SignIn, administrator: User) -> None:
    client = sign_in(administrator)

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            client.get(f"/lifecycle/?{SPRING}")
        return len(found)

    queries()  # what is read once
    before = queries()
    for number in range(30):
        world_customer = shop.customer()
        shop.order(world_customer, "2025-04-01")
        shop.touch(world_customer, "2025-03-01", f"channel-{number}")

    assert queries() == before


def test_a_rep_sees_numbers_of_the_own_customers_only(shop: World, sign_in: SignIn, owner: User) -> None:
    mine = shop.customer(owner=owner)
    shop.order(mine, "2025-04-01", "77")

    board = sign_in(owner).get(f"/lifecycle/?{SPRING}").context["board"]

    found = {tile.answer.slug: tile.answer.total for tile in board.tiles}
    assert (found["clv"].value, found["clv"].n) == (77, 1)
    assert "cac" not in found
    assert board.cost is None


def test_a_rep_reads_no_metrics_of_the_organisation(shop: World, sign_in: SignIn, owner: User) -> None:
    client = sign_in(owner)

    codes = [client.get(path).status_code for path in ("/metrics/", "/metrics/cac/", "/api/v1/metrics/cac/")]

    assert codes == [403, 403, 403]


@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ("from=2025-06-01&to=2025-03-01", "The period ends before it starts"),
        ("from=2025-02-30", "There is no such date"),
        ("from=9999-12-31", "The year must be between 1900 and 9998"),
        ("from=3000-12-31", "Use a year from 1901 to 2199"),
        ("from=yesterday", "Use a date such as 2026-06-30"),
        ("period=fortnight", "Use one of: 7d"),
        ("model=none", "There is no such lifecycle model"),
        ("channel=none", "There is no such channel"),
        ("channel=%00", "There is no such channel"),
        ("country=Denmark", "Use two letters"),
        ("as_of=2025-03-01T10:00", "It needs a time zone"),
        ("known_at=1.5", "Use an ISO 8601 date and time"),
    ],
)
def test_a_senseless_question_names_the_cure(
    one_order: World, sign_in: SignIn, administrator: User, query: str, cure: str
) -> None:
    client = sign_in(administrator)

    page, api = client.get(f"/lifecycle/?{query}"), client.get(f"/api/v1/metrics/aov/?{query}")

    assert (page.status_code, api.status_code) == (400, 400)
    assert cure in page.content.decode()
    assert api.json()["errors"][0]["attr"] in query


@pytest.mark.parametrize(
    "query", ["breakdown=country", "variant=loaded", "from=1990-01-01&to=2005-01-01&breakdown=month"]
)
def test_what_a_metric_does_not_offer_is_refused_kindly(
    one_order: World, sign_in: SignIn, administrator: User, query: str
) -> None:
    client = sign_in(administrator)

    page, api = client.get(f"/metrics/cac/?{query}"), client.get(f"/api/v1/metrics/cac/?{query}")

    assert (page.status_code, api.status_code) == (400, 400)
    assert "CAC" in page.content.decode()


def test_an_unknown_metric_is_not_found(sign_in: SignIn, administrator: User) -> None:
    client = sign_in(administrator)

    assert [client.get(path).status_code for path in ("/metrics/x/", "/api/v1/metrics/x/")] == [404, 404]


def test_a_stage_metric_without_a_model_says_what_to_do(
    world: World, sign_in: SignIn, administrator: User
) -> None:
    page = sign_in(administrator).get("/metrics/customers-per-stage/")

    assert page.status_code == 400
    assert "No lifecycle model is in use" in page.content.decode()


def test_formulas_do_not_reach_a_spreadsheet(shop: World, sign_in: SignIn, analyst: User) -> None:
    channel, client = shop.channel("ads"), sign_in(analyst)

    for formula in ("=1+1", " =1+1", "--1", "\uff1d1+1", "'=1+1"):
        channel.name = formula
        channel.save()
        cache.clear()
        answer = client.get(f"/metrics/revenue/?{SPRING}&breakdown=channel&format=csv")
        assert f",'{formula}," in answer.getvalue().decode(), formula


def test_the_api_is_open_to_keys(shop: World, analyst: User, client: Client) -> None:
    _key, text = ApiKey.objects.issue(name="Test", scope=Scope("read"), owner=analyst, by=analyst)
    headers = {"Authorization": f"Bearer {text}"}

    catalog = client.get("/api/v1/metrics/", headers=headers).json()
    answer = client.get(
        f"/api/v1/metrics/cac/?{SPRING}&breakdown=channel&as_of=2025-05-31T22:00:00Z", headers=headers
    ).json()

    assert {found["slug"] for found in catalog["results"]} == set(CATALOG)
    assert (answer["total"]["value"], answer["question"]["as_of"]) == ("22.5", "2025-05-31T22:00:00Z")
    assert [row["keys"] for row in answer["rows"]] == [
        {"channel": "ads"},
        {"channel": "mail"},
        {"channel": "unallocated"},
    ]
