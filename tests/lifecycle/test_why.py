"""The rule that moved a customer, and the facts behind it, are the same on the page, in the list and over the API."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.days import end_of
from customers.models import Customer
from lifecycle.models import LifecycleModel, Rule, StagePeriod
from lifecycle.publishing import open_draft, publish
from lifecycle.replay import replay
from tests.factories import CustomerFactory
from tests.lifecycle.shop import buyer, six_stages, stage_of, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def client(sign_in: Any, marketer: User) -> Client:
    client: Client = sign_in(marketer)
    return client


def stage_told(client: Client, customer: Customer, query: str = "") -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/api/v1/customers/{customer.pk}/stage/{query}").json()
    return told


def words(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.fixture
def moved_on(model: LifecycleModel) -> Customer:
    """Engaged, by a rule for who is in Discovery for at least five days: nine days ago they were seen first."""
    draft = open_draft(model, by=None)
    five_days = {"model": model.slug, "stages": ["discovery"], "for_days": 5}
    draft.rules.filter(stage__slug="engagement").update(
        condition={"condition": "in_stage", "parameters": five_days}
    )
    publish(draft, by=None)
    customer: Customer = CustomerFactory(first_seen_at=clock.now() - timedelta(days=9))
    list(replay(draft))
    assert stage_of(customer) == "engagement"
    return customer


@pytest.mark.parametrize("days_ago", [0, 1])
def test_a_rule_that_asks_for_days_in_a_stage_of_its_own_model_holds_after_it_led_out_of_it(
    moved_on: Customer, client: Client, days_ago: int
):
    query = f"?as_of={(clock.now() - timedelta(days=days_ago)).date()}" if days_ago else ""
    why = stage_told(client, moved_on, query)["why"]
    page = words(client, f"/customers/{moved_on.pk}/{query}")
    hover = words(client, f"/customers/{moved_on.pk}/why/{query}")

    since = f"is in Discovery since {moved_on.first_seen_at.date()}"
    assert (why["holds"], why["missing"]) == (True, [])
    (leaf,) = why["leaves"]
    assert (leaf["holds"], leaf["have"]) == (True, since)
    assert [fact["label"] for fact in leaf["facts"]] == ["Discovery"]
    for told in (page, hover):
        assert "does not hold any more" not in told
        assert since in told


def test_a_newer_version_does_not_change_which_rule_moved_them(model: LifecycleModel, client: Client):
    customer = buyer(200)
    moved_by = Rule.objects.get(stage__slug="churned")
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="churned").update(
        labels={"en": "Gone for a quarter"}, condition={"condition": "lapsed", "parameters": {"days": 90}}
    )
    publish(draft, by=None)
    work_off()

    told = stage_told(client, customer)

    assert told["period"]["rule"] == told["why"]["id"] == moved_by.pk
    assert (told["why"]["version"], told["why"]["rule"]) == (1, str(moved_by))
    assert f"The rule “{moved_by}” (version 1)" in words(client, f"/customers/{customer.pk}/")
    assert {rule["version"] for rule in told["elsewhere"]} == {2}


def test_a_rule_that_holds_no_more_tells_what_it_said_on_the_day_of_entry(
    model: LifecycleModel, client: Client
):
    customer = buyer(20)
    draft = open_draft(model, by=None)
    once = {"condition": "purchase_days", "parameters": {"at_least": 1, "within_days": 10}}
    draft.rules.exclude(stage__slug="conversion").delete()
    draft.rules.update(condition=once)
    publish(draft, by=None)
    list(replay(draft))

    why = stage_told(client, customer)["why"]

    entered = StagePeriod.objects.live().get(customer=customer, left_at=None).entered_at
    assert (why["holds"], why["missing"]) == (False, ["1 more purchase day"])
    assert [(leaf["holds"], len(leaf["facts"])) for leaf in why["leaves"]] == [(True, 1)]
    zone = Organisation.objects.current().tz
    assert datetime.fromisoformat(why["told_as_of"]) == end_of(entered.astimezone(zone).date(), zone)


def test_when_the_stage_may_change_by_itself_is_told_of_the_present_only(
    model: LifecycleModel, client: Client
):
    customer = buyer(20)
    day = (clock.now() - timedelta(days=5)).date()

    assert stage_told(client, customer)["next_due"] is not None
    assert stage_told(client, customer, f"?as_of={day}")["next_due"] is None


DENIED = {
    "not": {
        "any": [
            {"condition": "purchased_within", "parameters": {"days": 30}},
            {"condition": "event", "parameters": {"names": ["email.clicked"], "within_days": 30}},
        ]
    }
}


def test_a_denied_group_is_bracketed_and_explained_test_by_test(client: Client, model: LifecycleModel):
    """Silent: neither bought nor clicked in 30 days. Who is there is told both; who bought is told what stands in the way."""
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="churned").update(condition=DENIED, priority=1)
    publish(draft, by=None)
    silent, lively = buyer(40, name="Sia Silent"), buyer(3, name="Liv Lively")

    there, missing = stage_told(client, silent), stage_told(client, lively)
    page = words(client, f"/customers/{silent.pk}/")
    panel = words(client, f"/customers/{lively.pk}/stages/{model.slug}/missing/")

    assert there["period"]["stage"] == "churned"
    said = there["why"]["sentence"]
    assert re.fullmatch(r"not: \(.+ or .+\)", said)
    assert [leaf["holds"] for leaf in there["why"]["leaves"]] == [True, True]
    assert there["why"]["missing"] == []
    (way,) = [way for way in missing["ways"] if way["stage"] == "churned"]
    (need,) = way["needs"]
    assert need["test"].startswith("not: ")
    assert need["have"] == "last purchase 3 days ago"
    assert need["test"][1:] in unescape(panel)
    assert unescape(said[1:]) in unescape(page)


def test_who_was_moved_at_first_sight_came_out_of_the_first_stage(client: Client, model: LifecycleModel):
    """No stay in Discovery was kept of them, and still the rule for who is there moved them."""
    draft = open_draft(model, by=None)
    here = {"condition": "in_stage", "parameters": {"model": model.slug, "stages": ["discovery"]}}
    bought = {"condition": "purchase_days", "parameters": {"at_least": 1}}
    draft.rules.filter(stage__slug="conversion").update(condition={"all": [here, bought]}, priority=1)
    draft.rules.exclude(stage__slug="conversion").delete()
    publish(draft, by=None)
    customer = buyer(20)
    list(replay(draft))

    told = stage_told(client, customer)

    assert (told["period"]["stage"], told["period"]["entered_at"]) == (
        "conversion",
        told["visits"][0]["first_entered_at"],
    )
    assert (told["why"]["holds"], told["why"]["missing"]) == (True, [])
    assert told["why"]["leaves"][0]["have"].startswith("is in Discovery since ")
    assert "does not hold any more" not in words(client, f"/customers/{customer.pk}/")
