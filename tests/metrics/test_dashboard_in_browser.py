"""The dashboard as a person meets it: numbers, definitions, tables, pictures, filters, phone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.looking import narrow
from tests.metrics.test_pages import SPRING, shop  # noqa: F401 - a fixture
from tests.metrics.world import World

if TYPE_CHECKING:
    from clm.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[["User"], Page]


@pytest.fixture
def board(shop: World, sign_in_page: SignIn, manager: "User") -> Page:  # noqa: F811
    page = sign_in_page(manager)
    page.goto(f"/lifecycle/?{SPRING}")
    return page


def test_every_headline_tells_its_definition(board: Page) -> None:
    tile = board.locator("#tile-cac")

    tile.get_by_role("button", name="What “CAC” means").click()

    expect(board.locator("#define-tile-cac")).to_contain_text(
        "spend of the period ÷ customers won in the period"
    )
    board.locator("#define-tile-cac").get_by_role("link", name="Definition and breakdowns").click()
    expect(board.get_by_role("heading", level=1)).to_have_text("CAC")
    expect(board.locator("#total")).to_contain_text("€22.50")


def test_a_chart_is_a_picture_a_table_and_a_file(board: Page, tmp_path: Path) -> None:
    chart = board.locator("#stage-bars")
    expect(chart.locator("svg").first).to_be_visible()

    chart.get_by_role("button", name="Customers per stage as a table").click()

    expect(chart.get_by_role("table")).to_contain_text("Loyalty")
    chart.get_by_role("button", name="Save Customers per stage").click()
    with board.expect_download() as saved:
        board.locator("#stage-bars-save").get_by_text("CSV").click()
    saved.value.save_as(tmp_path / "stages.csv")
    assert "loyalty,Loyalty,,20" in (tmp_path / "stages.csv").read_text()


def test_filters_are_in_the_address_and_can_be_taken_back(board: Page) -> None:
    board.get_by_role("button", name="Filter").click()
    board.get_by_label("Country").fill("SE")
    board.get_by_role("button", name="Show").click()

    assert "country=SE" in board.url
    expect(board.locator(".page-subtitle")).to_contain_text("10 customers")
    board.get_by_role("link", name="Remove the filter Sweden").click()
    expect(board.locator(".page-subtitle")).to_contain_text("40 customers")


def test_the_period_before_is_one_click_away(board: Page) -> None:
    board.get_by_role("link", name="Previous period").click()

    assert "from=2024-12-01&to=2025-02-28" in board.url
    expect(board.locator("#tile-cac")).to_contain_text("Nobody was won in the period.")


PAGES = [f"/lifecycle/?{SPRING}", f"/metrics/?{SPRING}", f"/metrics/crr/?{SPRING}&breakdown=stage"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(
    board: Page, path: str, scheme: Literal["light", "dark"]
) -> None:
    board.emulate_media(color_scheme=scheme)
    board.goto(path)

    findings = Axe().run(board).response["violations"]

    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in findings] == []
    narrow(board)
