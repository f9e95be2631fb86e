"""Scores through the API: set up, listed, explained; refusals change nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import IdealProfile, Scoring
from tests.customers.scored import did, from_country, profile, signals, viewed, weighs
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., Client]


def test_a_profile_is_made_changed_and_deleted(api: Api, marketer: User) -> None:
    client = api(marketer)
    made = client.post("/api/v1/ideal-profiles/", {"name": "Danes", "tests": [weighs(30)]})
    address, version = made.headers["Location"], made.headers["ETag"]

    changed = client.patch(address, {"name": "Northerners"}, headers={"If-Match": version})
    late = client.patch(address, {"name": "Others"}, headers={"If-Match": version})

    assert (made.status_code, changed.json()["name"], late.status_code) == (201, "Northerners", 412)
    assert client.patch(address, {"name": "Others"}).status_code == 428
    assert client.get(address).json() == client.get("/api/v1/ideal-profiles/").json()["results"][0]
    assert client.delete(address).status_code == 204
    assert IdealProfile.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"name": "X", "tests": []},
        {"name": "X", "tests": [weighs(0)]},
        {"name": "X", "tests": [3]},
        {"name": "X", "tests": "y"},
    ],
)
def test_a_profile_without_sense_is_refused(api: Api, marketer: User, body: dict[str, object]) -> None:
    answer = api(marketer).post("/api/v1/ideal-profiles/", body)

    assert answer.status_code == 400
    assert "tests" in answer.json()["fields"] if "fields" in answer.json() else "tests" in str(answer.json())
    assert IdealProfile.objects.count() == 0


def test_what_shows_interest_is_read_and_changed(api: Api, marketer: User) -> None:
    client = api(marketer)
    read = client.get("/api/v1/scoring/")

    changed = client.patch(
        "/api/v1/scoring/", {"signals": [viewed()]}, headers={"If-Match": read.headers["ETag"]}
    )
    refused = client.patch("/api/v1/scoring/", {"signals": [{"event": 3}]}, headers={"If-Match": "*"})

    assert (changed.status_code, refused.status_code) == (200, 400)
    assert changed.json()["signals"] == [viewed()] == Scoring.objects.get().signals


def test_scores_are_listed_counted_and_explained(api: Api, marketer: User, owner: User) -> None:
    dane = from_country("DK", owner=owner)
    swede = from_country("SE")
    profile()
    did(dane)
    signals(viewed(points=60))
    client, rep = api(marketer), api(owner)

    listed = client.get("/api/v1/scores/?ordering=-fit").json()["results"]
    why = client.get(f"/api/v1/customers/{dane.pk}/score/").json()
    counts = {
        cell["grade"]: cell["customers"] for cell in client.get("/api/v1/scores/matrix/").json()["results"]
    }

    assert [(row["customer"], row["fit"], row["interest"]) for row in listed] == [
        (dane.pk, 100, 60),
        (swede.pk, 0, 0),
    ]
    assert [row["customer"] for row in client.get("/api/v1/scores/?grade=D4").json()["results"]] == [swede.pk]
    assert (why["grade"], why["fit"], why["interest"]) == ("A1", 100, 60)
    assert why["profiles"][0]["tests"] == [{"test": "country is Denmark", "weight": 10, "holds": True}]
    assert [(one["event"], one["left"]) for one in why["traces"]] == [("page.viewed", 60.0)]
    assert (counts["A1"], counts["D4"], sum(counts.values())) == (1, 1, 2)
    then = client.get(f"/api/v1/customers/{dane.pk}/score/?as_of=2020-01-01").json()
    assert (then["fit"], then["interest"]) == (100, 0)
    assert [row["customer"] for row in rep.get("/api/v1/scores/").json()["results"]] == [dane.pk]
    assert rep.get(f"/api/v1/customers/{swede.pk}/score/").status_code == 404


def test_a_threshold_is_set_changed_and_deleted(api: Api, marketer: User, owner: User) -> None:
    client = api(marketer)
    body = {"name": "Hot", "fit": 75, "interest": 50, "action": "qualify", "owner": owner.pk}
    made = client.post("/api/v1/thresholds/", body)
    address = made.headers["Location"]

    changed = client.patch(address, {"owner": None}, headers={"If-Match": made.headers["ETag"]})
    late = client.patch(address, {"fit": 3}, headers={"If-Match": made.headers["ETag"]})
    refused = client.patch(address, {"fit": 0, "interest": 0}, headers={"If-Match": "*"})

    assert (made.status_code, made.json()["owner"], changed.json()["owner"]) == (201, owner.pk, None)
    assert (late.status_code, refused.status_code) == (412, 400)
    assert client.get("/api/v1/thresholds/").json()["results"] == [client.get(address).json()]
    assert client.delete(address).status_code == 204


def test_the_best_customers_are_told_to_those_who_see_metrics(api: Api, marketer: User, owner: User) -> None:
    OrderFactory(occurred_at=clock.now() - timedelta(days=2))

    told = api(marketer).get("/api/v1/best-customers/?days=30").json()

    assert (told["best"], told["customers"], told["share"], told["revenue"]) == (1, 1, 1.0, "100.0000")
    assert api(marketer).get("/api/v1/best-customers/?days=0").status_code == 400
    assert api(owner).get("/api/v1/best-customers/").status_code == 403
