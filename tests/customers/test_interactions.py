"""Notes, calls and meetings: written, corrected, taken back; on pages and at the API."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import ApiKey, AuditEntry
from clm.accounts.models.api_key import Scope
from clm.base import clock
from customers import interactions
from customers.interactions import NotTheWriter
from customers.leads.opening import open_lead
from customers.leads.pursuing import Next
from customers.models import Arrival, Customer, Interaction, Lead, LeadState
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)


@pytest.fixture
def lead(owner, ada) -> Lead:
    return open_lead(by=owner, customer=ada, values={"title": "Ten licences"})


def live() -> list[tuple[str, str]]:
    return list(Interaction.objects.live().order_by("pk").values_list("kind", "text"))


def test_a_note_is_a_fact_that_the_evaluation_hears_of(owner, ada):
    noted = interactions.note(ada, by=owner, text="  Prefers e-mail\r\nin the morning ")

    assert (noted.text, noted.actor, noted.customer) == ("Prefers e-mail\nin the morning", owner, ada)
    assert Arrival.objects.filter(customer=ada, since=noted.occurred_at).exists()
    assert AuditEntry.objects.get(action="interaction.note_logged").actor == owner


def test_a_call_is_outgoing_and_reached_unless_it_says_otherwise(owner, ada):
    called = interactions.log_call(ada, by=owner, values={"minutes": 12})

    assert (called.direction, called.outcome, called.minutes) == ("out", "reached", 12)


def test_what_happened_before_the_customer_was_known_makes_them_known_earlier(owner, ada):
    earlier = ada.first_seen_at - timedelta(days=3)

    interactions.log_meeting(ada, by=owner, values={"occurred_at": earlier})

    assert Customer.objects.get(pk=ada.pk).first_seen_at == earlier


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("note", {"text": "  "}, "text"),
        ("note", {"text": "x" * 20_001}, "text"),
        ("note", {"text": "a\x00b"}, "text"),
        ("note", {"text": "a", "minutes": 3}, "minutes"),
        ("meeting", {"outcome": "reached"}, "outcome"),
        ("call", {"outcome": "asleep"}, "outcome"),
        ("call", {"minutes": 1441}, "minutes"),
        ("call", {"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(owner, ada, kind, values, field):
    with pytest.raises(ValidationError) as refusal:
        interactions.record(ada, kind, by=owner, values=values)

    assert list(refusal.value.message_dict) == [field]
    assert not Interaction.objects.exists()


def test_nothing_is_logged_that_lies_in_the_future(owner, ada):
    with pytest.raises(ValidationError, match="Plan it as a task"):
        interactions.log_call(ada, by=owner, values={"occurred_at": clock.now() + timedelta(hours=1)})

    assert not Interaction.objects.exists()


def test_sent_twice_it_is_written_once(owner, ada):
    first = interactions.note(ada, by=owner, text="Once", token="t")
    second = interactions.note(ada, by=owner, text="Once", token="t")
    other = interactions.note(ada, by=owner, text="Something else", token="t")

    assert first == second != other
    assert live() == [("note", "Once"), ("note", "Something else")]


def test_speaking_to_the_customer_contacts_the_lead_and_plans_what_is_next(owner, ada, lead):
    interactions.log_call(ada, by=owner, lead=lead, values={"outcome": "no_answer"}, then=Next("Call again"))
    lead.refresh_from_db()
    tried = (lead.status, lead.next_action, lead.contacted_at)

    interactions.log_call(ada, by=owner, lead=lead, then=Next("Send prices"))

    lead.refresh_from_db()
    assert tried == ("new", "Call again", None)
    assert (lead.status, lead.next_action) == ("contacted", "Send prices")
    assert LeadState.objects.filter(lead=lead).count() == 3


def test_the_lead_of_another_customer_is_refused(owner, lead):
    with pytest.raises(ValidationError, match="another customer"):
        interactions.note(CustomerFactory(), by=owner, text="Here", lead=lead)

    assert not Interaction.objects.exists()


def test_a_correction_supersedes_and_what_was_known_before_stays_known(owner, ada):
    noted = interactions.note(ada, by=owner, text="Wants forty")
    then = clock.now()

    corrected = interactions.correct(noted, by=owner, values={"text": "Wants fourteen"})

    assert (corrected.root, corrected.occurred_at) == (noted.root, noted.occurred_at)
    assert live() == [("note", "Wants fourteen")]
    assert Interaction.objects.known(then).get().text == "Wants forty"
    assert interactions.correct(noted, by=owner, values={"text": "Wants fourteen"}) == corrected


def test_what_is_taken_back_can_be_put_back(owner, ada):
    noted = interactions.note(ada, by=owner, text="Wrong customer")

    interactions.take_back(noted, by=owner)
    gone = live()
    interactions.put_back(noted, by=owner)
    interactions.put_back(noted, by=owner)

    assert (gone, live()) == ([], [("note", "Wrong customer")])


def test_only_the_writer_changes_it(owner, teammate, ada):
    noted = interactions.note(ada, by=owner, text="Mine")

    for verb in (interactions.correct, interactions.take_back, interactions.put_back):
        with pytest.raises(NotTheWriter):
            verb(
                noted, by=teammate, **({"values": {"text": "Yours"}} if verb is interactions.correct else {})
            )

    assert live() == [("note", "Mine")]


def test_the_timeline_shows_it_as_plain_text_with_the_writer(sign_in, owner, teammate, ada):
    interactions.note(ada, by=owner, text="<script>alert(1)</script>\nSecond line")
    interactions.log_call(ada, by=owner, values={"outcome": "no_answer"})

    mine, theirs = (
        sign_in(person).get(f"/customers/{ada.pk}/timeline/").content.decode() for person in (owner, teammate)
    )

    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>Second line" in mine
    assert "Called, no answer" in mine
    assert ("Take back" in mine, "Take back" in theirs) == (True, False)
    only = sign_in(owner).get(f"/customers/{ada.pk}/timeline/?only=calls").context["stretch"].entries
    assert [entry.title for entry in only] == ["Called, no answer"]


def test_a_strangers_pages_are_not_there_and_a_teammates_note_is_not_to_be_changed(
    sign_in, owner, teammate, stranger, ada, lead
):
    noted = interactions.note(ada, by=owner, text="Mine", lead=lead)
    addresses = [f"/customers/{ada.pk}/interactions/new/?kind=note", f"/leads/{lead.pk}/interactions/new/?kind=note",
                 f"/interactions/{noted.root}/edit/"]  # fmt: skip

    told = {
        person.name: [
            sign_in(person).post(address, {"text": "Other"}).status_code for address in addresses[2:]
        ]
        for person in (teammate, stranger)
    }
    closed = [sign_in(stranger).post(address, {"text": "Other"}).status_code for address in addresses]

    assert told == {"Tom": [403], "Stig": [404]}
    assert closed == [404, 404, 404]
    assert live() == [("note", "Mine")]


def test_the_forms_work_without_htmx(sign_in, owner, ada, lead):
    client = sign_in(owner)

    refused = client.post(f"/customers/{ada.pk}/interactions/new/?kind=note", {"text": ""})
    made = client.post(
        f"/leads/{lead.pk}/interactions/new/?kind=call",
        {"outcome": "reached", "direction": "in", "minutes": "5", "next_action": "Send prices"},
    )
    root = Interaction.objects.get().root
    form = client.get(f"/interactions/{root}/edit/").context["form"]
    changed = client.post(f"/interactions/{root}/edit/", {"text": "Nice", "outcome": "reached", "direction": "in",
                          "occurred_at": form["occurred_at"].value().strftime("%Y-%m-%dT%H:%M")})  # fmt: skip

    assert (refused.status_code, made.status_code, changed.status_code) == (422, 302, 302)
    assert made.headers["Location"] == f"/leads/{lead.pk}/"
    first, last = Interaction.objects.order_by("pk")
    assert (first.occurred_at, first.minutes, first.text) == (last.occurred_at, 5, "")
    assert (last.minutes, last.text) == (None, "Nice")


def test_the_pages_ask_no_more_for_many_than_for_few(sign_in, owner, ada, lead):
    client = sign_in(owner)
    interactions.note(ada, by=owner, text="One", lead=lead)
    addresses = [f"/customers/{ada.pk}/", f"/customers/{ada.pk}/timeline/", f"/leads/{lead.pk}/",
                 f"/leads/{lead.pk}/interactions/", f"/customers/{ada.pk}/interactions/new/?kind=call"]  # fmt: skip
    few = {address: _asked(client, address) for address in addresses}

    for number in range(40):
        interactions.note(ada, by=owner, text=str(number), lead=lead)

    many = {address: _asked(client, address) for address in addresses}
    assert all(many[address] <= few[address] <= 12 for address in addresses), (few, many)


def _asked(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture
def api(client, owner):
    """Calls of the API as the owner: `api("post", "interactions/", {...})`."""
    token = ApiKey.objects.issue(name="Desk", scope=Scope.WRITE, owner=owner, by=owner)[1]

    def call(method: str, path: str, body=None, **headers: str):
        given = {
            "content_type": "application/json",
            "headers": {"Authorization": f"Bearer {token}", **headers},
        }
        return getattr(client, method)(f"/api/v1/{path}", body or {}, **given)

    return call


def test_the_api_writes_corrects_and_takes_back(api, ada, lead):
    body = {"lead": lead.pk, "kind": "call", "minutes": 7, "text": "Wants forty"}
    made = api("post", "interactions/", body, **{"Idempotency-Key": "a"})
    again = api("post", "interactions/", body, **{"Idempotency-Key": "a"})
    address = made.headers["Location"].removeprefix("/api/v1/")

    blind = api("patch", address, {"text": "Wants ten"})
    changed = api("patch", address, {"text": "Wants ten"}, **{"If-Match": made.headers["ETag"]})
    stale = api("patch", address, {"text": "Wants one"}, **{"If-Match": made.headers["ETag"]})
    listed = api("get", f"interactions/?kind=call&lead={lead.pk}").json()["results"]
    gone = api("delete", address, **{"If-Match": changed.headers["ETag"]})

    assert (made.status_code, again.json()) == (201, made.json())
    assert made.json()["customer"] == ada.pk
    assert [one.status_code for one in (blind, changed, stale, gone)] == [428, 200, 412, 204]
    assert [(one["id"], one["text"]) for one in listed] == [(made.json()["id"], "Wants ten")]
    assert api("get", address).status_code == 404
    assert live() == []


def test_the_api_refuses_by_field(api, ada):
    hidden = CustomerFactory()
    refused = [
        api("post", "interactions/", body)
        for body in (
            {"customer": hidden.pk, "kind": "note", "text": "x"},
            {"kind": "note", "text": "x"},
            {"customer": ada.pk, "kind": "note", "minutes": 3, "text": "x"},
            {"customer": ada.pk, "kind": "party", "text": "x"},
            {"customer": ada.pk, "kind": "call", "occurred_at": "2999-01-01T00:00:00Z"},
        )
    ]

    assert [one.status_code for one in refused] == [400] * 5
    assert [one.json()["errors"][0]["attr"] for one in refused] == [
        "customer", "customer", "minutes", "kind", "occurred_at"
    ]  # fmt: skip
    assert live() == []
