"""Columns of leads, companies and tickets: chosen in the address, kept in views, taken out as files, as far as one may see."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import SavedView
from customers import profiles
from customers.custom_fields import defining
from customers.leads.opening import open_lead
from customers.models import Company
from customers.tickets.opening import open_ticket
from lifecycle.evaluation import evaluate_changed
from lifecycle.presets import install
from tests.customers.own_fields import fields
from tests.factories import CompanyFactory, CustomerFactory, LeadFactory

__all__ = ["fields"]
pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
LISTS = ("/leads/?tab=all", "/tickets/?tab=all", "/companies/?sort=name")


@pytest.fixture
def ada(owner):
    company = CompanyFactory(name="Engines", owner=owner, domain="engines.example")
    ada = CustomerFactory(
        name="Ada Lovelace", email="ada@example.com", company=company, owner=owner, team=owner.team
    )
    open_lead(by=owner, customer=ada, values={"title": "Ten seats"})
    open_ticket(ada, by=owner, values={"subject": "Where is my parcel?"})
    return ada


def shown(client, address: str) -> list[str]:
    return [column.key for column in client.get(address).context["listing"].shown_columns]


def every_column(client, address: str) -> str:
    keys = client.get(address).context["listing"].offered
    return "&".join([address, *(f"cols={key}" for key in keys)])


def test_the_columns_that_are_chosen_are_shown_and_those_alone_and_the_others_by_default(sign_in, owner, ada):
    client = sign_in(owner)

    usual = [shown(client, address) for address in LISTS]
    chosen = shown(client, f"{LISTS[0]}&cols=email&cols=score&cols=nonsense")
    page = client.get(f"{LISTS[0]}&cols=email").content.decode()

    assert usual == [
        ["lead", "status", "next", "value", "close", "source", "owner", "opened"],
        ["ticket", "status", "priority", "due", "type", "owner", "opened", "changed"],
        ["name", "country", "stage", "people", "revenue", "owner"],
    ]
    assert chosen == ["lead", "email", "score"]
    assert "ada@example.com" in page
    assert "Ten seats" in page
    assert 'data-label="Status"' not in page
    assert shown(client, "/leads/?tab=all&cols=nonsense") == usual[0]


@pytest.mark.parametrize("address", LISTS)
def test_all_columns_at_once_ask_no_more_for_many_rows(
    sign_in,
    administrator,
    owner,
    ada,
    fields,
    address,
):
    install("swedish-six", by=administrator)
    evaluate_changed()
    client = sign_in(owner)
    whole = every_column(client, address)
    client.get(whole)
    with CaptureQueriesContext(connection) as few:
        page = client.get(whole).content.decode()
    for number in range(6):
        customer = CustomerFactory(company=CompanyFactory(owner=owner), owner=owner, team=owner.team)
        LeadFactory(customer=customer, owner=owner, team=owner.team)
        open_ticket(customer, by=owner, values={"subject": f"No. {number}"})

    with CaptureQueriesContext(connection) as many:
        client.get(whole)

    assert len(many) <= len(few) <= MOST_QUERIES
    assert "Discovery" in page


def test_own_fields_of_the_customer_are_columns_but_not_those_hidden_from_reps(
    sign_in,
    administrator,
    owner,
    marketer,
    ada,
    fields,
):
    profiles.change(ada, by=marketer, values={"fields": {"tier": "gold", "note": "owes us"}})
    defining.change(fields["note"], by=administrator, values={"is_sensitive": True})
    asked = "&cols=fields.tier&cols=fields.note"

    pages = [sign_in(owner).get(f"{address}{asked}").content.decode() for address in LISTS[:2]]
    file = b"".join(sign_in(marketer).get(f"/leads/export/?tab=all{asked}").streaming_content).decode()

    assert all("gold" in page and "owes us" not in page for page in pages)
    assert file.lstrip("\ufeff").split("\r\n")[:1] == ["id,Lead,Tier,Note"]
    assert "Ten seats,gold,owes us" in file


def test_files_have_the_columns_that_were_chosen(sign_in, manager, ada):
    client = sign_in(manager)

    files = [
        b"".join(client.get(f"{address}{asked}").streaming_content).decode("utf-8-sig").splitlines()
        for address, asked in (
            ("/leads/export/?tab=all", "&cols=next&cols=company"),
            ("/tickets/?tab=all&format=csv", "&cols=status&cols=company"),
            ("/companies/?format=csv", "&cols=leads&cols=people"),
            ("/companies/?format=csv", ""),
        )
    ]

    assert [file[0] for file in files[:3]] == [
        "id,Lead,Company,Next action",
        "id,Ticket,Company,Status",
        "id,Company,People,Open leads",
    ]
    assert [file[1].split(",", 1)[1] for file in files[:3]] == [
        "Ten seats,Engines,–",
        "Where is my parcel?,Engines,Open",
        "Engines,1,1",
    ]
    assert files[3][0].startswith("id,name,domain,country")


def test_a_view_of_companies_keeps_its_columns_and_may_begin_the_list(sign_in, owner, ada):
    client = sign_in(owner)

    kept = client.post("/views/companies/", {"name": "Domains", "query": "cols=name&cols=domain&sort=-name"})
    view = SavedView.objects.get()
    client.post(f"/views/{view.pk}/default/")

    assert kept["Location"] == f"/companies/?{view.query}&view={view.pk}"
    assert client.get("/companies/")["Location"] == kept["Location"]
    assert shown(client, kept["Location"]) == ["name", "domain"]
    page = client.get("/companies/?q=eng&cols=domain").content.decode()
    assert '<input type="hidden" name="cols" value="domain">' in page
    assert shown(client, "/companies/?view=all") == ["name", "country", "stage", "people", "revenue", "owner"]
    assert Company.objects.count() == 1


def test_the_board_has_the_views_of_the_list_and_takes_their_filters(sign_in, owner, ada):
    LeadFactory(title="Other", owner=owner, team=owner.team)
    query = "cols=lead&cols=status&q=seats&sort=-value&tab=all"
    view = SavedView.objects.create(owner=owner, page="leads", name="Seats", query=query)
    client = sign_in(owner)

    plain = client.get("/leads/board/?tab=all").content.decode()
    page = client.get(f"/leads/board/?{query}&view={view.pk}")
    text = page.content.decode()

    address = f"/leads/board/?{query}&view={view.pk}".replace("&", "&amp;")
    assert f'href="{address}"' in plain
    assert [card.title for column in page.context["board"].columns for card in column.cards] == ["Ten seats"]
    assert f'href="{address}" aria-current="page"' in text
    assert not page.context["views"].is_changed
    assert f"/leads/?{query}&view={view.pk}".replace("&", "&amp;") in text
