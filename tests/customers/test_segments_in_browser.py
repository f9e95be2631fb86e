"""A marketer builds a segment with mouse and keyboard, sees who matches, and finds them in lists."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Segment
from customers.segments import keeping
from tests.factories import CustomerFactory, EventFactory, OrderFactory
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


def test_properties_of_an_event_are_added_by_keyboard_on_a_phone(
    marketer: User, sign_in_page: SignIn
) -> None:
    for name, amount in (("Ada", 2.5), ("Bob", "2.50"), ("Cleo", 2)):
        properties = {"amount": amount, "colour": "red"}
        EventFactory(customer=CustomerFactory(name=name), name="cart.abandoned", properties=properties)
    page = sign_in_page(marketer)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/segments/new/")
    page.get_by_label("Name").fill("Carts")
    page.get_by_label("Test", exact=True).select_option("event")
    page.get_by_label("Events").fill("cart.abandoned")

    page.get_by_role("button", name="Add a property").press("Enter")
    expect(page.get_by_label("Property", exact=True)).to_be_focused()
    page.keyboard.type("amount")
    page.get_by_label("Comparison").select_option("at_least")
    expect(page.get_by_label("Value", exact=True)).to_have_attribute("inputmode", "decimal")  # drawn anew
    page.get_by_label("Value", exact=True).fill("2,5")
    page.get_by_role("button", name="Add a property").press("Enter")
    second = page.get_by_role("group", name="A property and what it is").nth(1)
    second.get_by_label("Property", exact=True).fill("colour")
    second.get_by_label("Comparison").select_option("is_set")
    expect(second.get_by_label("Value", exact=True)).to_have_count(0)

    expect(page.locator(".condition-count")).to_have_text("2 customers match")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    second.get_by_role("button", name="Remove this property").press("Enter")
    expect(page.get_by_role("group", name="A property and what it is")).to_have_count(1)
    page.get_by_role("button", name="Make the segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Carts")
    tests = Segment.objects.get().conditions["all"][0]["parameters"]["properties"]
    assert tests == [{"property": "amount", "operator": "at_least", "value": "2.5"}]


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
