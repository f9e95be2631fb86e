"""A marketer builds a segment with mouse and keyboard, sees who matches, and finds them in lists."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.segments import keeping
from tests.factories import CustomerFactory, OrderFactory
from tests.fixtures.browser import complaints_of

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Page]


@pytest.fixture
def shop(db: None) -> None:
    for name, country in (("Ada", "DK"), ("Bob", "DK"), ("Cleo", "SE")):
        OrderFactory(customer=CustomerFactory(name=name, country=country))
    CustomerFactory(name="Dag", country="DK")


@pytest.mark.usefixtures("shop")
def test_typing_enter_saves_and_does_not_add(marketer: User, sign_in_page: SignIn) -> None:
    page = sign_in_page(marketer)
    page.goto("/segments/new/")
    page.get_by_label("Test", exact=True).select_option("orders")
    page.get_by_label("At least").fill("1")
    page.get_by_label("Name").fill("Buyers")

    page.get_by_label("At least").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Buyers")


@pytest.mark.usefixtures("shop")
def test_a_mistake_is_shown_where_it_is(marketer: User, sign_in_page: SignIn) -> None:
    page = sign_in_page(marketer)
    page.goto("/segments/new/")
    page.get_by_label("Name").fill("Buyers")
    page.get_by_label("Test", exact=True).select_option("field")
    page.get_by_label("Field").select_option("country")
    page.get_by_role("button", name="Make the segment").click()

    wrong = page.get_by_role("group", name="A test and its settings")
    expect(wrong).to_contain_text("Is required.")
    expect(page.get_by_label("Field")).to_have_value("country")
    expect(page.get_by_label("Name")).to_have_value("Buyers")


@pytest.mark.usefixtures("shop")
def test_the_builder_fits_a_phone(marketer: User, sign_in_page: SignIn) -> None:
    deep = {"condition": "orders", "parameters": {"at_least": 1}}
    for word in ("any", "all", "any"):
        deep = {word: [deep]}
    segment = keeping.create(by=marketer, name="Deep", kind="dynamic", conditions=deep)
    page = sign_in_page(marketer)
    page.set_viewport_size({"width": 390, "height": 844})

    for address in ("/segments/", f"/segments/{segment.pk}/", f"/segments/{segment.pk}/edit/"):
        page.goto(address)

        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.usefixtures("shop")
def test_the_builder_works_with_scripts_off(marketer: User, sign_in_page: SignIn) -> None:
    page = sign_in_page(marketer)
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/segments/new/")
    page.get_by_label("Name").fill("Buyers")

    page.get_by_role("button", name="Add a test").click()

    expect(page.get_by_label("Test", exact=True)).to_have_count(2)
    expect(page.get_by_label("Name")).to_have_value("Buyers")
    complaints_of(page).clear()  # of the scripts that did not come
