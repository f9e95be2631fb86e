"""Companies: listed, made, changed, told of with their people; seen as far as the people are."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import ApiKey, AuditEntry
from clm.accounts.models.api_key import Scope
from customers import companies, interactions
from customers.companies import CompanyTaken, StaleCompany
from customers.leads.opening import open_lead
from customers.models import Company
from tests.factories import LONG_AGO, CompanyFactory, CustomerFactory, bought

pytestmark = pytest.mark.django_db


@pytest.fixture
def engines(owner) -> Company:
    """With two of Olga's people, and one whom only Stig sees."""
    return CompanyFactory(name="Engines")


@pytest.fixture
def people(owner, stranger, engines):
    ada = CustomerFactory(name="Ada Lovelace", company=engines, owner=owner, team=owner.team)
    bea = CustomerFactory(name="Bea Österlund", company=engines, owner=owner, team=owner.team)
    zeb = CustomerFactory(name="Zebra Fish", company=engines, owner=stranger, team=stranger.team)
    bought(ada, 100, 50)
    bought(zeb, 1000)
    return ada, bea, zeb


def test_a_company_is_made_once_by_name(owner):
    made = companies.create(
        by=owner,
        values={
            "name": " Analytical  Engines ",
            "domain": "https://www.Engines.example/about",
            "country": "gb",
        },
    )

    assert (made.name, made.domain, made.country) == ("Analytical Engines", "engines.example", "GB")
    assert (made.owner, made.team) == (owner, owner.team)
    with pytest.raises(CompanyTaken) as taken:
        companies.create(by=owner, values={"name": "ANALYTICAL engines"})
    assert taken.value.holder == made == Company.objects.get()
    assert AuditEntry.objects.get(action="company.created").subject_id == made.pk


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": "a", "domain": "no domain"}, "domain"),
        ({"name": "a", "country": "Denmark"}, "country"),
        ({"name": "a", "colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(owner, values, field):
    with pytest.raises(ValidationError) as refusal:
        companies.create(by=owner, values=values)

    assert list(refusal.value.message_dict) == [field]
    assert not Company.objects.exists()


def test_changing_tells_who_came_too_late_and_which_name_is_taken(manager, engines):
    other = CompanyFactory(name="Looms")
    companies.change(engines, by=manager, values={"domain": "engines.example"})

    with pytest.raises(StaleCompany):
        companies.change(engines, by=manager, values={"name": "Motors"}, expected=engines.changed_at)
    with pytest.raises(CompanyTaken):
        companies.change(engines, by=manager, values={"name": "looms"})

    assert (Company.objects.get(pk=engines.pk).name, Company.objects.get(pk=other.pk).name) == (
        "Engines",
        "Looms",
    )


def test_a_company_is_seen_by_its_owner_its_team_and_who_sees_its_people(
    owner, teammate, stranger, manager, engines
):
    CustomerFactory(company=engines, owner=owner)
    owned = CompanyFactory(name="Owned", owner=stranger)
    of_team = CompanyFactory(name="Team's", team=owner.team)
    nobodys = CompanyFactory(name="Nobody's")

    def seen(person) -> set[str]:
        return set(Company.objects.visible_to(person).values_list("name", flat=True))

    teammate.sees = "team"
    teammate.save()
    assert seen(stranger) == {owned.name}
    assert seen(owner) >= {engines.name}
    assert seen(teammate) == {of_team.name}
    assert seen(manager) == {engines.name, owned.name, of_team.name, nobodys.name}


def test_the_page_tells_of_the_people_one_sees_and_of_no_others(sign_in, owner, manager, engines, people):
    ada, _bea, zeb = people
    lead = open_lead(by=owner, customer=ada, values={"title": "Ten licences"})
    open_lead(by=manager, customer=zeb, values={"title": "Zebra's licences"})
    interactions.note(ada, by=owner, text="Prefers tea")
    interactions.note(zeb, by=manager, text="Zebra's note")
    client = sign_in(owner)

    page = client.get(f"/companies/{engines.pk}/")
    timeline = client.get(f"/companies/{engines.pk}/timeline/").content.decode()
    listing = client.get("/companies/").content.decode()

    sums = page.context["sums"]
    assert (sums.people, sums.orders, sums.revenue, sums.open_leads) == (2, 2, Decimal(150), 1)
    assert sign_in(manager).get(f"/companies/{engines.pk}/").context["sums"].revenue == Decimal(1150)
    assert str(lead) in page.content.decode()
    assert "Prefers tea" in timeline
    assert "Ada Lovelace" in timeline
    assert "Zebra" not in page.content.decode() + timeline + listing


def test_the_list_is_searched_narrowed_and_paged(sign_in, manager, owner):
    for number in range(60):
        CompanyFactory(name=f"Firm {number:02}", owner=owner if number < 2 else None)
    CompanyFactory(name="Looms", domain="weaving.example")
    client, after, seen = sign_in(manager), "", []

    def names(query: str) -> list[str]:
        return [row.name for row in client.get(f"/companies/{query}").context["listing"].page.rows]

    for _page in range(2):
        listing = client.get("/companies/", {"after": after}).context["listing"]
        seen += [row.name for row in listing.page.rows]
        after = listing.page.next

    assert seen == sorted(Company.objects.values_list("name", flat=True))
    assert names("?q=weav") == names("?q=OOM") == ["Looms"]
    assert names(f"?owner={owner.pk}") == ["Firm 00", "Firm 01"]
    assert "No company matches" in client.get("/companies/?q=zzz").content.decode()


def test_forms_make_change_and_tell_what_is_taken(sign_in, owner):
    client = sign_in(owner)
    given = {"name": "Engines", "domain": "engines.example", "country": "GB", "owner": owner.pk, "team": ""}

    made = client.post("/companies/new/", given)
    company = Company.objects.get()
    taken = client.post("/companies/new/", given)
    expected = client.get(f"/companies/{company.pk}/edit/").context["form"]["expected"].value()
    changed = client.post(f"/companies/{company.pk}/edit/", given | {"name": "Motors", "expected": expected})
    stale = client.post(f"/companies/{company.pk}/edit/", given | {"name": "Looms", "expected": expected})

    assert [one.status_code for one in (made, taken, changed, stale)] == [302, 409, 302, 409]
    assert "There is this company already" in taken.content.decode()
    assert Company.objects.get().name == "Motors"


def test_names_are_offered_while_one_types(sign_in, owner, engines, people):
    CompanyFactory(name="Engine rooms")
    client = sign_in(owner)

    offered = client.get("/companies/named/?company=eng").content.decode()

    assert offered.count("<option") == 1
    assert 'value="Engines"' in offered
    assert client.get("/companies/named/?company=e").content.decode().strip() == ""


def test_a_stranger_finds_no_company_of_mine(sign_in, teammate, stranger, owner):
    company = CompanyFactory(name="Mine", owner=owner)
    client = sign_in(stranger)

    answers = [
        client.get(f"/companies/{company.pk}/{part}").status_code for part in ("", "edit/", "timeline/")
    ]

    assert answers == [404] * 3
    assert client.post(f"/companies/{company.pk}/edit/", {"name": "Yours"}).status_code == 404
    assert Company.objects.get().name == "Mine"


def test_the_pages_ask_no_more_for_many_than_for_few(sign_in, owner, engines, people):
    client = sign_in(owner)
    addresses = ["/companies/", f"/companies/{engines.pk}/", f"/companies/{engines.pk}/timeline/"]
    open_lead(by=owner, customer=people[0], values={})
    few = {address: _asked(client, address) for address in addresses}

    for number in range(30):
        person = CustomerFactory(company=engines, owner=owner)
        CompanyFactory(owner=owner)
        open_lead(by=owner, customer=person, values={})
        interactions.note(person, by=owner, text="Here")
        bought(person, 10, at=LONG_AGO + timedelta(days=number))

    many = {address: _asked(client, address) for address in addresses}
    assert all(many[address] <= max(few[address], 10) <= 12 for address in addresses), (few, many)


def _asked(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_api_makes_reads_and_changes(client, owner, stranger, engines, people):
    token = ApiKey.objects.issue(name="Desk", scope=Scope.WRITE, owner=owner, by=owner)[1]

    def call(method: str, path: str, body=None, **headers: str):
        given = {
            "content_type": "application/json",
            "headers": {"Authorization": f"Bearer {token}", **headers},
        }
        return getattr(client, method)(f"/api/v1/{path}", body or {}, **given)

    hidden = CompanyFactory(name="Hidden", owner=stranger)
    made = call("post", "companies/", {"name": "Looms", "domain": "looms.example"})
    taken = call("post", "companies/", {"name": "hidden"})
    address = made.headers["Location"].removeprefix("/api/v1/")
    tag = {"If-Match": made.headers["ETag"]}
    changed = call("patch", address, {"country": "dk"}, **tag)
    stale = call("patch", address, {"country": "SE"}, **tag)
    listed = call("get", "companies/?ordering=name").json()["results"]

    assert [one.status_code for one in (made, taken, changed, stale)] == [201, 409, 200, 412]
    assert taken.json()["holder"] is None
    assert changed.json()["country"] == "DK"
    assert [(one["name"], one["people"], one["revenue"]) for one in listed] == [
        ("Engines", 2, "150.0000"), ("Looms", 0, "0.0000")
    ]  # fmt: skip
    assert call("get", f"companies/{hidden.pk}/").status_code == 404
    assert call("get", f"customers/?company={engines.pk}").json()["results"][0]["company"] == "Engines"


def test_who_does_not_see_all_its_people_changes_no_company(owner, manager, engines, people, sign_in):
    form = {"name": "Olga's", "domain": "olga.example", "country": "", "owner": "", "team": ""}

    with pytest.raises(companies.CompanyForeign):
        companies.change(engines, by=owner, values={"name": "Olga's"})
    response = sign_in(owner).post(f"/companies/{engines.pk}/edit/", form)
    engines.refresh_from_db()

    assert (response.status_code, engines.name, engines.domain) == (409, "Engines", "")
    assert "Some of its people are not yours." in response.text
    assert companies.change(engines, by=manager, values={"name": "Motors"}).name == "Motors"
