"""Segments through the API: made, read, changed, filled, deleted; refusals change nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Job, User
from customers.merging.merge import merge
from customers.models import Customer, Segment, SegmentMember
from customers.segments import computing, filling, keeping
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., Client]
BOUGHT = {"condition": "orders", "parameters": {"at_least": 1}}


def dynamic(by: User, name: str = "Buyers", conditions: Any = BOUGHT, **more: Any) -> Segment:
    return keeping.create(by=by, name=name, kind="dynamic", conditions=conditions, **more)


def static(by: User) -> Segment:
    return keeping.create(by=by, name="VIPs", kind="static")


def test_a_segment_is_made_and_read(api: Api, marketer: User) -> None:
    OrderFactory()
    client = api(marketer)

    made = client.post("/api/v1/segments/", {"name": "Buyers", "kind": "dynamic", "conditions": BOUGHT})
    read = client.get(made.headers["Location"])

    assert (made.status_code, made.json()["count"], made.json()["status"]) == (201, 1, "fresh")
    assert read.json() == made.json()
    assert read.headers["ETag"] == made.headers["ETag"]
    assert [row["slug"] for row in client.get("/api/v1/segments/").json()["results"]] == ["buyers"]


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"name": "X", "kind": "dynamic"}, "conditions", "Add at least one test."),
        ({"name": "X", "kind": "static", "conditions": BOUGHT}, "conditions", "has no conditions"),
        ({"name": "X", "kind": "dynamic", "conditions": {"all": []}}, "conditions", "at least one test"),
        ({"name": "X", "kind": "dynamic", "conditions": [1]}, "conditions", "expected a group or a test"),
        (
            {"name": "X", "kind": "dynamic", "conditions": {"condition": "orders", "parameters": {"at_least": 10**15}}},
            "conditions",
            "too large",
        ),
        (
            {"name": "X", "kind": "dynamic", "conditions": {"condition": "in_segment", "parameters": {"segment": "?"}}},
            "conditions",
            "There is no segment “?”",
        ),
        ({"name": "taken", "kind": "static"}, "name", "Another segment has this name."),
        ({"name": " ", "kind": "static"}, "name", "blank"),
        ({"name": "X", "kind": "magic"}, "kind", "not a valid choice"),
        ({"name": "X", "kind": "static", "colour": "red"}, "colour", "no such field"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_at_its_field(
    api: Api, marketer: User, body: dict[str, Any], field: str, told: str
) -> None:
    keeping.create(by=marketer, name="Taken", kind="static")

    answer = api(marketer).post("/api/v1/segments/", body)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["attr"] == field
    assert told in error["detail"]
    assert Segment.objects.count() == 1


def test_a_change_needs_the_version_that_was_read(api: Api, marketer: User) -> None:
    segment, client = dynamic(marketer), api(marketer)
    address = f"/api/v1/segments/{segment.pk}/"
    version = client.get(address).headers["ETag"]

    missing = client.patch(address, {"name": "Better"})
    done = client.patch(address, {"name": "Better"}, headers={"If-Match": version})
    stale = client.patch(address, {"name": "Worse"}, headers={"If-Match": version})

    assert (missing.status_code, done.status_code, stale.status_code) == (428, 200, 412)
    assert stale.json()["current"]["name"] == "Better"


def test_one_in_use_is_not_deleted(api: Api, marketer: User) -> None:
    segment, client = dynamic(marketer), api(marketer)
    outer = dynamic(marketer, "Outer", {"condition": "in_segment", "parameters": {"segment": segment.slug}})

    refused = client.delete(f"/api/v1/segments/{segment.pk}/")
    gone = client.delete(f"/api/v1/segments/{outer.pk}/")

    assert refused.status_code == 409
    assert "the segment “Outer”" in refused.json()["errors"][0]["detail"]
    assert gone.status_code == 204
    assert list(Segment.objects.values_list("pk", flat=True)) == [segment.pk]


def test_members_come_and_go_in_batches(api: Api, marketer: User) -> None:
    ada, bob = CustomerFactory(name="Ada", external_id="A-1"), CustomerFactory(name="Bob")
    segment, client = static(marketer), api(marketer)
    address = f"/api/v1/segments/{segment.pk}/members/"

    added = client.post(f"{address}batch/", {"add": [ada.pk, bob.pk, 999_999]}).json()
    again = client.post(f"{address}batch/", {"add": [ada.pk], "remove": [bob.pk]}).json()

    assert added == {"added": 2, "removed": 0, "unknown": [999_999], "count": 2}
    assert again == {"added": 0, "removed": 1, "unknown": [], "count": 1}
    (row,) = client.get(address).json()["results"]
    assert (row["customer"], row["external_id"], row["name"]) == (ada.pk, "A-1", "Ada")


def test_who_was_merged_into_another_comes_and_goes_as_that_one(api: Api, marketer: User) -> None:
    gone, kept, other = (CustomerFactory(name=name) for name in ("Ada", "Ada Berg", "Bob"))
    merge(gone, kept, by=marketer)
    segment = static(marketer)
    address = f"/api/v1/segments/{segment.pk}/members/"

    added = api(marketer).post(f"{address}batch/", {"add": [gone.pk, kept.pk, other.pk]}).json()
    members = {row["customer"] for row in api(marketer).get(address).json()["results"]}
    removed = api(marketer).post(f"{address}batch/", {"remove": [gone.pk]}).json()

    assert (added, members) == (
        {"added": 2, "removed": 0, "unknown": [], "count": 2},
        {kept.pk, other.pk},
    )
    assert removed == {"added": 0, "removed": 1, "unknown": [], "count": 1}


@pytest.mark.parametrize("body", [{}, {"add": [1] * 1001}, {"add": ["x"]}, {"add": 7}, {"add": [2**70]}])
def test_a_batch_that_makes_no_sense_moves_nobody(api: Api, marketer: User, body: dict[str, Any]) -> None:
    segment = static(marketer)

    answer = api(marketer).post(f"/api/v1/segments/{segment.pk}/members/batch/", body)

    assert answer.status_code == 400
    assert not SegmentMember.objects.exists()


def test_conditions_are_not_overruled_by_hand(api: Api, marketer: User) -> None:
    segment, customer = dynamic(marketer), CustomerFactory()

    answer = api(marketer).post(f"/api/v1/segments/{segment.pk}/members/batch/", {"add": [customer.pk]})

    assert answer.status_code == 409
    assert not SegmentMember.objects.exists()


def test_who_entered_since_is_asked_page_by_page(api: Api, marketer: User) -> None:
    segment, client = static(marketer), api(marketer)
    for _n in range(3):
        CustomerFactory()
    filling.add(segment, Customer.objects.all(), by=marketer)
    entered = segment.periods().first().entered_at
    address = f"/api/v1/segments/{segment.pk}/members/"

    first = client.get(f"{address}?page_size=2").json()
    later = client.get(address, {"entered_since": (entered + timedelta(seconds=1)).isoformat()}).json()
    wrong = client.get(f"{address}?entered_since=yesterday")

    assert len(first["results"]) == 2
    assert len(client.get(first["next"]).json()["results"]) == 1
    assert later["results"] == []
    assert wrong.status_code == 400


def test_a_refresh_is_done_or_becomes_a_job(
    api: Api, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment, client = dynamic(marketer), api(marketer)
    OrderFactory()
    OrderFactory()

    done = client.post(f"/api/v1/segments/{segment.pk}/refresh/")
    monkeypatch.setattr(computing, "AT_ONCE", 1)
    queued = client.post(f"/api/v1/segments/{segment.pk}/refresh/")

    assert (done.status_code, done.json()["count"]) == (200, 2)
    assert (queued.status_code, queued.json()["status"]) == (202, "queued")
    assert Job.objects.filter(kind=computing.JOB_KIND).count() == 1
    assert client.post(f"/api/v1/segments/{static(marketer).pk}/refresh/").status_code == 409


def test_a_rep_reads_but_of_the_own_customers_only(api: Api, marketer: User, owner: User) -> None:
    OrderFactory(customer=CustomerFactory(name="Ada", owner=owner))
    OrderFactory()
    segment = dynamic(marketer)
    private = dynamic(marketer, "Mine", is_shared=False)
    client = api(owner)

    assert client.get(f"/api/v1/segments/{segment.pk}/").json()["count"] is None
    members = client.get(f"/api/v1/segments/{segment.pk}/members/").json()["results"]
    assert [row["name"] for row in members] == ["Ada"]
    assert client.get(f"/api/v1/segments/{private.pk}/").status_code == 404
    assert client.delete(f"/api/v1/segments/{segment.pk}/").status_code == 403
