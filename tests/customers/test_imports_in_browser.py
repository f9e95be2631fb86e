"""A marketer's clean-up: a messy workbook is checked, kept as a mapping, taken in, corrected and taken back."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clm.accounts.jobs import drive
from customers.models import Customer, Import
from tests.customers.workbooks import workbook
from tests.fixtures.browser import complaints_of

pytestmark = pytest.mark.django_db(transaction=True)
MESSY = [
    ["id", "email", "name", "country"],
    [1, "ann@example.com", "Ann", "DK"],
    [2, "not an address", "Bo", "SE"],
    [3, "cy@example.com", "Cy", "Nowhere"],
]


def work(page: Page) -> None:
    drive(Import.objects.latest("pk").job)
    page.reload()


def test_a_messy_workbook_is_cleaned_up(sign_in_page, marketer, tmp_path):
    page: Page = sign_in_page(marketer)
    page.goto("/imports/new/?kind=customers")
    page.locator("#id_source").fill("crm")
    file = {"name": "people.xlsx", "mimeType": "application/octet-stream"}
    page.locator("#id_file").set_input_files({**file, "buffer": workbook({"Cover": [], "People": MESSY})})
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("#id_sheet")).to_have_value("1")
    page.locator("#import-keep input[name=name]").fill("From the CRM")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="From the CRM")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Check the whole file").click()
    work(page)
    expect(page.locator("#import-check")).to_contain_text("Added1")
    page.get_by_role("button", name="Import now").click()
    work(page)
    expect(page.locator("#import-result")).to_contain_text("Left out2")
    page.get_by_role("button", name="Download to correct").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith("problems.xlsx")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo this import").click()
    dialog = page.get_by_role("dialog").get_by_role("button")
    if dialog.count():
        dialog.last.click()
    work(page)

    expect(page.locator("#import-result")).to_contain_text("Undone")
    assert list(Customer.objects.values_list("name", flat=True)) == [""]
    assert complaints_of(page) == []
