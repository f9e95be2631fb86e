"""The pages about stages: what they show, to whom, and that page, API and CSV agree."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry, User
from lifecycle.models import Stage
from metrics.drop_off import DropOff
from metrics.names import Names
from tests.metrics.test_moving import walk
from tests.metrics.world import World

SignIn = Callable[[User], Client]
MARCH = "from=2025-03-01&to=2025-03-31&as_of=2025-06-30"
TABS = ["", "conversion/", "time/", "flow/", "drop-off/"]


@pytest.fixture
def shop(world: World, owner: User) -> World:
    """Five ways through March: on, skipped, back, churned (the owner's), stuck; who bought has revenue."""
    world.model()
    walk(world, ("discovery", "2025-02-01"), ("engagement", "2025-03-05"), ("conversion", "2025-03-20"))
    walk(world, ("discovery", "2025-03-01"), ("loyalty", "2025-03-10"), ("engagement", "2025-03-12"))
    walk(world, ("conversion", "2025-01-05"), ("churned", "2025-03-15"), owner=owner)
    walk(world, ("engagement", "2025-03-02"))
    walk(world, ("discovery", "2025-03-01"), ("churned", "2025-03-20"), ("engagement", "2025-04-20"))
    for number, customer in enumerate(customers()[1:3], start=1):
        world.order(customer, "2025-01-05", str(100 * number))
    return world


def customers() -> list[Any]:
    from customers.models import Customer

    return list(Customer.objects.order_by("pk"))


def lines_of(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_what_was_there_came_and_went_is_what_is_there(shop: World, sign_in: SignIn, analyst: User) -> None:
    client = sign_in(analyst)

    board = client.get(f"/lifecycle/stages/?{MARCH}").context["board"]
    told = {line["stage"]: line for line in lines_of(client, f"/lifecycle/stages/?{MARCH}&format=csv")}

    numbers = {
        name: [told[name][column] for column in ("at_start", "entered", "left", "at_end")] for name in told
    }
    assert numbers == {
        "discovery": ["1", "2", "3", "0"],
        "engagement": ["0", "3", "1", "2"],
        "conversion": ["1", "1", "1", "1"],
        "loyalty": ["0", "1", "1", "0"],
        "churned": ["0", "2", "0", "2"],
    }
    for line in board.lines:
        shown = (line.onward.value, line.dropped.value, line.days.value)
        written = [told[line.stage.slug][name] for name in ("conversion", "drop_off", "median_days")]
        assert [None if cell == "" else Decimal(cell) for cell in written] == list(shown)


def test_a_page_of_stays_that_are_too_young_says_what_to_ask_instead(
    shop: World, sign_in: SignIn, analyst: User
) -> None:
    client = sign_in(analyst)
    told = "Most stays of this period have not had their 30 days yet"

    fresh = client.get("/lifecycle/stages/conversion/?from=2025-03-05&to=2025-03-31&as_of=2025-03-31")
    grown = client.get(f"/lifecycle/stages/conversion/?{MARCH}")

    assert told in fresh.text
    assert told not in grown.text


@pytest.mark.parametrize(
    ("path", "slug", "more", "name"),
    [
        ("", "stage-drop-off", "breakdown=stage", "dropped"),
        ("", "stage-conversion", "breakdown=stage", "onward"),
        ("conversion/", "stage-to-stage", "variant=strict&days=14", "pairs"),
        ("conversion/", "stage-conversion", "breakdown=stage&variant=visited&target=buying", "onward"),
        ("time/", "stage-survival", "stage=discovery", "curve"),
        ("time/", "stage-destinations", "stage=discovery&variant=period", "ways"),
    ],
)
def test_the_pages_give_what_the_api_gives(
    shop: World, sign_in: SignIn, analyst: User, path: str, slug: str, more: str, name: str
) -> None:
    client = sign_in(analyst)
    asked = more.replace("breakdown=stage", "").strip("&")

    board = client.get(f"/lifecycle/stages/{path}?{MARCH}&{asked}").context["board"]
    told = client.get(f"/api/v1/metrics/{slug}/?{MARCH}&{more}").json()

    answer = board.answers[name] if path == "" else getattr(board, name)
    assert answer.as_json()["rows"] == told["rows"]
    assert answer.as_json()["total"] == told["total"]
    assert told["rows"]


@pytest.mark.parametrize(("way", "is_told"), [("", True), ("visited", False), ("strict", False)])
def test_only_by_reached_it_is_said_that_nobody_goes_back(
    shop: World, sign_in: SignIn, analyst: User, way: str, is_told: bool
) -> None:
    page = sign_in(analyst).get(f"/lifecycle/stages/conversion/?{MARCH}&variant={way}").content.decode()

    assert "the CSV has every interval." in page
    assert ("only whoever had churned begins again" in page) is is_told


def test_curves_that_end_early_say_how_long_the_longest_stay_is(
    world: World, sign_in: SignIn, analyst: User
) -> None:
    world.model()
    for _customer in range(50):
        walk(world, ("discovery", "2025-03-01"), ("engagement", "2025-03-11"))
    client = sign_in(analyst)
    told = "the longest stay is 100"

    whole = client.get(f"/lifecycle/stages/time/?{MARCH}&stage=discovery").content.decode()
    walk(world, ("discovery", "2025-03-01"), ("engagement", "2025-06-09"))
    cut = client.get(f"/lifecycle/stages/time/?{MARCH}&stage=discovery").content.decode()

    assert told not in whole
    assert cut.count(told) == 2


def test_who_dropped_off_is_listed_by_what_is_at_stake(shop: World, sign_in: SignIn, analyst: User) -> None:
    """Left: loyalty for engagement (100), conversion for churned (200), discovery for good (0). Stalled: two."""
    client = sign_in(analyst)

    page = client.get(f"/lifecycle/stages/drop-off/?{MARCH}")
    told = client.get(f"/api/v1/stage-drop-offs/?{MARCH}").json()
    lines = lines_of(client, f"/lifecycle/stages/drop-off/?{MARCH}&format=csv")

    found = [(one["name"], one["stage"], one["how"], one["value"], one["now"]) for one in told["results"]]
    everybody = [customer.name for customer in customers()]
    assert found[:2] == [
        (everybody[2], "conversion", "left", "200.0000", "churned"),
        (everybody[1], "loyalty", "left", "100.0000", "engagement"),
    ]
    assert {one[:3] for one in found[2:]} == {
        (everybody[1], "engagement", "stalled"),
        (everybody[0], "conversion", "stalled"),
        (everybody[3], "engagement", "stalled"),
    } - {one[:3] for one in found[:2]}
    rows = page.context["page"].rows
    assert [(one.name, one.stage.slug, one.how) for one in rows] == [one[:3] for one in found]
    assert [(line["name"], line["stage"], line["how"], line["value"]) for line in lines] == [
        one[:4] for one in found
    ]
    *_parts, whole = told["losses"]
    assert whole["left_n"] + whole["stalled_n"] == len(found)
    assert {len(one["value"].partition(".")[2]) for one in told["losses"]} == {4}
    assert AuditEntry.objects.filter(action="drop_off.exported").count() == 1


def test_pages_of_the_list_follow_one_another(shop: World, sign_in: SignIn, analyst: User) -> None:
    client, address, seen = sign_in(analyst), f"/api/v1/stage-drop-offs/?{MARCH}&page_size=1", []
    while address:
        told = client.get(address).json()
        seen += [(one["customer"], one["stage"]) for one in told["results"]]
        address = told["next"]

    whole = client.get(f"/api/v1/stage-drop-offs/?{MARCH}").json()["results"]
    assert seen == [(one["customer"], one["stage"]) for one in whole]


def test_only_one_stage_and_one_way(shop: World) -> None:
    question = shop.question("2025-03-01", "2025-03-31", as_of="2025-06-30")
    conversion = Stage.objects.get(slug="conversion")

    asked = DropOff.of(replace(question, stage=conversion), shop.setting, Names(), how="left")

    page = asked.page()

    assert [(one.stage.slug, one.how) for one in page.rows] == [("conversion", "left")]
    assert page.following == ""


def test_a_rep_sees_numbers_and_names_of_the_own_customers_only(
    shop: World, sign_in: SignIn, owner: User
) -> None:
    client = sign_in(owner)

    board = client.get(f"/lifecycle/stages/?{MARCH}").context["board"]
    rows = client.get(f"/lifecycle/stages/drop-off/?{MARCH}").context["page"].rows
    told = client.get(f"/api/v1/stage-drop-offs/?{MARCH}").json()

    assert [int(line.end.value or 0) for line in board.lines] == [0, 0, 0, 0, 1]
    assert [one.customer_id for one in rows] == [customers()[2].pk]
    assert [one["customer"] for one in told["results"]] == [customers()[2].pk]
    assert client.get(f"/lifecycle/stages/drop-off/?{MARCH}&format=csv").status_code == 403
    assert client.get(f"/lifecycle/stages/?{MARCH}&format=csv").status_code == 403


def test_every_tab_stays_within_twelve_queries(shop: World, sign_in: SignIn, administrator: User) -> None:
    client = sign_in(administrator)
    client.get("/lifecycle/stages/")  # the session is prolonged once

    for tab in TABS:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/lifecycle/stages/{tab}?{MARCH}")
        assert answer.status_code == 200, tab
        assert len(queries) <= 12, (tab, [query["sql"][:110] for query in queries])


@pytest.mark.parametrize("tab", TABS)
def test_without_a_model_and_without_customers_it_says_what_to_do(
    world: World, sign_in: SignIn, analyst: User, tab: str
) -> None:
    client = sign_in(analyst)

    before = client.get(f"/lifecycle/stages/{tab}")
    world.model()
    after = client.get(f"/lifecycle/stages/{tab}")

    assert (before.status_code, after.status_code) == (200, 200)
    assert "No lifecycle model yet" in before.content.decode()


@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ("drop-off/?how=away", "Use one of: left, stalled."),
        ("drop-off/?cursor=x", "This page link is not one of ours."),
        ("drop-off/?stage=none", "There is no such stage in the model."),
        ("conversion/?variant=all", "Use one of: reached, visited, strict."),
        ("time/?variant=reached", "Use one of: all, period."),
        ("?days=soon", "Use a whole number of days"),
        ("flow/?from=2025-02-30", "There is no such date"),
    ],
)
def test_a_senseless_question_names_the_cure(
    shop: World, sign_in: SignIn, analyst: User, query: str, cure: str
) -> None:
    page = sign_in(analyst).get(f"/lifecycle/stages/{query}")

    assert page.status_code == 400
    assert cure in page.content.decode()


def test_the_flow_names_skips_and_returns(shop: World, sign_in: SignIn, analyst: User) -> None:
    page = sign_in(analyst).get("/lifecycle/stages/flow/?from=2025-03-11&to=2025-03-31")

    body = page.content.decode()
    assert "Loyalty → Engagement: 1 (comes back)" in body
    assert "Conversion → Churned: 1 (churns)" in body
    assert sum(line["total"] for line in page.context["matrix"]) == 5


def test_whoever_stays_where_customers_are_welcome_to_stay_is_not_stalled(
    shop: World, sign_in: SignIn, analyst: User
) -> None:
    """Two wait in a stage that leads on; one is at home in loyalty, which leads on too."""
    Stage.objects.create(
        model=Stage.objects.earliest("pk").model, slug="advocacy", kind="advocate", position=90
    )
    walk(shop, ("loyalty", "2025-01-05"))

    told = sign_in(analyst).get(f"/api/v1/stage-drop-offs/?{MARCH}&how=stalled").json()

    assert {one["stage"] for one in told["results"]} == {"engagement", "conversion"}
