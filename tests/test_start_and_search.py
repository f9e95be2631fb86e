from datetime import timedelta

import pytest

from clm.base import clock
from customers.intake.taking import take_in
from customers.models import Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.presets import install
from tests.factories import LeadFactory


@pytest.fixture
def bought(administrator):
    at = (clock.now() - timedelta(days=3)).isoformat()
    take_in(
        "orders",
        [(0, {"email": "ada@example.com", "key": "1", "amount": "5", "currency": "EUR", "occurred_at": at})],
        source="shop",
    )


def test_a_new_organisation_is_told_its_first_steps(sign_in, marketer):
    page = sign_in(marketer).get("/")

    assert [(step.is_done, step.is_allowed) for step in page.context["steps"]] == [
        (False, True),
        (False, True),
    ]
    assert 'href="/imports/new/"' in page.content.decode()


def test_a_step_that_is_done_is_ticked_off_and_one_not_allowed_says_so(sign_in, analyst, bought):
    page = sign_in(analyst).get("/")

    assert [(step.is_done, step.is_allowed) for step in page.context["steps"]] == [
        (True, False),
        (False, False),
    ]
    assert "Your role does not allow this" in page.content.decode()


def test_then_everybody_starts_where_they_work(sign_in, administrator, marketer, owner, bought):
    install("swedish-six", by=administrator)
    evaluate_changed()

    assert sign_in(marketer).get("/").headers["Location"] == "/lifecycle/"
    assert sign_in(owner).get("/").templates[0].name == "home/my_day.html"


def test_one_box_finds_customers_companies_and_pages(sign_in, administrator, bought):
    Customer.objects.update(name="Ada Userman")

    page = sign_in(administrator).get("/search/", {"q": "user"})

    assert [
        (str(group.title), [str(one.label) for one in group.found]) for group in page.context["groups"]
    ] == [
        ("Customers", ["Ada Userman"]),
        ("Pages", ["Users"]),
    ]


def test_leads_are_found_by_what_they_are_about(sign_in, owner, stranger):
    LeadFactory(title="Forty licences", owner=owner)

    mine, theirs = (
        sign_in(one).get("/search/", {"q": "licen"}).context["groups"] for one in (owner, stranger)
    )

    assert [(str(group.title), [one.label for one in group.found]) for group in mine] == [
        ("Leads", ["Forty licences"])
    ]
    assert theirs == []


def test_pages_that_are_not_ones_own_are_not_found(sign_in, owner):
    page = sign_in(owner).get("/search/", {"q": "users"})

    assert page.context["groups"] == []


@pytest.mark.parametrize("query", ["", " ", "%", "ß", "\x00", "%%", "_", "x" * 5000, "' OR 1=1 --", "\u202e"])
def test_whatever_is_typed_is_searched_for_and_no_more(sign_in, owner, bought, query):
    page = sign_in(owner).get("/search/", {"q": query})

    assert page.status_code == 200
    assert page.context["groups"] == []


def test_for_htmx_only_what_was_found(sign_in, administrator):
    page = (
        sign_in(administrator)
        .get("/search/", {"q": "users"}, headers={"HX-Request": "true"})
        .content.decode()
    )

    assert page.lstrip().startswith('<div id="found"')
