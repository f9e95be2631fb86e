"""Tickets through the API: opened once, changed by version, stepped by resource, sent by the thousand."""

import pytest

from customers.models import Ticket
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
TICKETS = "/api/v1/tickets/"


@pytest.fixture
def ticket(api, owner):
    ada = CustomerFactory(name="Ada", owner=owner, team=owner.team)
    body = {"customer": ada.pk, "subject": "Where is it?", "priority": "high", "type": "problem"}
    answers = [api(owner).post(TICKETS, body, headers={"Idempotency-Key": "one"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].json()
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["Location"] == f"{TICKETS}{answers[0].json()['id']}/"
    return answers[0].json()


def test_a_ticket_is_read_changed_and_stepped(api, owner, stranger, ticket):
    client, home = api(owner), f"{TICKETS}{ticket['id']}/"
    read = client.get(home)
    assert (
        read.json()
        == ticket
        == client.get(TICKETS, {"priority": "high", "is_open": "yes"}).json()["results"][0]
    )
    assert (ticket["owner"], ticket["status"], ticket["source"]) == (owner.pk, "open", "clm")
    assert ticket["due_at"] == ticket["answer_by"] is not None

    changed = client.patch(home, {"priority": "low"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json()["priority"]) == (200, "low")
    assert (
        client.patch(home, {"priority": "low"}, headers={"If-Match": read.headers["ETag"]}).status_code == 412
    )
    assert client.patch(home, {"priority": "low"}).status_code == 428
    steps = [("answer", {"note": "Soon"}, "waiting"), ("reopening", {}, "open"), ("solution", {}, "solved")]
    for step, body, status in [*steps, ("closing", {"note": "Over"}, "closed")]:
        assert client.post(f"{home}{step}/", body).json()["status"] == status
    assert client.post(f"{home}closing/", {}).status_code == 409
    assert client.post(f"{home}merging/", {"into": 987654321}).status_code == 400
    assert (
        client.post(TICKETS, {"customer": ticket["customer"], "subject": "x", "colour": 1}).status_code == 400
    )

    assert (
        api(stranger).get(home).status_code
        == api(stranger).post(f"{home}answer/", {"note": "x"}).status_code
        == 404
    )
    assert api(stranger).get(TICKETS).json()["results"] == []
    assert api(stranger).post(TICKETS, {"customer": ticket["customer"], "subject": "x"}).status_code == 400


def test_two_tickets_become_one(api, owner, ticket):
    other = api(owner).post(TICKETS, {"customer": ticket["customer"], "subject": "Again"}).json()

    kept = api(owner).post(f"{TICKETS}{other['id']}/merging/", {"into": ticket["id"]})

    assert kept.json()["id"] == ticket["id"]
    assert Ticket.objects.get(pk=other["id"]).merged_into_id == ticket["id"]


def test_a_batch_takes_each_for_itself_and_twice_is_once(api, marketer):
    items = [{"key": "1", "email": "ada@example.com", "subject": "Broken", "status": "waiting"},
             {"key": "2", "email": "ada@example.com"}, {"key": "3", "subject": "Whose?"}]  # fmt: skip

    first = api(marketer).post(f"{TICKETS}batch/", {"source": "desk", "items": items})
    again = api(marketer).post(f"{TICKETS}batch/", {"source": "desk", "items": items})

    assert [one["status"] for one in first.json()["results"]] == ["added", "refused", "refused"], first.json()
    assert [one["status"] for one in again.json()["results"]] == ["unchanged", "refused", "refused"]
    assert first.json()["results"][1]["error"]["attr"] == "subject"
    found = api(marketer).get(TICKETS, {"source": "desk", "key": "1"}).json()["results"]
    assert [one["status"] for one in found] == ["waiting"]
