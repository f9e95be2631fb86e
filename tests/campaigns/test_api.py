"""Templates, campaigns, runs, messages and blocked addresses through the API."""

import pytest

from campaigns.models import Campaign, Message, Suppression, Template
from tests.api.conftest import api as api
from tests.campaigns.outreach import message_step, person, put, running, sweep

pytestmark = pytest.mark.django_db
BLOCKS = [{"kind": "text", "text": "Hello {{ customer.first_name }}"}]


def test_a_template_is_made_and_its_text_written(api, marketer) -> None:
    client = api(marketer)

    made = client.post("/api/v1/templates/", {"name": "Welcome"}).json()
    path = f"/api/v1/templates/{made['id']}/texts/da/"
    written = client.put(path, {"subject": "Hej", "blocks": BLOCKS}, headers={"If-Match": "*"})

    assert (written.status_code, written.json()["blocks"]) == (200, BLOCKS)
    listed = client.get(f"/api/v1/templates/{made['id']}/").json()["texts"]
    assert [text["language"] for text in listed] == ["da", "en"]


def test_a_text_that_changed_meanwhile_is_not_written_over(api, marketer) -> None:
    client = api(marketer)
    pk = client.post("/api/v1/templates/", {"name": "Welcome"}).json()["id"]
    path = f"/api/v1/templates/{pk}/texts/en/"
    version = client.get(path).json()["version"]
    first = client.put(path, {"subject": "One", "blocks": BLOCKS}, headers={"If-Match": f'"{version}"'})

    second = client.put(path, {"subject": "Two", "blocks": BLOCKS}, headers={"If-Match": f'"{version}"'})
    without = client.put(path, {"subject": "Two", "blocks": BLOCKS})

    assert (first.status_code, second.status_code, without.status_code) == (200, 412, 428)
    assert second.json()["current"]["subject"] == "One"
    assert Template.objects.get().texts.get(language="en").subject == "One"


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"blocks": [{"kind": "text", "text": "{{ frist_name }}"}]}, "blocks.0.text"),
        ({"blocks": [{"kind": "frame"}]}, "blocks.0"),
        ({"blocks": "text"}, "blocks"),
        ({"subject": "a\r\nBcc: b@example.com"}, "subject"),
        ({"subject": "{% include 'x' %}"}, "subject"),
        ({"subject": 7}, "subject"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_text_is_refused_by_its_place(api, marketer, change, attr) -> None:
    client = api(marketer)
    pk = client.post("/api/v1/templates/", {"name": "Welcome"}).json()["id"]
    body = {"subject": "Hi", "blocks": BLOCKS} | change

    answer = client.put(f"/api/v1/templates/{pk}/texts/en/", body, headers={"If-Match": "*"})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert Template.objects.get().texts.get().subject == ""


def test_a_ready_made_campaign_is_made_once_and_started(api, marketer, stages) -> None:
    client = api(marketer)

    made = client.post("/api/v1/campaigns/", {"preset": "win-back"}).json()
    again = client.post("/api/v1/campaigns/", {"preset": "win-back"}).json()
    started = client.post(f"/api/v1/campaigns/{made['id']}/start/", {})

    assert (made["id"], made["flaws"]) == (again["id"], [])
    assert [step["kind"] for step in made["draft"]["steps"]] == ["message", "wait", "message"]
    assert (started.status_code, started.json()["status"]) == (200, "running")
    assert started.json()["published"]["trigger"]["stages"] == ["churned"]


def test_a_draft_is_written_as_a_whole(api, marketer, stages) -> None:
    client = api(marketer)
    pk = client.post("/api/v1/campaigns/", {"name": "Tips"}).json()["id"]
    template = message_step()["template"]
    draft = {
        "trigger": {"kind": "stage_entered", "model": "swedish-six", "stages": ["loyalty"]},
        "steps": [{"kind": "wait", "wait_amount": 2}, {"kind": "message", "template": template.pk}],
    }

    answer = client.put(f"/api/v1/campaigns/{pk}/draft/", draft)

    assert answer.status_code == 200, answer.json()
    assert [(step["position"], step["kind"]) for step in answer.json()["draft"]["steps"]] == [
        (0, "wait"),
        (1, "message"),
    ]


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"trigger": {"kind": "full_moon"}}, "trigger"),
        ({"trigger": {"kind": "stage_entered", "model": "swedish-six", "stages": ["x"]}}, "trigger"),
        ({"trigger": {"kind": "stage_entered", "model": "swedish-six", "stages": [{}]}}, "trigger"),
        ({"exit_condition": {"condition": "none"}}, "exit_condition"),
        ({"steps": [{"kind": "wait"}]}, "steps.0.wait_amount"),
        ({"steps": [{"kind": "wait", "wait_amount": 366}]}, "steps.0.wait_amount"),
        ({"steps": [{"kind": "wait", "wait_amount": 1001, "wait_unit": "hours"}]}, "steps.0.wait_amount"),
        ({"steps": [{"kind": "message", "template": 987654}]}, "steps.0.template"),
        ({"steps": [{"kind": "exit", "wait_amount": 1}]}, "steps.0.wait_amount"),
    ],
)
def test_a_wrong_draft_is_refused_whole(api, marketer, stages, change, attr) -> None:
    client = api(marketer)
    pk = client.post("/api/v1/campaigns/", {"name": "Tips"}).json()["id"]
    draft = {
        "trigger": {"kind": "stage_entered", "model": "swedish-six", "stages": ["loyalty"]},
        "steps": [],
    } | change

    answer = client.put(f"/api/v1/campaigns/{pk}/draft/", draft)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert Campaign.objects.get().draft().trigger == {}


def test_an_unfinished_campaign_is_not_started(api, marketer, stages) -> None:
    client = api(marketer)
    pk = client.post("/api/v1/campaigns/", {"name": "Tips"}).json()["id"]

    answer = client.post(f"/api/v1/campaigns/{pk}/start/", {})

    assert answer.status_code == 409
    assert Campaign.objects.get().status == "draft"


def test_messages_and_runs_are_told_to_those_who_see_the_customer(api, marketer, owner, stages) -> None:
    running(message_step())
    mine, theirs = person(1, owner=owner), person(2)
    put(mine)
    put(theirs)
    sweep()

    def customers(path: str, user: object) -> set[int]:
        return {row["customer"] for row in api(user).get(path).json()["results"]}

    assert customers("/api/v1/messages/", marketer) == {mine.pk, theirs.pk}
    assert customers("/api/v1/messages/?state=sent", owner) == {mine.pk}
    assert customers("/api/v1/enrollments/?active=true", owner) == {mine.pk}
    assert customers("/api/v1/enrollments/?active=false", marketer) == set()
    hidden = Message.objects.get(customer=theirs)
    assert api(owner).get(f"/api/v1/messages/{hidden.pk}/").status_code == 404
    assert api(marketer).get(f"/api/v1/messages/{hidden.pk}/").json()["state"] == "sent"


def test_an_address_is_blocked_and_allowed_again(api, marketer) -> None:
    client = api(marketer)

    blocked = client.post("/api/v1/suppressions/", {"address": "Ada+x@Example.com"})
    wrong = client.post("/api/v1/suppressions/", {"address": "ada"})
    lifted = client.delete(f"/api/v1/suppressions/{blocked.json()['id']}/")

    assert (blocked.status_code, blocked.json()["address"]) == (201, "ada@example.com")
    assert (wrong.status_code, lifted.status_code) == (400, 204)
    assert Suppression.objects.live().count() == 0
