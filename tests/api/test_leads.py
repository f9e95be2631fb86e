"""Leads through the API: opened once, changed by version, stepped by resource, converted once."""

from decimal import Decimal

import pytest

from clm.accounts.models import AuditEntry
from customers.leads import pursuing
from customers.leads.opening import open_lead
from customers.models import Channel, Customer, Lead, LeadState
from tests.factories import CustomerFactory, LeadFactory

ADA = {"name": "Ada Lovelace", "email": "Ada@Example.com", "country": "gb"}
LEADS = "/api/v1/leads/"


@pytest.fixture
def lead(api, owner):
    Channel.objects.create(slug="fair", name="Fair")
    body = {
        "person": ADA,
        "title": "Forty licences",
        "source": "fair",
        "value": "4000",
        "note": "Asked at the fair",
    }
    answer = api(owner).post(LEADS, body)
    assert answer.status_code == 201, answer.json()
    assert answer.headers["Location"] == f"{LEADS}{answer.json()['id']}/"
    return answer.json()


def test_a_lead_is_opened_read_and_listed_alike(api, owner, lead):
    client = api(owner)

    read = client.get(f"{LEADS}{lead['id']}/")
    listed = client.get(LEADS).json()["results"]

    customer = Customer.objects.get()
    expected = {
        "customer": customer.pk,
        "opened_on": customer.pk,
        "status": "new",
        "outcome": None,
        "owner": owner.pk,
        "team": owner.team_id,
        "source": "fair",
        "value": "4000.0000",
        "currency": "EUR",
        "value_reporting": "4000.0000",
        "conversion": None,
    }
    assert {name: lead[name] for name in expected} == expected
    assert lead["enquiry"] == {"name": "Ada Lovelace", "email": "Ada@Example.com", "country": "GB"}
    assert read.json() == lead
    assert listed == [lead]
    assert read.headers["ETag"].strip('"').isdigit()
    assert AuditEntry.objects.get(action="lead.opened").door == "api"
    assert LeadState.objects.get().note == "Asked at the fair"


def test_the_same_key_opens_one(api, owner):
    client = api(owner)

    first = client.post(LEADS, {"person": ADA}, headers={"Idempotency-Key": "k"})
    second = client.post(LEADS, {"person": ADA}, headers={"Idempotency-Key": "k"})
    other = client.post(LEADS, {"person": ADA, "title": "x"}, headers={"Idempotency-Key": "k"})

    assert (first.status_code, second.json(), other.status_code) == (201, first.json(), 422)
    assert (Lead.objects.count(), Customer.objects.count()) == (1, 1)


def test_a_lead_on_a_customer_there_is(api, owner, stranger):
    mine, theirs = CustomerFactory(owner=owner), CustomerFactory(owner=stranger)
    client = api(owner)

    on_mine = client.post(LEADS, {"customer": mine.pk})
    on_theirs = client.post(LEADS, {"customer": theirs.pk})

    assert (on_mine.status_code, on_mine.json()["customer"]) == (201, mine.pk)
    assert (on_theirs.status_code, on_theirs.json()["errors"][0]["attr"]) == (400, "customer")
    assert Lead.objects.count() == 1


def test_an_address_of_a_customer_of_others_is_a_conflict_that_names_nobody(api, owner, stranger):
    api(stranger).post("/api/v1/customers/", {"email": "ada@example.com"})

    answer = api(owner).post(LEADS, {"person": ADA})

    assert (answer.status_code, answer.json()["holder"]) == (409, None)
    assert Lead.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "name"),
        ({"person": {"name": ""}}, "name"),
        ({"person": ADA, "status": "won"}, "status"),
        ({"person": ADA, "value": "-1"}, "value"),
        ({"person": ADA, "value": "999999999999.5", "currency": "ZZZ"}, "currency"),
        ({"person": ADA, "source": "moon"}, "source"),
        ({"person": ADA, "next_action_on": "soon"}, "next_action_on"),
        ({"person": ADA | {"phone": "12"}}, "phone"),
        ({"person": ADA, "owner": 10**30}, "owner"),
        ({"person": ADA, "customer": 2**63}, "customer"),
    ],
)
def test_what_can_not_be_is_refused_at_its_field(api, owner, body, attr):
    answer = api(owner).post(LEADS, body)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert (Lead.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_change_needs_the_version_that_was_read(api, owner, lead):
    client, address = api(owner), f"{LEADS}{lead['id']}/"
    etag = client.get(address).headers["ETag"]

    without = client.patch(address, {"title": "x"})
    changed = client.patch(address, {"title": "Fifty licences", "value": None}, headers={"If-Match": etag})
    late = client.patch(address, {"title": "y"}, headers={"If-Match": etag})

    assert (without.status_code, changed.status_code, late.status_code) == (428, 200, 412)
    assert (changed.json()["title"], changed.json()["value"], changed.json()["currency"]) == (
        "Fifty licences",
        None,
        "",
    )
    assert late.json()["current"] == changed.json()


def test_only_documented_fields_change(api, owner, lead):
    address = f"{LEADS}{lead['id']}/"
    for name in (
        "id",
        "customer",
        "status",
        "opened_at",
        "changed_at",
        "conversion",
        "enquiry",
        "rate",
        "lost_reason",
    ):
        answer = api(owner).patch(address, {name: 1}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, name)

    assert api(owner).get(address).json() == lead


def test_the_steps_of_a_lead(api, owner, lead):
    client, address = api(owner), f"{LEADS}{lead['id']}/"

    told = [
        client.post(f"{address}{step}/", body).json()["status"]
        for step, body in (
            ("contact", {"note": "Called", "next_action": "Send prices", "next_action_on": "2026-07-15"}),
            ("qualification", {}),
            ("proposal", {}),
            ("loss", {"reason": "Too dear"}),
            ("reopening", {}),
        )
    ]

    assert told == ["contacted", "qualified", "proposal", "lost", "proposal"]
    again = client.post(f"{address}reopening/", {})
    assert (again.status_code, again.json()["errors"][0]["detail"]) == (409, "The lead is open already.")
    unsaid = client.post(f"{address}loss/", {"reason": " "})
    assert unsaid.status_code == 400


def test_converting_twice_gives_the_same_answer(api, owner, lead):
    client, address = api(owner), f"{LEADS}{lead['id']}/conversion/"

    options = client.get(address).json()
    first, second = client.post(address, {}), client.post(address, {})

    assert [(one["customer"], one["by"]) for one in options["options"]] == [(lead["customer"], "own")]
    assert (first.status_code, first.json()["outcome"]) == (200, "won")
    assert second.json() == first.json()
    assert AuditEntry.objects.filter(action="lead.converted").count() == 1


def test_a_lead_is_given_to_somebody(api, owner, stranger, lead):
    client = api(owner)

    given = client.post(f"{LEADS}{lead['id']}/assignment/", {"owner": stranger.pk})

    assert (given.status_code, given.json()["owner"], given.json()["team"]) == (
        200,
        stranger.pk,
        stranger.team_id,
    )
    assert api(stranger).get(f"{LEADS}{lead['id']}/").status_code == 200


def test_leads_of_others_are_not_there(api, stranger, lead):
    client, address = api(stranger), f"{LEADS}{lead['id']}/"

    assert client.get(LEADS).json()["results"] == []
    answers = [client.get(address), client.patch(address, {}, headers={"If-Match": "*"})]
    steps = ("contact", "qualification", "proposal", "loss", "reopening", "assignment", "conversion")
    answers += [client.post(f"{address}{step}/", {}) for step in steps]
    assert {answer.status_code for answer in answers} == {404}
    assert Lead.objects.get().status == "new"


def test_filters_are_those_of_the_page(api, owner, marketer):
    won = open_lead(by=owner, person=ADA, values={"title": "First", "value": 10})
    late = open_lead(by=owner, customer=CustomerFactory(name="Bea"), values={"next_action_on": "2020-01-01"})
    pursuing.lose(won, by=owner, reason="No")
    client = api(marketer)

    def found(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"{LEADS}?{query}").json()["results"]]

    assert found("status=lost&status=won") == [won.pk]
    assert found("is_open=yes") == found("overdue=yes") == found("q=bea") == [late.pk]
    assert found("q=ada") == found("value_min=5") == found(f"customer={won.customer_id}") == [won.pk]
    assert found("ordering=opened_at") == [won.pk, late.pk]
    assert found(f"owner={owner.pk}&opened_from=2999-01-01") == []
    assert client.get(f"{LEADS}?colour=red").status_code == 400


def test_a_closed_lead_takes_no_next_action_and_no_lead_a_day_out_of_time(api, marketer):
    lead = open_lead(by=marketer, customer=CustomerFactory(), values={"title": "Oven"})
    path, client = f"/api/v1/leads/{lead.pk}/", api(marketer)

    late = client.patch(path, {"expected_close_on": "9999-12-31"}, headers={"If-Match": "*"})
    pursuing.lose(lead, by=marketer, reason="Too dear")
    closed = client.patch(path, {"next_action": "Call"}, headers={"If-Match": "*"})
    renamed = client.patch(path, {"title": "Stove"}, headers={"If-Match": "*"})

    assert (late.status_code, closed.status_code, renamed.status_code) == (400, 400, 200)
    assert [each.json()["errors"][0]["attr"] for each in (late, closed)] == [
        "expected_close_on",
        "next_action",
    ]
    lead.refresh_from_db()
    assert (lead.expected_close_on, lead.next_action, lead.title) == (None, "", "Stove")


def test_leads_come_in_the_order_of_days_and_values_those_without_at_one_end(api, marketer):
    soon, late, none = (LeadFactory(next_action_on=day) for day in ("2026-02-01", "2026-03-01", None))
    Lead.objects.filter(pk=soon.pk).update(value=10, currency="EUR", rate=1)
    Lead.objects.filter(pk=late.pk).update(value=Decimal("200.5"), currency="EUR", rate=1)
    client = api(marketer)

    def walked(ordering):
        found, address = [], f"{LEADS}?page_size=1&ordering={ordering}"
        while address:
            page = client.get(address).json()
            found += [row["id"] for row in page["results"]]
            address = page["next"]
        return found

    assert walked("next_action_on") == [soon.pk, late.pk, none.pk]
    assert walked("-next_action_on") == [none.pk, late.pk, soon.pk]
    assert walked("-value_reporting") == [late.pk, soon.pk, none.pk]
    assert walked("value_reporting") == [none.pk, soon.pk, late.pk]
    assert sorted(walked("expected_close_on")) == sorted([soon.pk, late.pk, none.pk])
