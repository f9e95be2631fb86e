"""The pages behind the links of a mail: opened by anybody who has the link, and by machines that look at it."""

import re

import pytest
from django.test import Client

from campaigns.links import UnknownLink, customer_of, preferences_link, unsubscribe_link, unsubscription
from campaigns.models import Survey
from campaigns.surveys.links import preview_of
from clm.accounts.models import AuditEntry
from customers.models import Consent, Customer
from tests.factories import ConsentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def customer() -> Customer:
    made = CustomerFactory(name="Anna", email="anna@example.com", language="en")
    ConsentFactory(customer=made)
    return made


@pytest.fixture
def anybody() -> Client:
    return Client(enforce_csrf_checks=True)


def path(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def given(customer: Customer) -> list[tuple[str, bool]]:
    return list(Consent.objects.live().order_by("pk").values_list("purpose", "is_given"))


def test_one_click_unsubscribes_at_once_without_page_cookie_or_redirect(customer, anybody) -> None:
    answer = anybody.post(path(unsubscribe_link(customer.pk, "marketing", 7)), ONE_CLICK)

    assert (answer.status_code, answer.content, answer.cookies) == (200, b"OK", {})
    assert given(customer) == [("marketing", True), ("marketing", False)]
    assert Consent.objects.latest("pk").proof == {"via": "one-click", "message": 7}
    assert AuditEntry.objects.latest("pk").action == "customer.chose"


def test_looking_a_hundred_times_changes_nothing(customer, anybody) -> None:
    address = path(unsubscribe_link(customer.pk, "marketing"))

    for _time in range(10):
        assert anybody.get(address).status_code == 200
        assert anybody.head(address).status_code == 200

    assert given(customer) == [("marketing", True)]


def test_the_page_asks_once_more_and_its_button_unsubscribes(customer, anybody) -> None:
    address = path(unsubscribe_link(customer.pk, "marketing"))

    asked, done = anybody.get(address), anybody.post(address)

    assert "a•••@example.com" in asked.content.decode()
    assert "You are unsubscribed" in done.content.decode()
    assert (asked.headers["Referrer-Policy"], asked.headers["Cache-Control"]) == (
        "no-referrer",
        "private, no-store",
    )
    assert given(customer) == [("marketing", True), ("marketing", False)]


def test_unsubscribing_twice_is_one_entry_in_the_ledger(customer, anybody) -> None:
    for _time in range(2):
        assert anybody.post(path(unsubscribe_link(customer.pk, "marketing")), ONE_CLICK).status_code == 200

    assert given(customer) == [("marketing", True), ("marketing", False)]


def test_a_customer_who_is_gone_is_told_the_same(anybody) -> None:
    answer = anybody.post(path(unsubscribe_link(987_654, "marketing")))

    assert (answer.status_code, "You are unsubscribed" in answer.content.decode()) == (200, True)
    assert Consent.objects.count() == 0


def test_a_merged_customer_is_unsubscribed_as_whom_they_were_merged_into(customer, anybody) -> None:
    loser = CustomerFactory(merged_into=customer)

    anybody.post(path(unsubscribe_link(loser.pk, "marketing")), ONE_CLICK)

    assert Consent.objects.latest("pk").customer == customer
    assert given(customer)[-1] == ("marketing", False)


@pytest.mark.parametrize("cut", [-1, -5, 3])
def test_an_edited_link_opens_nothing(customer, anybody, cut: int) -> None:
    address = path(unsubscribe_link(customer.pk, "marketing")).rstrip("/")
    edited = address[:cut] if cut < 0 else address.replace(f"/{customer.pk}-", f"/{customer.pk + 1}-")

    answers = [anybody.get(f"{edited}/"), anybody.post(f"{edited}/", ONE_CLICK)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "This link does not work" in answers[0].content.decode()
    assert given(customer) == [("marketing", True)]


def test_a_link_for_one_purpose_opens_no_other_page(customer, anybody) -> None:
    tokens = {
        "unsubscribe": path(unsubscribe_link(customer.pk, "marketing")).split("/")[2],
        "preferences": path(preferences_link(customer.pk)).split("/")[2],
        "answer": path(preview_of(Survey.objects.main(), "en")).split("/")[2],
    }

    statuses = {
        (page, made_for): anybody.get(f"/{page}/{token}/").status_code
        for page in tokens
        for made_for, token in tokens.items()
    }

    assert statuses == {(page, other): 200 if page == other else 404 for page in tokens for other in tokens}
    with pytest.raises(UnknownLink):
        unsubscription(tokens["preferences"])
    with pytest.raises(UnknownLink):
        customer_of(tokens["unsubscribe"])


def test_too_many_posts_to_one_link_have_to_wait(customer, anybody) -> None:
    address = path(preferences_link(customer.pk))

    answers = [anybody.post(address, {"language": "en"}).status_code for _time in range(21)]

    assert answers == [200] * 20 + [429]


def test_preferences_are_changed_purpose_by_purpose(customer, anybody) -> None:
    address = path(preferences_link(customer.pk))

    page = anybody.post(address, {"click_tracking": "on", "language": "da"}).content.decode()

    assert given(customer) == [("marketing", True), ("marketing", False), ("click_tracking", True)]
    customer.refresh_from_db()
    assert (customer.language, re.search(r'<html lang="(\w+)"', page)[1]) == ("da", "da")


def test_preferences_show_what_was_said(customer, anybody) -> None:
    page = anybody.get(path(preferences_link(customer.pk))).content.decode()

    assert re.findall(r'name="(\w+)"[^>]* checked', page) == ["marketing"]


def test_a_language_that_is_none_of_ours_is_refused(customer, anybody) -> None:
    answer = anybody.post(path(preferences_link(customer.pk)), {"language": "xx"})

    assert answer.status_code == 422
    assert given(customer) == [("marketing", True)]


@pytest.mark.parametrize(
    ("language", "accepted", "expected"), [("da", "sv", "da"), ("", "sv,en;q=0.5", "sv"), ("", "", "en")]
)
def test_the_page_speaks_the_customers_language(customer, anybody, language, accepted, expected) -> None:
    Customer.objects.update(language=language)

    page = anybody.get(
        path(unsubscribe_link(customer.pk, "marketing")),
        headers={"Accept-Language": accepted} if accepted else {},
    )

    assert re.search(r'<html lang="(\w+)"', page.content.decode())[1] == expected
