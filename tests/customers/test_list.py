"""The customer list: found, narrowed, ordered, page by page, kept as a view, taken out as a file."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry, Organisation, SavedView, User
from customers.models import Customer
from tests.factories import LONG_AGO, CompanyFactory, CustomerFactory, OrderFactory, bought

MOST_QUERIES = 12


def names(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.content[:500])
    return [row.name for row in answer.context["listing"].page.rows]


@pytest.fixture
def marketing(sign_in, marketer) -> Client:
    return sign_in(marketer)


def test_an_empty_list_says_what_goes_here(marketing):
    page = marketing.get("/customers/").content.decode()

    assert "No customers yet" in page
    assert "/imports/new/" in page


def test_nothing_found_is_not_an_empty_list(marketing):
    CustomerFactory()

    page = marketing.get("/customers/?q=zzz").content.decode()

    assert "No customer matches" in page
    assert "No customers yet" not in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("møller", ["Søren Møller"]),
        ("MØLL", ["Søren Møller"]),
        ("sør møl", ["Søren Møller"]),
        ("ada@", ["Ada Lovelace"]),
        ("+4512", ["Søren Møller"]),
        ("C-77", ["Ada Lovelace"]),
        ("ad", ["Ada Lovelace"]),
        ("lo", ["Ada Lovelace"]),
        ("100%", []),
        ("a_a", []),
        ("'; drop", []),
    ],
)
def test_search_finds_by_every_part(marketing, text, found):
    CustomerFactory(name="Søren Møller", phone="+4512345678")
    CustomerFactory(name="Ada Lovelace", email="ada@example.com", external_id="C-77")

    assert marketing.get("/customers/", {"q": text}).context["listing"].page.rows == list(
        Customer.objects.filter(name__in=found)
    )


def test_search_finds_by_short_numbers_and_by_ids_that_look_like_a_phone_number(marketing):
    for external_id in ("42", "421", "1001-2002", "12-34-56"):
        CustomerFactory(name=f"No. {external_id}", external_id=external_id)
    CustomerFactory(name="Studio 54", phone="+4520424242")

    asked = ("42", "54", "45", "1001-2002", "12-34-56", "(0045) 20 42 42 42", "0-0-0-0")
    told = {text: names(marketing, "/customers/?" + urlencode({"q": text})) for text in asked}

    assert told == {
        "42": ["No. 42"],
        "54": ["Studio 54"],
        "45": [],
        "1001-2002": ["No. 1001-2002"],
        "12-34-56": ["No. 12-34-56"],
        "(0045) 20 42 42 42": ["Studio 54"],
        "0-0-0-0": [],
    }


@pytest.fixture
def three(owner, north) -> dict[str, Customer]:
    """a has bought for 300 and lives in Denmark, b for 20 and is Olga's, c never."""
    firm = CompanyFactory(name="Fjäll Kaffe")
    a = CustomerFactory(name="a", country="DK", company=firm, first_seen_at=LONG_AGO)
    b = CustomerFactory(
        name="b", country="SE", owner=owner, team=north, first_seen_at=LONG_AGO + timedelta(days=1)
    )
    c = CustomerFactory(name="c", language="da", first_seen_at=LONG_AGO + timedelta(days=2))
    bought(a, 100, 200)
    bought(b, 20, at=LONG_AGO + timedelta(days=5))
    return {"a": a, "b": b, "c": c}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cba"),
        ("country=DK", "a"),
        ("language=da", "c"),
        ("owner={owner}", "b"),
        ("owner=none", "ca"),
        ("team={team}", "b"),
        ("company={company}", "a"),
        ("company_name=kaff", "a"),
        ("has_ordered=yes", "ba"),
        ("has_ordered=no", "c"),
        ("revenue_min=21", "a"),
        ("revenue_max=20", "b"),
        ("first_seen_from=2025-01-16", "cb"),
        ("first_seen_to=2025-01-16", "ba"),
        ("last_order_from=2025-01-20", "b"),
        ("last_order_to=2025-01-19", "a"),
        ("sort=name", "abc"),
        ("sort=-name", "cba"),
        ("sort=revenue", "bac"),
        ("sort=-revenue", "abc"),
        ("sort=-last_order", "bac"),
        ("sort=first_seen", "abc"),
        ("sort=password", "cba"),
        ("cols=name&cols=nonsense", "cba"),
        ("has_ordered=yes&sort=revenue&cols=phone", "ba"),
    ],
)
def test_the_list_is_narrowed_and_ordered_by_its_address(marketing, three, query, expected):
    ids = {"owner": three["b"].owner_id, "team": three["b"].team_id, "company": three["a"].company_id}

    assert "".join(names(marketing, f"/customers/?{query.format(**ids)}")) == expected


@pytest.mark.parametrize(
    "query",
    [
        "owner=999999999999999999999",
        "owner=x",
        "country=ZZZ",
        "first_seen_from=2026-02-30",
        "first_seen_to=9999-12-31",
        "revenue_min=NaN",
        "revenue_min=1e400",
        "q=%00ab",
        "q=" + "a" * 201,
        "company=-1",
    ],
)
def test_a_filter_that_makes_no_sense_finds_nobody_and_says_so(marketing, three, query):
    answer = marketing.get(f"/customers/?{query}")

    assert (answer.status_code, answer.context["listing"].page.rows) == (200, [])
    assert 'role="alert"' in answer.content.decode()


def test_pages_lead_there_and_back(marketing, monkeypatch):
    CustomerFactory.create_batch(51)

    first = marketing.get("/customers/?sort=name")
    href = re.search(
        r'href="(\?[^"]*after=[^"]*)" [^>]*rel="next"|href="([^"]*)"[^>]*rel="next"', first.content.decode()
    )
    second = marketing.get("/customers/", {"sort": "name", "after": first.context["listing"].page.next})

    assert href is not None
    assert [len(answer.context["listing"].page.rows) for answer in (first, second)] == [50, 1]
    assert (
        marketing.get(
            "/customers/", {"sort": "name", "after": "x" + first.context["listing"].page.next}
        ).status_code
        == 400
    )


def test_the_count_stops_at_its_cap(marketing, monkeypatch):
    CustomerFactory.create_batch(4)
    monkeypatch.setattr("clm.base.keyset.COUNTED_UP_TO", 3)

    assert "3+ customers" in marketing.get("/customers/").content.decode()


def counted(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_queries_do_not_grow_with_the_rows(marketing, owner, north):
    everything = "/customers/?sort=-revenue&q=customer&has_ordered=yes&owner={}&" + "&".join(
        f"cols={name}"
        for name in ("company", "stage", "furthest", "revenue", "orders", "last_order", "owner", "team")
    )
    address = everything.format(owner.pk)
    for _number in range(2):
        bought(CustomerFactory(owner=owner, team=north, company=CompanyFactory()), 10)
    counted(marketing, address)  # what is asked every now and then is asked now
    few = counted(marketing, address)
    for _number in range(10):
        bought(CustomerFactory(owner=owner, team=north, company=CompanyFactory()), 10)

    assert counted(marketing, address) == few <= MOST_QUERIES


def test_each_sees_whom_they_may(sign_in, owner, teammate, stranger, marketer, north):
    CustomerFactory(name="Olga's", owner=owner, team=north)

    seen = {
        person.name: names(sign_in(person), "/customers/") for person in (owner, teammate, stranger, marketer)
    }

    assert seen == {"Olga": ["Olga's"], "Tom": ["Olga's"], "Stig": [], "Mark": ["Olga's"]}


def test_a_search_finds_no_foreign_customer(sign_in, owner, stranger):
    CustomerFactory(name="Olga's", owner=owner)

    assert names(sign_in(stranger), "/customers/?q=olga") == []


def test_merged_customers_are_not_listed(marketing):
    winner = CustomerFactory(name="winner")
    CustomerFactory(name="loser", merged_into=winner)

    assert names(marketing, "/customers/") == ["winner"]


def test_text_that_looks_like_markup_is_shown_as_text(marketing):
    CustomerFactory(name="<script>alert(1)</script>")

    page = marketing.get("/customers/?q=<script>").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_filters_are_one_drawer_or_one_page(marketing):
    part = marketing.get(
        "/customers/filters/?q=ada&country=DK", headers={"HX-Request": "true"}
    ).content.decode()
    page = marketing.get("/customers/filters/?q=ada&country=DK").content.decode()

    assert "<html" not in part
    assert '<input type="hidden" name="q" value="ada">' in part
    assert '<option value="DK" selected>' in part
    assert "<html" in page


def test_a_view_is_kept_shown_changed_and_removed(marketing, marketer, three):
    kept = marketing.post("/views/customers/", {"name": "Danes", "query": "country=DK&after=xyz&view=9&q="})
    view = SavedView.objects.get()
    shown = marketing.get(kept.headers["Location"])
    changed = marketing.post(f"/views/{view.pk}/", {"query": "country=SE"})

    assert (view.owner, view.query, kept.headers["Location"]) == (
        marketer,
        "country=DK",
        f"/customers/?country=DK&view={view.pk}",
    )
    assert [row.name for row in shown.context["listing"].page.rows] == ["a"]
    assert shown.context["views"].is_changed is False
    assert marketing.get(f"/customers/?country=SE&view={view.pk}").context["views"].current == view
    assert changed.headers["Location"] == f"/customers/?country=SE&view={view.pk}"

    marketing.post(f"/views/{view.pk}/removal/")

    assert not SavedView.objects.exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-3:] == [
        "view.saved",
        "view.changed",
        "view.removed",
    ]


@pytest.mark.parametrize(
    "given",
    [{"name": ""}, {"name": "x" * 61}, {"name": "a\x00"}, {"name": "Long", "query": "q=" + "a" * 7100}],
)
def test_a_view_that_can_not_be_kept_is_told(marketing, given):
    answer = marketing.post("/views/customers/", {"query": "q=ada"} | given, follow=True)

    assert not SavedView.objects.exists()
    assert len(list(answer.context["messages"])) == 1


def test_the_same_name_twice_is_told(marketing):
    for _time in range(2):
        answer = marketing.post("/views/customers/", {"name": "Danes", "query": "country=DK"}, follow=True)

    assert SavedView.objects.count() == 1
    assert "already" in str(next(iter(answer.context["messages"])))


def test_views_of_others_are_seen_when_shared_and_never_changed(sign_in, marketer, manager):
    shared = SavedView.objects.create(
        owner=manager, page="customers", name="Shared", query="country=DK", is_shared=True
    )
    private = SavedView.objects.create(owner=manager, page="customers", name="Private", query="country=SE")
    client = sign_in(marketer)

    page = client.get("/customers/?country=DK").content.decode()

    assert ("Shared" in page, "Private" in page) == (True, False)
    assert client.post(f"/views/{shared.pk}/", {"query": ""}).status_code == 404
    assert client.post(f"/views/{private.pk}/removal/").status_code == 404


def test_the_file_holds_the_list_as_it_stands(marketing, marketer: User, three):
    Customer.objects.filter(name="a").update(email="=1+1@example.com")

    answer = marketing.get(
        "/customers/export/?sort=-revenue&cols=email&cols=revenue&cols=owner&has_ordered=yes"
    )
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert lines == [
        "id,Customer,E-mail,Revenue,Owner",
        f"{three['a'].pk},a,'=1+1@example.com,300.0000,",
        f"{three['b'].pk},b,,20.0000,Olga",
    ]
    assert AuditEntry.objects.get(action="customers.exported").actor == marketer


def test_a_rep_takes_no_file_out(sign_in, owner):
    assert sign_in(owner).get("/customers/export/").status_code == 403


def test_orders_in_a_currency_without_a_rate_are_marked(marketing):
    customer = CustomerFactory()
    bought(customer, 10)
    OrderFactory(customer=customer, currency="XAF", rate=None, gross=Decimal(5))
    bought(customer)

    assert "1 order is left out" in marketing.get("/customers/").content.decode()


def exported(client: Client, query: str) -> list[str]:
    answer = client.get(f"/customers/export/?{query}")
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


def test_a_file_of_a_search_leaves_nobody_out(marketing, monkeypatch):
    monkeypatch.setattr("customers.searching.MOST_FOUND", 3)
    CustomerFactory.create_batch(5, external_id="fair")

    assert len(names(marketing, "/customers/?q=fair")) == 3
    assert len(exported(marketing, "q=fair")) == 1 + 5


def test_the_api_pages_through_all_that_a_search_finds(marketing, monkeypatch):
    monkeypatch.setattr("customers.searching.MOST_FOUND", 3)
    CustomerFactory.create_batch(5, external_id="fair")

    assert len(marketing.get("/api/v1/customers/?q=fair").json()["results"]) == 5


def test_a_file_counts_days_as_the_page_does(marketing):
    Organisation.objects.filter(pk=Organisation.objects.current().pk).update(zone="Pacific/Auckland")
    CustomerFactory(name="late", first_seen_at=datetime(2025, 1, 15, 13, 0, tzinfo=UTC))  # the 16th there

    query = "first_seen_from=2025-01-16&cols=first_seen"

    assert names(marketing, f"/customers/?{query}") == ["late"]
    assert exported(marketing, query)[1].endswith("late,2025-01-16T02:00:00+13:00")


def test_a_filter_that_makes_no_sense_gives_no_file(marketing):
    answer = marketing.get("/customers/export/?owner=x")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/customers/?owner=x")
    assert not AuditEntry.objects.filter(action="customers.exported").exists()


def test_the_name_of_a_foreign_company_is_not_told(sign_in, owner, marketer, three):
    firm = three["a"].company
    CustomerFactory(name="d", owner=owner, company=(mine := CompanyFactory(name="Olga Roasters")))

    foreign = sign_in(owner).get(f"/customers/?company={firm.pk}")
    own = sign_in(owner).get(f"/customers/?company={mine.pk}")
    unrestricted = sign_in(marketer).get(f"/customers/?company={firm.pk}")

    assert foreign.status_code == 200
    assert "Fjäll Kaffe" not in foreign.content.decode()
    assert "Olga Roasters" in own.content.decode()
    assert "Fjäll Kaffe" in unrestricted.content.decode()
