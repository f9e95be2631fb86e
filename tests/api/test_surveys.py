"""Surveys and answers through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Invitation, Response, Survey
from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer
from tests.campaigns.surveyed import answered
from tests.factories import CustomerFactory

BATCH = "/api/v1/responses/batch/"
Api = Callable[..., Client]


def given(key: str = "1", score: object = 9, **more: Any) -> dict[str, Any]:
    return {
        "email": "ada@example.com",
        "key": key,
        "occurred_at": "2026-03-01T12:00:00Z",
        "score": score,
    } | more


def test_answers_are_added_amended_unchanged_or_refused_each_for_itself(api: Api, marketer: User) -> None:
    client = api(marketer)
    client.post(BATCH, {"source": "helpdesk", "items": [given("1"), given("2")]})

    items = [
        given("1"),
        given("2", 4, text="Slow"),
        given("3", 0, language="da-DK"),
        given("4", 11),
        given(""),
    ]
    body = client.post(BATCH, {"source": "helpdesk", "items": items}).json()

    assert [one["status"] for one in body["results"]] == [
        "unchanged",
        "amended",
        "added",
        "refused",
        "refused",
    ]
    assert [one["error"] and one["error"]["attr"] for one in body["results"][3:]] == ["score", "key"]
    live = Response.objects.live().order_by("key").values_list("key", "score", "text", "language", "via")
    assert list(live) == [
        ("1", 9, "", "", "elsewhere"),
        ("2", 4, "Slow", "", "elsewhere"),
        ("3", 0, "", "da", "elsewhere"),
    ]
    assert set(Response.objects.values_list("survey__slug", flat=True)) == {"nps"}
    assert Arrival.objects.filter(customer=Customer.objects.get(email="ada@example.com")).exists()


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({"score": 10.5}, "score"),
        ({"score": "ten"}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"score": -1}, "score"),
        ({"text": "x" * 4001}, "text"),
        ({"survey": "no-such"}, "survey"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"invitation": 1}, "invitation"),
        ({"via": "message"}, "via"),
    ],
)
def test_what_cannot_be_taken_names_the_field(
    api: Api, marketer: User, changes: dict[str, Any], attr: str
) -> None:
    response = api(marketer).post(BATCH, {"source": "helpdesk", "items": [given(**changes)]})

    (result,) = response.json()["results"]
    assert (response.status_code, result["status"], result["error"]["attr"]) == (200, "refused", attr)
    assert Response.objects.count() == 0


def test_a_batch_sent_twice_with_its_key_is_taken_once(api: Api, marketer: User) -> None:
    body, key = {"source": "helpdesk", "items": [given()]}, {"Idempotency-Key": "one"}

    first, again = (api(marketer).post(BATCH, body, headers=key) for _time in range(2))

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Response.objects.count() == 1


def test_answers_are_listed_by_survey_and_group_as_known_then(api: Api, analyst: User) -> None:
    other = Survey.objects.establish(by=None, name="Other")
    now = clock.now()
    first = answered(CustomerFactory(), 3, at=now)
    first.amend(score=10)
    answered(CustomerFactory(), 10, at=now, survey=other)

    def scores(**query: Any) -> list[int]:
        return [row["score"] for row in api(analyst).get("/api/v1/responses/", query).json()["results"]]

    assert scores(survey="nps") == [10]
    assert scores(survey="nps", known_at=first.recorded_at.isoformat()) == [3]
    assert scores(band="detractor") == []
    assert scores(band="promoter") == [10, 10]
    assert api(analyst).get("/api/v1/responses/", {"band": "best"}).status_code == 400


def test_a_rep_sees_the_answers_of_the_own_customers_only(api: Api, owner: User, stranger: User) -> None:
    response = answered(CustomerFactory(owner=owner), 9, at=clock.now(), text="Canary")

    mine, theirs = (api(person).get("/api/v1/responses/").json()["results"] for person in (owner, stranger))

    assert ([row["text"] for row in mine], theirs) == (["Canary"], [])
    assert api(stranger).get(f"/api/v1/responses/{response.pk}/").status_code == 404


def test_surveys_tell_their_words_in_every_language(api: Api, analyst: User) -> None:
    Survey.objects.main()

    (told,) = api(analyst).get("/api/v1/surveys/").json()["results"]

    assert list(told["texts"]) == ["en", "da", "sv", "nl", "de"]
    assert (
        told["texts"]["en"]["question"]
        == "How likely are you to recommend My company to a friend or colleague?"
    )
    assert api(analyst).get("/api/v1/surveys/nps/").json() == told


def test_a_link_is_made_for_a_customer_one_may_see(api: Api, owner: User, stranger: User) -> None:
    Survey.objects.main()
    customer = CustomerFactory(owner=owner)

    made = api(owner).post("/api/v1/surveys/nps/links/", {"customer": customer.pk})
    refused = api(stranger).post("/api/v1/surveys/nps/links/", {"customer": customer.pk})

    assert (made.status_code, refused.status_code) == (201, 404)
    assert made.json()["address"].startswith("http://localhost:8000/answer/")
    assert Invitation.objects.get().customer == customer
