"""Kinds of buyers as a person meets them: from the list to the months, as a picture, a table and a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.looking import narrow
from tests.metrics.test_activity_pages import SPRING, spring  # noqa: F401 - a fixture
from tests.metrics.world import World

if TYPE_CHECKING:
    from clm.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[["User"], Page]


@pytest.fixture
def listed(spring: World, sign_in_page: SignIn, manager: "User") -> Page:  # noqa: F811
    page = sign_in_page(manager)
    page.goto(f"/metrics/?{SPRING}")
    return page


def test_months_are_a_picture_a_table_and_a_file(listed: Page, tmp_path: Path) -> None:
    listed.get_by_role("link", name="Buyers", exact=True).click()
    expect(listed.locator("#definition")).to_contain_text("new + returning + resurrecting")
    listed.get_by_role("link", name="By month").click()

    chart = listed.locator("#picture")
    expect(chart.locator("svg").first).to_be_visible()
    expect(chart).to_contain_text("Below zero: dormant")
    chart.get_by_role("button", name="Buyers as a table").click()
    expect(chart.get_by_role("row")).to_have_text(
        ["BuyersNewReturningResurrectingDormant", "Mar 202532100", "Apr 202510102"]
    )
    chart.get_by_role("button", name="Save Buyers").click()
    with listed.expect_download() as saved:
        listed.locator("#picture-save").get_by_text("CSV").click()
    saved.value.save_as(tmp_path / "buyers.csv")
    assert "2025-04,dormant,Apr 2025 → Dormant,,2" in (tmp_path / "buyers.csv").read_text()


@pytest.mark.parametrize("breakdown", ["", "month", "country"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(
    listed: Page, breakdown: str, scheme: Literal["light", "dark"]
) -> None:
    listed.emulate_media(color_scheme=scheme)
    listed.goto(f"/metrics/buyer-activity/?{SPRING}&breakdown={breakdown}")

    findings = Axe().run(listed).response["violations"]

    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in findings] == []
    narrow(listed)
