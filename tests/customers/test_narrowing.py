"""The customer list and the list of leads narrowed by conditions: on the page, in the address, at the API."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from clm.accounts.models import Role, SavedView
from customers import list_filters
from customers.models import Identity, Import, Segment
from customers.segments import keeping
from lifecycle.presets import install
from tests.api.conftest import api
from tests.factories import (
    LONG_AGO,
    ChannelFactory,
    CustomerFactory,
    LeadFactory,
    OrderFactory,
    UserFactory,
)

__all__ = ["api"]
pytestmark = pytest.mark.django_db

BUYER = {"condition": "orders", "parameters": {"at_least": 1}}
NO_BUYER = {"all": [{"not": BUYER}, {"any": [{"not": {"any": [BUYER]}}]}]}


def address(page: str, tree: Any, **more: str) -> str:
    text = tree if isinstance(tree, str) else json.dumps(tree)
    return f"{page}?{urlencode({'conditions': text, **more})}"


@pytest.fixture
def marketing(sign_in, marketer) -> Client:
    return sign_in(marketer)


@pytest.fixture
def shop(db) -> None:
    OrderFactory(customer=CustomerFactory(name="Ada"))
    CustomerFactory(name="Bob")


def shown(client: Client, tree: Any, **more: str) -> list[str]:
    answer = client.get(address("/customers/", tree, **more))
    assert answer.status_code == 200
    return [row.name for row in answer.context["listing"].page.rows]


def test_a_list_shows_for_whom_the_conditions_hold(marketing, shop, django_assert_max_num_queries):
    assert shown(marketing, BUYER) == ["Ada"]
    assert shown(marketing, NO_BUYER) == ["Bob"]
    assert shown(marketing, BUYER, q="Bob") == []
    with django_assert_max_num_queries(12):
        page = marketing.get(address("/customers/", NO_BUYER)).content.decode()

    assert "not: at least 1 order" in page  # in words, as a chip that takes it away again
    assert "/segments/new/?conditions=%7B" in page


@pytest.mark.parametrize(("page", "noun"), [("/customers/", "customers"), ("/leads/", "leads")])
def test_a_page_by_conditions_comes_before_its_count(marketing, shop, page, noun):
    for customer in CustomerFactory.create_batch(51):
        LeadFactory(customer=customer)

    first = marketing.get(address(page, NO_BUYER, tab="all")).content.decode()
    whole = marketing.get(address(page, NO_BUYER, tab="all", counted="now")).content.decode()
    count = marketing.get(address(f"{page}count/", NO_BUYER, tab="all")).content.decode()

    total = 52 if noun == "customers" else 51  # Bob has no lead
    assert f'hx-get="{page}count/?conditions=%7B' in first
    assert f"{total} {noun}" not in first
    assert f"{total} {noun}" in whole
    assert count.strip() == f"{total} {noun}"


def test_leads_are_shown_by_conditions_on_their_customers(marketing, shop):
    buyers = LeadFactory(customer=OrderFactory(customer=CustomerFactory()).customer, title="Tea")
    LeadFactory(customer=CustomerFactory(), title="Chairs")

    answer = marketing.get(address("/leads/", BUYER, tab="all"))

    assert [lead.pk for lead in answer.context["listing"].page.rows] == [buyers.pk]


DEEP: dict[str, Any] = {"condition": "open_lead", "parameters": {}}
for _level in range(6):
    DEEP = {"all": [DEEP]}


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ("{", "This can&#x27;t be read as conditions. Build them anew."),
        ("[" * 1900, "This can&#x27;t be read as conditions."),
        ("nonsense", "This can&#x27;t be read as conditions."),
        ("7", "expected a group or a test"),
        ("[]", "expected a group or a test"),
        ({"all": []}, "condition.all: give at least one test."),
        ({"condition": "gone", "parameters": {}}, "there is no condition “gone”"),
        ({"condition": "orders", "parameters": {"at_least": "x"}}, "expected a whole number"),
        ({"condition": "in_segment", "parameters": {"segment": "nobody"}}, "There is no segment “nobody”"),
        ({"condition": "got_message", "parameters": {"campaign": "9"}}, "choose from"),
        ({"condition": "field", "parameters": {"field": "x", "operator": "is"}}, "no profile field “x”"),
        ({"condition": "event", "parameters": {"names": ["\ud800"]}}, "can&#x27;t be stored"),
        (DEEP, "nested deeper than 5 levels"),
        ({"condition": "event", "parameters": {"names": ["x" * 5000]}}, "at most 5000 characters"),
    ],
)
def test_conditions_that_cannot_be_asked_say_why_on_every_door(marketing, shop, tree, reason):
    for page in ("/customers/", "/leads/"):
        answer = marketing.get(address(page, tree, tab="all"))

        assert answer.status_code == 200
        assert reason in answer.content.decode()
        assert answer.context["listing"].page.rows == []
    told = marketing.get(address("/customers/conditions/", tree)).content.decode()
    assert reason in told or len(str(tree)) > 5000
    assert marketing.get(address("/segments/new/", tree)).status_code == 200
    assert marketing.get(address("/customers/export/", tree)).status_code in (302, 403)


def leaf(name: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": name, "parameters": parameters}


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (leaf("in_stage", model="none", stages=["x"]), "in_stage.model: There is no lifecycle model “none”."),
        (leaf("in_stage", model="swedish-six", stages=["x"]), "in_stage.stages: The model “swedish-six” has no stage “x”."),
        (leaf("in_segment", segment="none"), "in_segment.segment: There is no segment “none”."),
        (leaf("field", field="country", operator="is", value="Danmark"), "field.value: “Danmark” does not fit country."),
        (leaf("lead", source="nowhere"), "lead.source: There is no source “nowhere”. There are: fair."),
        (leaf("lead", owner=987654), "lead.owner: There is no user 987654."),
        (leaf("purchase_days", at_least=5, at_most=2), "purchase_days.at_most: 2 is less than 5"),
    ],
)  # fmt: skip
def test_a_name_that_does_not_exist_is_told_by_every_list(api, sign_in, marketer, shop, tree, reason):
    install("swedish-six", by=None)
    ChannelFactory(slug="fair")
    client, asked, told = sign_in(marketer), {"all": [BUYER, {"not": tree}]}, f"condition.all[1].not.{reason}"

    for page in ("/customers/", "/leads/"):
        answer = client.get(address(page, asked, tab="all"))
        (refused,) = api(marketer).get(address(f"/api/v1{page}", asked)).json()["errors"]
        builder = client.get(address(f"{page}conditions/", asked))

        assert told in answer.content.decode()
        assert answer.context["listing"].page.rows == []
        assert (refused["attr"], told in refused["detail"]) == ("conditions", True)
        assert told in builder.content.decode()
        assert builder.context["form"].initial["conditions"] == (asked if "segment" not in told else {})


def test_names_are_looked_up_within_the_queries_of_a_list(
    api, sign_in, marketer, shop, django_assert_max_num_queries
):
    install("swedish-six", by=None)
    asked = {"all": [BUYER, {"not": leaf("in_stage", model="swedish-six", stages=["loyalty"])}]}
    client, program = sign_in(marketer), api(marketer)
    program.get("/api/v1/customers/")

    with django_assert_max_num_queries(12):
        assert client.get(address("/customers/", asked)).context["listing"].page.rows
    with django_assert_max_num_queries(7):
        assert program.get(address("/api/v1/customers/", asked)).json()["results"]


@pytest.mark.parametrize("place", ["customers", "leads"])
def test_programs_are_told_with_a_code(api, marketer, place):
    tree = {"condition": "50%s off", "parameters": {}}

    (told,) = api(marketer).get(address(f"/api/v1/{place}/", tree)).json()["errors"]

    assert (told["code"], told["attr"]) == ("invalid", "conditions")
    assert "condition: there is no condition “50%s off”." in told["detail"]


def test_a_segment_of_somebody_else_is_as_good_as_none(sign_in, marketer, shop):
    other = UserFactory(role=Role.MARKETER)
    keeping.create(by=other, name="Mine", kind="dynamic", conditions=BUYER, is_shared=False)
    mine = {"condition": "in_segment", "parameters": {"segment": Segment.objects.get().slug}}

    assert shown(sign_in(other), mine) == ["Ada"]
    page = sign_in(marketer).get(address("/customers/", mine))

    assert page.context["listing"].page.rows == []
    assert "There is no segment “mine”" in page.content.decode()


BROKEN = {"condition": "in_segment", "parameters": {"segment": "old"}}


def test_a_segment_that_cannot_be_read_any_more_is_refused_on_every_door(sign_in, administrator, shop):
    old = keeping.create(by=administrator, name="Old", kind="dynamic", conditions=BUYER, is_shared=True)
    Segment.objects.filter(pk=old.pk).update(conditions={"condition": "gone", "parameters": {}})
    client, told = (
        sign_in(administrator),
        "The segment “Old” can&#x27;t be asked any more: condition: there is",
    )
    sent = {"conditions-0-join": "all", "conditions-0.0-condition": "in_segment"}

    pages = [client.get(address(page, BROKEN, tab="all")) for page in ("/customers/", "/leads/")]
    export = client.get(address("/customers/export/", BROKEN))
    preview = client.post("/conditions/preview/", sent | {"conditions-0.0-p-segment": "old"})
    answers = [client.get(address(f"/api/v1/{rows}/", BROKEN)) for rows in ("customers", "leads")]

    assert [page.status_code for page in pages] == [200, 200]
    assert [page.context["listing"].page.rows for page in pages] == [[], []]
    assert all(told in page.content.decode() for page in [*pages, preview])
    assert export.url.startswith("/customers/?conditions=")
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("“Old” can't be asked any more" in answer.content.decode() for answer in answers)


def test_a_long_tree_is_kept_in_a_view_and_never_cut(marketing, shop):
    names = [f"ø{number:03}" for number in range(400)]
    built = {"conditions-0-join": "all", "conditions-0.0-condition": "event"}
    too_long, long = (
        marketing.post("/customers/conditions/", built | {"conditions-0.0-p-names": ",".join(some)})
        for some in (names, names[:200])
    )
    query = long.url.partition("?")[2]
    more = query + "&q=" + "a" * 5000

    saved = marketing.post("/views/customers/", {"query": query, "name": "Long"})
    refused = marketing.post("/views/customers/", {"query": more, "name": "Longer"})
    pk = SavedView.objects.get().pk
    not_updated = marketing.post(f"/views/{pk}/", {"query": more})

    assert (too_long.status_code, 2000 < len(query) < 7000) == (422, True)
    assert SavedView.objects.get().query == query
    assert saved.url == f"/customers/?{query}&view={pk}"
    assert (refused.url, not_updated.url) == (f"/customers/?{more}", f"/customers/?{more}&view={pk}")


def test_the_builder_leads_back_to_the_list_with_all_that_it_had(marketing, shop):
    built = {"query": "q=a&sort=name&after=x", "conditions-0-join": "all", "conditions-0.0-condition": "orders",
             "conditions-0.0-p-at_least": "1"}  # fmt: skip

    answer = marketing.post("/customers/conditions/", built)

    tree = {"all": [BUYER]}
    assert answer.url == "/customers/?" + urlencode(
        {"q": "a", "sort": "name", "conditions": json.dumps(tree, separators=(",", ":"))}
    )
    page = marketing.get("/customers/conditions/" + answer.url.removeprefix("/customers/"))
    assert page.context["form"].initial["conditions"] == tree
    nothing = {"query": answer.url.partition("?")[2], "conditions-0-join": "all"}
    nothing["conditions-0.0-condition"] = ""
    assert marketing.post("/customers/conditions/", nothing).url == "/customers/?q=a&sort=name"


def test_the_builder_keeps_what_is_wrong_and_saves_nothing_by_itself(marketing, shop):
    wrong = {"conditions-0-join": "all", "conditions-0.0-condition": "orders"}
    long = {"conditions-0-join": "all", "conditions-0.0-condition": "event"}
    long["conditions-0.0-p-names"] = ",".join("x" * 400 for _name in range(13))

    refused, refused_too = (marketing.post("/customers/conditions/", sent) for sent in (wrong, long))
    worked_on = marketing.post("/leads/conditions/", wrong | {"conditions-do": "test:0"})

    assert (refused.status_code, refused_too.status_code, worked_on.status_code) == (422, 422, 200)
    assert "Is required." in refused.content.decode()
    assert "fit into an address" in refused_too.content.decode()
    assert worked_on.content.decode().count("Choose a test, or remove") == 0
    assert (Segment.objects.count(), SavedView.objects.count()) == (0, 0)


def test_what_narrows_a_list_becomes_a_segment(marketing, shop):
    sent = {"conditions-0-join": "all", "conditions-0.0-condition": "orders"}
    sent["conditions-0.0-p-at_least"] = "1"

    carried = marketing.post("/segments/new/", sent | {"carried": "1"})
    named = marketing.get(address("/segments/new/", BUYER))

    assert (carried.status_code, named.status_code) == (200, 200)
    assert carried.context["form"].initial["conditions"].tree() == {
        "all": [{"condition": "orders", "parameters": {"at_least": "1"}}]
    }
    assert named.context["form"].initial["conditions"] == BUYER
    assert not carried.context["form"].errors
    marketing.post("/segments/new/", sent | {"name": "Buyers", "is_shared": "on"})
    assert [member.customer.name for member in Segment.objects.get().periods()] == ["Ada"]


@pytest.mark.parametrize("few", [20_000, -1])
def test_whom_an_import_brought_is_found_be_it_of_few_or_of_many(sign_in, marketer, monkeypatch, few):
    monkeypatch.setattr(list_filters, "FEW", few)
    run, other = (Import.objects.create(kind="customers", source="shop", file_name=name) for name in "ab")
    for name, by, gone in (
        ("Ada", run, None),
        ("Bo", run, LONG_AGO),
        ("Cy", other, None),
        ("Di", None, None),
    ):
        customer = CustomerFactory(name=name)
        Identity.objects.create(
            customer=customer, original_customer=customer, kind="external", source="shop", value=name,
            written_by=by, superseded_at=gone,
        )  # fmt: skip

    listing = sign_in(marketer).get(f"/customers/?import={run.pk}").context["listing"]

    assert [customer.name for customer in listing.page.rows] == ["Ada"]
    assert listing.count.number == 1
