"""The pages of leads without a browser: what they let through, how much they ask, what they tell of others."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from clm.base import clock
from customers import profiles
from customers.leads import pursuing
from customers.leads.converting import convert
from customers.leads.opening import open_lead
from customers.models import Channel, Customer, Lead
from lifecycle.evaluation import evaluate_changed
from lifecycle.presets import install
from tests.customers.imports import imported, undone
from tests.factories import CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture
def lead(owner) -> Lead:
    customer = CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)
    return open_lead(by=owner, customer=customer, values={"title": "Ten licences"})


def queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("tab", ["mine", "overdue", "all"])
def test_the_list_asks_no_more_for_many_leads_than_for_few(sign_in, owner, tab):
    fair, client = Channel.objects.create(slug="fair", name="Fair"), sign_in(owner)
    given = {"owner": owner, "channel": fair, "next_action_on": "2020-01-01"}
    LeadFactory.create_batch(2, **given)
    few = queries(client, f"/leads/?tab={tab}")

    LeadFactory.create_batch(60, **given)

    assert queries(client, f"/leads/?tab={tab}") <= few <= MOST_QUERIES


def test_pages_of_a_lead_and_of_the_day_ask_little(sign_in, owner, lead):
    client = sign_in(owner)
    LeadFactory.create_batch(30, owner=owner, customer=lead.customer)

    asked = {
        address: queries(client, address)
        for address in ("/", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/conversion/")
    }

    assert all(number <= MOST_QUERIES for number in asked.values()), asked


@pytest.mark.parametrize("sort", ["next", "-next", "value", "-value", "opened", "close", "-close", "colour"])
def test_every_order_goes_through_all_leads_there_and_back(sign_in, owner, sort):
    for number in range(120):
        day = f"2026-0{1 + number % 9}-10" if number % 3 else None
        LeadFactory(owner=owner, next_action_on=day, expected_close_on=day, value=number % 7 or None,
                    currency="EUR", rate=1)  # fmt: skip
    client, after, seen = sign_in(owner), "", []

    for _page in range(3):
        listing = client.get("/leads/", {"sort": sort, "after": after}).context["listing"]
        seen += [row.pk for row in listing.page.rows]
        after = listing.page.next

    assert after == ""
    assert sorted(seen) == sorted(Lead.objects.values_list("pk", flat=True))
    back = client.get("/leads/", {"sort": sort, "after": listing.page.previous}).context["listing"]
    assert [row.pk for row in back.page.rows] == seen[50:100]


def test_the_first_of_a_reps_tabs_is_theirs_and_of_others_all(sign_in, owner, manager, lead):
    LeadFactory(owner=manager)

    mine, every = sign_in(owner).get("/leads/"), sign_in(manager).get("/leads/")

    assert [row.pk for row in mine.context["listing"].page.rows] == [lead.pk]
    assert len(every.context["listing"].page.rows) == 2


def test_a_filter_that_can_not_be_read_says_so(sign_in, owner, lead):
    page = sign_in(owner).get("/leads/?value_min=much&owner=999999&status=hot")

    assert page.context["listing"].page.rows == []
    assert len(page.context["listing"].filters.refused) == 3


def test_the_leads_of_one_customer_say_whose_they_are_to_those_who_may_know(sign_in, owner, stranger, lead):
    address = f"/leads/?tab=all&customer={lead.customer_id}"

    mine, theirs = (sign_in(one).get(address).context["listing"] for one in (owner, stranger))

    assert mine.filters.chosen == [("customer", "Customer", "Ada Lovelace")]
    assert theirs.filters.chosen == [("customer", "Customer", str(lead.customer_id))]
    assert (len(mine.page.rows), theirs.page.rows) == (1, [])


def test_the_stage_of_the_customer_stands_on_the_page_of_the_lead(sign_in, administrator, owner, lead):
    install("swedish-six", by=administrator)
    evaluate_changed()

    page = sign_in(owner).get(f"/leads/{lead.pk}/").content.decode()

    assert f'href="/customers/{lead.customer_id}/#stage"' in page
    assert "Discovery" in page


def test_nobody_is_told_of_leads_of_others(sign_in, stranger, lead):
    client = sign_in(stranger)
    steps = ("", "edit/", "contact/", "qualification/", "proposal/", "reopening/", "loss/", "conversion/")

    assert {client.get(f"/leads/{lead.pk}/{step}").status_code for step in steps} == {404}
    assert {client.post(f"/leads/{lead.pk}/{step}").status_code for step in steps[1:]} == {404}
    assert client.post(f"/leads/{lead.pk}/assignment/").status_code == 404
    assert client.get(f"/leads/new/?customer={lead.customer_id}").status_code == 404
    assert "Ten licences" not in client.get("/leads/?tab=all&q=licences").content.decode()
    assert Lead.objects.get().status == "new"


@pytest.mark.parametrize("customer", ["x", "0", "9" * 30, "-1", "٣"])
def test_an_address_with_no_customer_is_not_found(sign_in, owner, customer):
    assert sign_in(owner).get("/leads/new/", {"customer": customer}).status_code == 404


def test_a_known_address_is_never_registered_twice(sign_in, owner):
    known = profiles.register(by=owner, values={"name": "Ada", "email": "ada@example.com"})
    client, typed = sign_in(owner), {"name": "Ada L.", "email": "ada@example.com", "title": "Ten"}

    asked = client.post("/leads/new/", typed)
    as_new = client.post("/leads/new/", typed | {"choice": "new"})

    assert [match.by for match in asked.context["matches"]] == ["email"]
    assert asked.context["new_is_possible"] is False
    assert as_new.status_code == 302
    assert (Customer.objects.get(), Lead.objects.get().customer) == (known, known)


def test_an_address_of_somebody_one_may_not_see_is_told_without_a_name(sign_in, owner, stranger):
    profiles.register(by=stranger, values={"name": "Secret", "email": "ada@example.com"})

    page = sign_in(owner).post("/leads/new/", {"email": "ada@example.com"})

    assert page.status_code == 409
    assert "whom you don&#x27;t see" in page.content.decode()
    assert "Secret" not in page.content.decode()
    assert Lead.objects.count() == 0


def test_the_same_form_sent_twice_opens_one(sign_in, owner, lead):
    client, token = sign_in(owner), "6f0e1a2c-9d0b-4d7e-8f57-0a5d0c2f9a11"
    address = f"/leads/new/?customer={lead.customer_id}"

    first = client.post(address, {"title": "Again", "token": token})
    second = client.post(address, {"title": "Again", "token": token})

    assert first.headers["Location"] == second.headers["Location"]
    assert Lead.objects.count() == 2


def test_taking_over_the_lead_of_a_teammate(sign_in, teammate, lead):
    sign_in(teammate).post(f"/leads/{lead.pk}/assignment/")

    lead.refresh_from_db()
    assert lead.owner == teammate


def test_a_step_that_is_not_possible_says_why(sign_in, owner, lead):
    pursuing.lose(lead, by=owner, reason="No")

    page = sign_in(owner).post(f"/leads/{lead.pk}/qualification/")

    assert page.status_code == 409
    assert "The lead is lost. Open it again first." in page.content.decode()


def test_who_gives_a_lead_away_is_led_to_the_list(sign_in, owner, stranger, manager):
    lead = open_lead(by=manager, customer=CustomerFactory(), values={"owner": owner})
    client = sign_in(owner)
    form = client.get(f"/leads/{lead.pk}/edit/").context["form"]

    answer = client.post(
        f"/leads/{lead.pk}/edit/", {"title": "x", "owner": stranger.pk, "expected": form["expected"].value()}
    )

    assert answer.headers["Location"] == "/leads/"
    assert client.get(f"/leads/{lead.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": "-1"}, "value"),
        ({"value": "1e30"}, "value"),
        ({"next_action_on": "0001-01-01"}, "next_action_on"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"choice": "7"}, None),
    ],
)
def test_what_can_not_be_is_told_at_its_field(sign_in, owner, typed, field):
    page = sign_in(owner).post("/leads/new/", {"name": "Ada"} | typed)

    if field is None:  # a choice that was not offered is none
        assert page.status_code == 302
        return
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert (Lead.objects.count(), Customer.objects.count()) == (0, 0)


def test_the_search_of_a_rep_counts_only_customers_of_leads_they_see(sign_in, owner, monkeypatch):
    monkeypatch.setattr("customers.searching.MOST_FOUND", 2)
    LeadFactory.create_batch(4, customer__name="Anna Annsdotter")
    mine = LeadFactory(customer__name="Anna Annsdotter", owner=owner)

    client = sign_in(owner)

    assert client.get("/leads/?tab=all&q=anna").context["listing"].page.rows == [mine]
    assert [row["id"] for row in client.get("/api/v1/leads/?q=anna").json()["results"]] == [mine.pk]


def test_whoever_gives_a_lead_away_by_the_form_gives_it_to_their_team(
    sign_in, owner, stranger, manager, lead
):
    client = sign_in(manager)
    typed = client.get(f"/leads/{lead.pk}/edit/").context["form"].initial
    typed = {name: value for name, value in typed.items() if value is not None} | {"team": owner.team_id}

    given = client.post(f"/leads/{lead.pk}/edit/", typed | {"owner": stranger.pk})
    client.post("/leads/new/", {"name": "Bo", "currency": "EUR", "owner": stranger.pk})

    assert given.status_code == 302
    assert set(Lead.objects.values_list("owner", "team")) == {(stranger.pk, stranger.team_id)}


def test_reasons_given_before_are_offered_to_those_who_see_them(sign_in, owner, stranger):
    for reason, whose in (("No budget", owner), ("No budget", owner), ("Too dear", owner), ("–", owner)):
        LeadFactory(owner=whose, status="lost", lost_reason=reason, closed_at=clock.now())
    lead = LeadFactory(owner=owner)
    LeadFactory(owner=stranger, status="lost", lost_reason="Met <b>Stig</b>", closed_at=clock.now())
    offered = '<datalist id="lost_reason-known"><option value="No budget"></option><option value="Too dear"></option></datalist>'

    for answer in (
        sign_in(owner).get(f"/leads/{lead.pk}/loss/"),
        sign_in(owner).post(f"/leads/{lead.pk}/move/", {"to": "lost"}, headers={"HX-Request": "true"}),
    ):
        assert offered in answer.content.decode()
        assert 'list="lost_reason-known"' in answer.content.decode()
    found = sign_in(owner).get("/leads/?tab=all&lost_reason=no budget").context["listing"].page.rows
    assert [lead.lost_reason for lead in found] == ["No budget"] * 2


def test_a_file_s_new_owner_brings_the_own_team_until_it_is_taken_back(owner, stranger):
    file = "lead_id,email,title,owner\nD1,ann@example.com,Ten seats,{}\n"
    imported(file.format(owner.email), "leads", "crm")

    run = imported(file.format(stranger.email), "leads", "crm")
    given = Lead.objects.get()
    undone(run)

    assert (given.owner, given.team) == (stranger, stranger.team)
    assert (Lead.objects.get().owner, Lead.objects.get().team) == (owner, owner.team)


def test_a_value_is_read_and_shown_as_its_reader_writes_it(sign_in, owner, lead):
    User.objects.filter(pk=owner.pk).update(language="de")
    client, address = sign_in(owner), f"/leads/{lead.pk}/edit/"
    read = client.get(address).context["form"]["expected"].value()

    client.post(address, {"title": "Ten", "value": "4.000,50", "currency": "EUR", "expected": read})

    assert Lead.objects.get().value == Decimal("4000.5")
    assert 'value="4000,5"' in client.get(address).content.decode()


def test_a_lead_won_for_another_leads_back_to_whom_it_was_opened_on(sign_in, owner, stranger, lead):
    other = CustomerFactory(name="Ada King", owner=owner, team=owner.team)
    back = f'href="/customers/{lead.customer_id}/"'
    convert(lead, by=owner, into=other)

    page = sign_in(owner).get(f"/leads/{lead.pk}/").content.decode()
    Customer.objects.filter(name="Ada Lovelace").update(owner=stranger, team=stranger.team)
    hidden = sign_in(owner).get(f"/leads/{lead.pk}/").content.decode()

    assert (back in page, back in hidden) == (True, False)
