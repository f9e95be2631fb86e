from datetime import timedelta

import pytest

from clm.base import clock
from clm.demo.models import Demo
from clm.starting import mail_reaches_people
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


def test_a_new_organisation_is_told_its_first_steps(sign_in, administrator):
    page = sign_in(administrator).get("/")

    steps = page.context["start"].steps
    assert [(step.href, step.is_done, step.is_allowed) for step in steps] == [
        ("/imports/new/", False, True),
        ("/lifecycle/models/", False, True),
        ("/settings/caught-mail/", False, True),
        ("/campaigns/", False, True),
    ]
    assert 'href="/imports/new/"' in page.content.decode()


def test_a_step_that_is_done_is_ticked_off_and_one_not_allowed_says_so(sign_in, analyst, bought):
    page = sign_in(analyst).get("/")

    steps = page.context["start"].steps
    assert [(step.is_done, step.is_allowed) for step in steps[:2]] == [(True, False), (False, False)]
    assert "Your role does not allow this" in page.content.decode()


def test_an_administrator_is_led_on_until_the_steps_are_put_away(sign_in, administrator, bought):
    install("swedish-six", by=administrator)
    evaluate_changed()
    client = sign_in(administrator)

    before, put_away, after = client.get("/"), client.post("/start/dismissal/"), client.get("/")

    assert (before.status_code, before.context["start"].done) == (200, 2)
    assert put_away.headers["Location"] == after.headers["Location"] == "/lifecycle/"
    assert client.get("/start/").status_code == 200


def test_mail_is_connected_when_it_reaches_people(settings):
    settings.EMAIL_BACKEND, settings.CAUGHT_MAIL_DIR = "django.core.mail.backends.smtp.EmailBackend", "/tmp/x"
    caught = mail_reaches_people()
    settings.CAUGHT_MAIL_DIR = ""

    assert (caught, mail_reaches_people()) == (False, True)


def test_what_the_demo_made_is_not_ones_own(sign_in, administrator, manager):
    Demo.objects.create(pk=1, seed=1, size=1, last_day="2026-01-01", state="loaded")
    at = (clock.now() - timedelta(days=3)).isoformat()
    row = {"customer": "BB-1", "key": "1", "amount": "5", "currency": "EUR", "occurred_at": at}
    take_in("orders", [(0, row)], source="demo")

    page = sign_in(administrator).get("/")

    assert [step.is_done for step in page.context["start"].steps[:2]] == [False, False]
    assert page.context["may_remove_demo"]
    assert sign_in(manager).get("/").headers["Location"] == "/lifecycle/"


def test_then_everybody_starts_where_they_work(sign_in, administrator, marketer, owner, bought):
    install("swedish-six", by=administrator)
    evaluate_changed()

    assert sign_in(marketer).get("/").headers["Location"] == "/lifecycle/"
    assert sign_in(owner).get("/").templates[0].name == "home/my_day.html"


def test_one_box_finds_customers_companies_and_pages(sign_in, administrator, bought):
    Customer.objects.update(name="Ada Userman")

    page = sign_in(administrator).get("/search/", {"q": "user"})

    assert [
        (str(group.title), [str(one.label) for one in group.hits]) for group in page.context["groups"]
    ] == [
        ("Customers", ["Ada Userman"]),
        ("Pages", ["Users"]),
    ]


def test_leads_are_found_by_what_they_are_about(sign_in, owner, stranger):
    LeadFactory(title="Forty licences", owner=owner)

    mine, theirs = (
        sign_in(one).get("/search/", {"q": "licen"}).context["groups"] for one in (owner, stranger)
    )

    assert [(str(group.title), [one.label for one in group.hits]) for group in mine] == [
        ("Leads", ["Forty licences"])
    ]
    assert theirs == []


def test_pages_that_are_not_ones_own_are_not_found(sign_in, owner):
    page = sign_in(owner).get("/search/", {"q": "users"})

    assert page.context["groups"] == []


def test_for_htmx_only_what_was_found(sign_in, administrator):
    page = (
        sign_in(administrator)
        .get("/search/", {"q": "users"}, headers={"HX-Request": "true"})
        .content.decode()
    )

    assert page.lstrip().startswith('<div role="group"')
