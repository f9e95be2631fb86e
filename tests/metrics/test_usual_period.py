"""Stage analytics: the period while nobody chooses one, what is known of it today, and that page and API agree."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from metrics.answer import Answer
from metrics.periods import Period
from tests.metrics.test_moving import walk
from tests.metrics.world import World

SignIn = Callable[[User], Client]


@pytest.fixture
def lately(world: World) -> World:
    """Of two who came early in the usual year one moved on; a third came ten days ago."""
    from clm.base import clock

    world.now = clock.now()
    world.model()
    ago = {days: str(world.setting.today - timedelta(days=days)) for days in (335, 333, 312, 10)}
    walk(world, ("discovery", ago[335]), ("engagement", ago[312]))
    walk(world, ("discovery", ago[333]))
    walk(world, ("discovery", ago[10]))
    return world


def test_the_usual_period_has_ended_long_enough_ago_to_tell_conversion(
    lately: World, sign_in: SignIn, analyst: User
) -> None:
    client = sign_in(analyst)

    page = client.get("/lifecycle/stages/conversion/").context
    told = client.get("/api/v1/metrics/stage-conversion/?breakdown=stage").json()

    today = lately.setting.today
    last = today - timedelta(days=31)
    assert page["asking"].period == Period(last - timedelta(days=364), last)
    onward = page["board"].onward
    assert onward.by_key["discovery"].result.value == Decimal("0.5")
    assert (onward.as_json()["rows"], onward.as_json()["question"]) == (told["rows"], told["question"])


@pytest.mark.parametrize(
    ("path", "ended"), [("", 61), ("conversion/", 61), ("drop-off/", 31), ("time/", 61), ("flow/", 31)]
)
def test_a_longer_wait_needs_an_earlier_period_but_not_to_be_stalled(
    lately: World, sign_in: SignIn, analyst: User, path: str, ended: int
) -> None:
    days = "" if path == "flow/" else "?days=60"

    page = sign_in(analyst).get(f"/lifecycle/stages/{path}{days}")

    assert page.context["asking"].period.last == lately.setting.today - timedelta(days=ended)


@pytest.mark.parametrize(
    "query", ["", "period=30d", "from={first}&to={last}", "from={first}&to={last}&as_of={last}"]
)
def test_page_and_api_give_the_same_of_past_periods_too(
    lately: World, sign_in: SignIn, analyst: User, query: str
) -> None:
    """Conversion and drop-off without a period too: both know the usual one."""
    client, today = sign_in(analyst), lately.setting.today
    asked = query.format(first=today - timedelta(days=50), last=today - timedelta(days=20))

    def told(slug: str, more: str = "") -> tuple[Any, Any]:
        found = client.get(f"/api/v1/metrics/{slug}/?{asked}&{more}").json()
        return found["total"], found["rows"]

    def shown(answer: Answer) -> tuple[Any, Any]:
        return answer.as_json()["total"], answer.as_json()["rows"]

    overview = client.get(f"/lifecycle/stages/?{asked}").context["board"]
    conversion = client.get(f"/lifecycle/stages/conversion/?{asked}").context["board"]
    dropped = client.get(f"/lifecycle/stages/drop-off/?{asked}").context["page"]
    time = client.get(f"/lifecycle/stages/time/?{asked}").context["board"]

    assert shown(overview.answers["onward"]) == told("stage-conversion", "breakdown=stage")
    assert shown(overview.answers["dropped"]) == told("stage-drop-off", "breakdown=stage")
    assert shown(conversion.pairs) == told("stage-to-stage")
    listed = client.get(f"/api/v1/stage-drop-offs/?{asked}").json()["results"]
    assert [one.customer_id for one in dropped.rows] == [one["customer"] for one in listed]
    assert shown(time.curve) == told("stage-survival")
    if asked:
        assert shown(overview.answers["entered"]) == told("stage-entries", "breakdown=stage")
        stock = {
            row["keys"]["stage"]: row["result"]["value"]
            for row in told("customers-per-stage", "breakdown=stage")[1]
        }
        at_end = {line.stage.slug: str(line.end.value) for line in overview.lines}
        assert {name: stock.get(name, "0") for name in at_end} == at_end


def test_the_note_on_the_usual_period_names_the_day_that_is_shown(
    lately: World, sign_in: SignIn, analyst: User
) -> None:
    client = sign_in(analyst)

    today = client.get("/lifecycle/stages/").text
    then = client.get("/lifecycle/stages/?as_of=2025-06-30").text

    assert "shown as of today" in today
    assert "shown as of Jun 30, 2025;" in then
    assert "as of today" not in then


def test_an_old_log_is_told_only_where_the_period_ends_with_it(
    lately: World, sign_in: SignIn, analyst: User
) -> None:
    lately.order(lately.customer(), str(lately.setting.today - timedelta(days=100)))
    client = sign_in(analyst)

    ends_there = client.get("/lifecycle/stages/conversion/").text
    ends_earlier = client.get("/lifecycle/stages/conversion/?days=180").text

    told = "The newest order is of"
    assert (told in ends_there, told in ends_earlier) == (True, False)
    assert "shown as of today" in ends_earlier
