"""A marketer keeps a narrowed list as a view, gives it to a team, begins with it, and takes it out as files."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clm.accounts.models import AuditEntry, SavedView, Team, User
from tests.factories import CustomerFactory
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)


def taken_out(page: Page, kind: str) -> bytes:
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.locator("#export-customers").get_by_role("link", name=kind).click()
    return Path(download.value.path()).read_bytes()


def test_a_view_is_kept_shared_begun_with_and_taken_out_as_it_stands(
    marketer: User, owner: User, north: Team, sign_in_page: Callable[[User], Page]
) -> None:
    for name in ("Bo", "Ada", "=Cy"):
        CustomerFactory(name=name, country="DK", owner=owner, team=north)
    CustomerFactory(name="Sven", country="SE", owner=owner, team=north)
    page = sign_in_page(marketer)
    names = page.locator("#customer-list tbody .row-link")

    page.goto("/customers/?country=DK&sort=-name")
    page.get_by_role("button", name="Save view").click()
    dialog = page.get_by_role("dialog", name="Save this view")
    dialog.get_by_label("Name").fill("Danes")
    dialog.get_by_label("Who sees it").select_option("Team North")
    assert faults(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Danes")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Views").click()
    page.get_by_role("button", name="Begin with it").click()
    expect(page.locator("tbody")).to_contain_text("Team North")
    expect(page.get_by_role("button", name="Begin with all")).to_be_visible()
    assert faults(page) == []

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/customers/")
    expect(page).to_have_title(re.compile("^Danes · Customers"))
    expect(names).to_have_text(["Bo", "Ada", "=Cy"])
    assert faults(page) == []
    _head, *lines = csv.reader(io.StringIO(taken_out(page, "CSV").decode("utf-8-sig")))
    with zipfile.ZipFile(io.BytesIO(taken_out(page, "Excel"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert [line[1] for line in lines] == ["Bo", "Ada", "'=Cy"]
    assert (sheet.count("<row "), "<t>Ada</t>" in sheet, "Sven" in sheet) == (4, True, False)

    page = sign_in_page(owner)  # of the team, and may take nothing out
    page.goto("/customers/")
    expect(names).to_have_count(4)
    page.get_by_role("link", name="Danes").click()
    expect(names).to_have_text(["Bo", "Ada", "=Cy"])
    expect(page.get_by_role("button", name="Export")).to_have_count(0)
    assert SavedView.objects.get().team == north
    entries = AuditEntry.objects.filter(action="customers.exported")
    assert [(one.details["rows"], one.details["query"]) for one in entries] == [
        (3, "country=DK&sort=-name")
    ] * 2


def test_many_views_of_which_one_was_changed_keep_a_phone_its_width(
    owner: User, north: Team, sign_in_page: Callable[[User], Page]
) -> None:
    CustomerFactory(name="Ada", country="DK", owner=owner, team=north)
    for name in ("Danes of the north", "Danes of the south", "Danes who wait for us", "Those of Zealand"):
        view = SavedView.objects.create(owner=owner, page="customers", name=name, query="country=SE")
    page = sign_in_page(owner)
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"/customers/?country=DK&view={view.pk}")

    expect(page.get_by_title("Changed, not saved")).to_have_count(1)
    assert faults(page) == []
