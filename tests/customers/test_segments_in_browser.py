"""A marketer builds a segment with mouse and keyboard, sees who matches, and finds them in lists."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import User
from customers.models import Segment
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
def test_a_segment_is_built_test_by_test(marketer: User, sign_in_page: SignIn) -> None:
    page = sign_in_page(marketer)
    page.goto("/segments/")

    page.get_by_role("link", name="New segment by conditions").click()
    page.get_by_label("Name").fill("Buyers")
    page.get_by_label("Test", exact=True).select_option("orders")
    at_least, preview = page.get_by_label("At least"), page.locator("#conditions-preview")
    at_least.fill("-5")
    expect(preview).to_contain_text("At least: Is at least 1.")
    expect(at_least).to_have_attribute("aria-invalid", "true")
    expect(at_least).to_have_accessible_description("Is at least 1.")
    expect(at_least).to_be_focused()
    at_least.fill("1")
    expect(preview).to_contain_text("3 customers match")
    expect(at_least).not_to_have_attribute("aria-invalid", "true")
    expect(preview).to_contain_text("Ada")
    page.get_by_role("button", name="Add a group").click()
    inner = page.get_by_role("group", name="Group of conditions")
    expect(inner.get_by_label("Test", exact=True)).to_be_focused()
    inner.get_by_label("Test", exact=True).select_option("event")
    inner.get_by_label("Events").fill("page.viewed")
    inner.get_by_label("Whether it holds").select_option("1")
    expect(preview).to_contain_text("At least 1 order and not: viewed a page.")
    page.get_by_role("button", name="Make the segment").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Buyers")
    expect(page.locator("#segment-count")).to_contain_text("3")
    assert Segment.objects.get().conditions == {
        "all": [
            {"condition": "orders", "parameters": {"at_least": 1}},
            {"any": [{"not": {"condition": "event", "parameters": {"names": ["page.viewed"]}}}]},
        ]
    }


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
