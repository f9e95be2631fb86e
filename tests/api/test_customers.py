import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from clm.accounts.models import AuditEntry
from customers.merging.merge import merge
from customers.models import Company, Customer, Identity, ProfileChange
from tests.factories import CustomerFactory, LeadFactory, OrderFactory

ADA = {
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "phone": "+45 12 34 56 78",
    "country": "gb",
    "fields": {"tier": "gold"},
}


@pytest.fixture
def ada(api, owner):
    """Made through the API by the owner: theirs, and their team's."""
    return (
        api(owner)
        .post("/api/v1/customers/", ADA | {"company": "Engines", "source": "shop", "external_id": "C-1"})
        .json()
    )


def test_a_customer_is_made_read_and_listed_alike(api, owner, ada):
    client = api(owner)

    read = client.get(f"/api/v1/customers/{ada['id']}/")
    listed = client.get("/api/v1/customers/").json()["results"]

    assert (ada["email"], ada["phone"], ada["country"], ada["company"]) == (
        "ada@example.com",
        "+4512345678",
        "GB",
        "Engines",
    )
    assert (ada["owner"], ada["team"], ada["fields"], ada["orders"]) == (
        owner.pk,
        owner.team_id,
        {"tier": "gold"},
        None,
    )
    assert read.json() == ada
    assert listed == [ada]
    assert read.headers["ETag"].strip('"').isdigit()
    assert AuditEntry.objects.get(action="customer.created").door == "api"


def test_what_a_customer_bought_stands_in_the_answer(api, marketer, order):
    client = api(marketer)
    client.post("/api/v1/orders/batch/", {"source": "shop", "items": [order("1"), order("2")]})

    listed = client.get("/api/v1/customers/").json()["results"]

    assert [(row["orders"], row["revenue"], row["external_id"]) for row in listed] == [(2, "200.0000", "C-1")]


@pytest.mark.parametrize(
    ("changes", "attr"),
    [
        ({"email": "a@b"}, "email"),
        ({"email": 7}, "email"),
        ({"email": None}, "email"),
        ({"phone": "12"}, "phone"),
        ({"country": "Denmark"}, "country"),
        ({"country": "1!"}, "country"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"kind": "god"}, "kind"),
        ({"owner": 987654321}, "owner"),
        ({"owner": "me"}, "owner"),
        ({"team": True}, "team"),
        ({"name": "x" * 201}, "name"),
        ({"name": ["Ada"]}, "name"),
        ({"fields": []}, "fields"),
        ({"fields": {"a": {"b": 1}}}, "fields"),
        ({"fields": {"a": "x" * 1001}}, "fields"),
        ({"external_id": "C-1"}, "source"),
        ({"id": 7}, "id"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"merged_into": 7}, "merged_into"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_a_bad_field_is_named_and_nobody_is_made(api, owner, changes, attr):
    response = api(owner).post("/api/v1/customers/", ADA | changes)

    assert response.status_code == 400
    assert [error["attr"] for error in response.json()["errors"]] == [attr]
    assert not Customer.objects.exists()
    assert not Company.objects.exists()


def test_a_customer_needs_something_to_be_known_by(api, owner):
    assert api(owner).post("/api/v1/customers/", {"country": "DK"}).status_code == 400


def test_an_address_names_one_customer_only_and_tells_whose_to_those_who_may_know(api, owner, stranger, ada):
    again = api(owner).post("/api/v1/customers/", {"email": "ADA@example.com"})
    foreign = api(stranger).post("/api/v1/customers/", {"email": "ada@example.com"})

    assert (again.status_code, again.json()["errors"][0]["code"], again.json()["holder"]) == (
        409,
        "identity_taken",
        ada["id"],
    )
    assert (foreign.status_code, foreign.json()["holder"]) == (409, None)
    assert Customer.objects.count() == 1


def test_a_change_needs_the_version_that_was_read(api, owner, ada):
    client, path = api(owner), f"/api/v1/customers/{ada['id']}/"
    tag = client.get(path).headers["ETag"]

    missing = client.patch(path, {"name": "Ada King"})
    changed = client.patch(path, {"name": "Ada King"}, headers={"If-Match": tag})
    stale = client.patch(path, {"name": "Ada Byron"}, headers={"If-Match": tag})
    odd = client.patch(path, {"name": "Ada Byron"}, headers={"If-Match": '"x"'})
    any_version = client.patch(path, {"country": "DK"}, headers={"If-Match": "*"})

    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (428, "if_match_missing")
    assert (changed.status_code, changed.json()["name"]) == (200, "Ada King")
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Ada King")
    assert (odd.status_code, odd.json()["current"]["name"]) == (412, "Ada King")
    assert (any_version.status_code, any_version.json()["country"]) == (200, "DK")
    assert any_version.headers["ETag"] not in (tag, changed.headers["ETag"])
    assert ProfileChange.objects.filter(field="name", value="Ada King").exists()


def test_a_change_touches_only_what_it_names(api, owner, ada):
    response = api(owner).patch(
        f"/api/v1/customers/{ada['id']}/", {"company": None}, headers={"If-Match": "*"}
    )

    changed = {name for name, value in response.json().items() if value != ada[name]}
    assert changed == {"company", "changed_at"}


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_of_one_version_one_is_told(api, owner, ada):
    path = f"/api/v1/customers/{ada['id']}/"
    client = api(owner)
    headers = {"Authorization": client.authorization, "If-Match": client.get(path).headers["ETag"]}

    def send(name):
        try:
            return (
                Client(headers=headers)
                .patch(path, {"name": name}, content_type="application/json")
                .status_code
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(send, ["A", "B", "C", "D"]))

    assert answers == [200, 412, 412, 412]


def test_an_upsert_makes_then_changes(api, marketer):
    client, path = api(marketer), "/api/v1/customers/by-external-id/shop/C-9/"

    made = client.put(path, ADA)
    again = client.put(path, {"name": "Ada King"})
    read = client.get(path)

    assert (made.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["name"], again.json()["email"]) == (
        made.json()["id"],
        "Ada King",
        "ada@example.com",
    )
    assert read.json() == again.json()
    assert client.get("/api/v1/customers/by-external-id/till/C-9/").status_code == 404
    assert Identity.objects.live().get(kind="external").value == "C-9"


def test_a_stranger_neither_reads_nor_writes_by_id_or_external_id(api, stranger, ada):
    client = api(stranger)

    assert client.get(f"/api/v1/customers/{ada['id']}/").status_code == 404
    assert (
        client.patch(f"/api/v1/customers/{ada['id']}/", {"name": "x"}, headers={"If-Match": "*"}).status_code
        == 404
    )
    assert client.get("/api/v1/customers/by-external-id/shop/C-1/").status_code == 404
    taken = client.put("/api/v1/customers/by-external-id/shop/C-1/", {"name": "Mine"})
    assert (taken.status_code, taken.json()["holder"]) == (409, None)
    assert client.get("/api/v1/customers/?q=lovelace").json()["results"] == []
    assert Customer.objects.get().name == "Ada Lovelace"


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=LOVE", 1), ("q=c-1", 1), ("q=%25%25", 0), ("email=ADA@example.com", 1), ("external_id=C-1", 1), ("external_id=C", 0), ("country=GB", 1), ("country=DK", 0), ("has_ordered=no", 1), ("owner=none", 0), ("first_seen_from=2999-01-01", 0)],
)  # fmt: skip
def test_the_list_is_searched_and_filtered(api, owner, ada, query, found):
    assert len(api(owner).get(f"/api/v1/customers/?{query}").json()["results"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "q=a",
        "owner=x",
        "email=",
        "external_id=%20",
        "owner=987654321",
        "country=Denmark",
        "revenue_min=x",
        "first_seen_to=0000-00-00",
        "q=ab&q=cd",
        "ordering=email",
        "page=2",
    ],
)
def test_a_senseless_search_is_told(api, owner, query):
    assert api(owner).get(f"/api/v1/customers/?{query}").status_code == 400


def test_all_names_of_a_customer_find_the_customer(api, marketer, ada):
    client = api(marketer)
    twin = client.post(
        "/api/v1/customers/", {"email": "countess@example.com", "source": "crm", "external_id": "9"}
    ).json()
    merge(Customer.objects.get(pk=twin["id"]), Customer.objects.get(pk=ada["id"]), by=marketer)
    CustomerFactory(email="household@example.com")  # the address names somebody else, as a file may bring it

    def found(query):
        return [row["id"] for row in client.get(f"/api/v1/customers/?{query}").json()["results"]]

    by_each = ("email=Countess@example.com", "email=ada@example.com", "external_id=9", "external_id=C-1")
    assert [found(query) for query in by_each] == [[ada["id"]]] * 4
    assert len(found("email=household@example.com")) == 1
    assert found("email=hold@example.com") == found("email=not%20one") == found("external_id=99") == []


def test_a_merged_customer_points_to_the_one_it_became(api, owner, ada):
    client = api(owner)
    other = client.post("/api/v1/customers/", {"name": "Augusta"}).json()
    Customer.objects.filter(pk=other["id"]).update(merged_into=ada["id"])

    response = client.get(f"/api/v1/customers/{other['id']}/")

    assert (response.status_code, response.headers["Location"]) == (301, f"/api/v1/customers/{ada['id']}/")
    assert [row["id"] for row in client.get("/api/v1/customers/").json()["results"]] == [ada["id"]]


def test_a_customer_made_twice_with_one_key_is_one(api, owner):
    client, key = api(owner), {"Idempotency-Key": "c-1"}

    first = client.post("/api/v1/customers/", {"name": "Ada"}, headers=key)
    again = client.post("/api/v1/customers/", {"name": "Ada"}, headers=key)

    assert (first.status_code, again.content) == (201, first.content)
    assert Customer.objects.count() == 1


def test_customers_come_in_by_the_thousand(api, marketer):
    items = [{"customer": f"C-{number}", "name": f"Customer {number}"} for number in range(1000)]

    body = api(marketer).post("/api/v1/customers/batch/", {"source": "shop", "items": items}).json()

    assert (body["added"], body["refused"], len(body["results"])) == (1000, 0, 1000)
    assert Customer.objects.count() == 1000


@pytest.mark.parametrize("rows", [10, 200])
def test_a_list_asks_no_more_of_the_database_for_more_rows(
    api, marketer, rows, django_assert_max_num_queries
):
    client = api(marketer)
    items = [
        {"customer": f"C-{number}", "name": f"Customer {number}", "company": f"Firm {number}"}
        for number in range(rows)
    ]
    client.post("/api/v1/customers/batch/", {"source": "shop", "items": items})

    with django_assert_max_num_queries(4):
        listed = client.get("/api/v1/customers/?page_size=200").json()["results"]

    assert len(listed) == rows


def test_who_gives_a_customer_away_is_told_that_it_is_done(api, owner, stranger, ada):
    client, away = api(owner), {"owner": stranger.pk, "team": stranger.team_id}

    made = client.post("/api/v1/customers/", {"name": "Augusta"} | away)
    changed = client.patch(f"/api/v1/customers/{ada['id']}/", away, headers={"If-Match": "*"})
    upserted = client.put("/api/v1/customers/by-external-id/shop/C-2/", {"name": "Byron"} | away)
    read = client.get(f"/api/v1/customers/{ada['id']}/")

    assert (made.status_code, changed.status_code, upserted.status_code) == (201, 200, 201)
    assert {answer.json()["owner"] for answer in (made, changed, upserted)} == {stranger.pk}
    assert read.status_code == 404


def test_a_refused_change_leaves_no_company_behind(api, owner, stranger, ada):
    client, path = api(owner), f"/api/v1/customers/{ada['id']}/"
    other = client.post("/api/v1/customers/", {"name": "Augusta", "email": "augusta@example.com"}).json()
    firm = {"company": "Nowhere", "email": other["email"]}
    tag = client.get(path).headers["ETag"]
    client.patch(path, {"country": "DK"}, headers={"If-Match": "*"})

    refused = [
        client.post("/api/v1/customers/", firm),
        client.post("/api/v1/customers/", {"company": "Nowhere"}),
        client.post("/api/v1/customers/", {"name": "x", "company": "Nowhere", "external_id": "C-3"}),
        client.patch(path, firm, headers={"If-Match": "*"}),
        client.patch(path, {"company": "Nowhere"}, headers={"If-Match": tag}),
        client.put("/api/v1/customers/by-external-id/shop/C-1/", firm),
        api(stranger).put("/api/v1/customers/by-external-id/shop/C-1/", {"company": "Nowhere"}),
    ]

    assert [answer.status_code for answer in refused] == [409, 400, 400, 409, 412, 409, 409]
    assert list(Company.objects.values_list("name", flat=True)) == ["Engines"]


def test_lists_are_narrowed_by_conditions(api, marketer):
    buyer = OrderFactory(customer=CustomerFactory()).customer
    other = CustomerFactory()
    lead = LeadFactory(customer=buyer)
    LeadFactory(customer=other)
    client = api(marketer)
    buys = {"condition": "orders", "parameters": {"at_least": 1}}

    nobody = client.get("/api/v1/customers/", {"conditions": json.dumps({"not": buys})}).json()
    leads = client.get("/api/v1/leads/", {"conditions": json.dumps(buys)}).json()
    refused = client.get("/api/v1/customers/", {"conditions": '{"condition": "orders"}'})

    assert [one["id"] for one in nobody["results"]] == [other.pk]
    assert [one["id"] for one in leads["results"]] == [lead.pk]
    assert refused.status_code == 400
    assert "condition.orders.at_least: is required." in refused.content.decode()
