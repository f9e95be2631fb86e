"""A marketer's clean-up: a messy workbook is tried, taken in, taken back, removed and corrected; who came twice becomes one, and two again."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from customers.models import Customer
from tests.customers.workbooks import workbook
from tests.fixtures.browser import complaints_of
from tests.lifecycle.shop import work_off

pytestmark = pytest.mark.django_db(transaction=True)
MESSY = [
    ["id", "email", "name", "country", "phone"],
    [1, "ann@example.com", "Ann Lind", "DK", "+45 12 34 56 78"],
    [2, "not an address", "Bo", "SE", ""],
    [3, "cy@example.com", "Cy", "Nowhere", ""],
    [4, "ann@work.example", "Ann M. Lind", "DK", "+45 1234 5678"],
]
CORRECTED = [
    *MESSY[:2],
    [2, "bo@example.com", "Bo", "SE", ""],
    [3, "cy@example.com", "Cy", "Norway", ""],
    MESSY[4],
]


def bring(page: Page, rows: list[list[object]]) -> None:
    page.goto("/imports/new/?kind=customers")
    page.locator("#id_source").fill("crm")
    content = workbook({"Cover": [], "People": rows})
    page.locator("#id_file").set_input_files(
        {"name": "people.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("#id_sheet")).to_have_value("1")


def press(page: Page, name: str) -> None:
    """A button whose work a worker does."""
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()
    work_off()
    page.reload()


def faultless(page: Page) -> None:
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    assert complaints_of(page) == []


def test_a_marketers_clean_up(sign_in_page, marketer):
    page: Page = sign_in_page(marketer)
    page.on("dialog", lambda question: question.accept())

    bring(page, MESSY)
    page.locator("#import-keep input[name=name]").fill("From the CRM")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="From the CRM")).to_be_visible()
    faultless(page)
    press(page, "Check the whole file")
    expect(page.locator("#import-check")).to_contain_text("Added2")
    assert not Customer.objects.exists()
    press(page, "Import now")
    expect(page.locator("#import-result")).to_contain_text("Left out2")
    page.get_by_role("button", name="Download to correct").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith("problems.xlsx")
    press(page, "Undo this import")
    expect(page.locator("#import-result")).to_contain_text("Undone")
    expect(page.locator("#import-left")).to_contain_text("2 customers were known from this file alone")
    press(page, "Remove them")
    expect(page.locator("#import-result")).to_contain_text("Customers removed2")
    assert not Customer.objects.exists()

    bring(page, CORRECTED)
    press(page, "Check the whole file")
    press(page, "Import now")
    expect(page.locator("#import-result")).to_contain_text("Left out0")
    assert sorted(Customer.objects.values_list("name", "country")) == [
        ("Ann Lind", "DK"),
        ("Ann M. Lind", "DK"),
        ("Bo", "SE"),
        ("Cy", "NO"),
    ]

    page.goto("/customers/duplicates/")
    press(page, "Search everybody")
    page.get_by_role("link", name="Compare").click()
    faultless(page)
    page.get_by_role("radio", name="ann@work.example").check()
    page.get_by_role("button", name="Merge these customers").click()
    expect(page.get_by_text("They are one customer now.")).to_be_visible()
    assert Customer.objects.present().count() == 3
    page.goto("/customers/merges/")
    faultless(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is a customer of its own again")).to_be_visible()
    assert Customer.objects.present().count() == 4
