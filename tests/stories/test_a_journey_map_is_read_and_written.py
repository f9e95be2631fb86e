"""The journey map as a person meets it: read on a phone, edited by keyboard."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from clm.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[["User"], Page]
BOARD = "/lifecycle/models/swedish-six/journey/"


def test_a_marketer_reads_and_edits_the_map(sign_in_page: SignIn, marketer: "User") -> None:
    from lifecycle.presets import install

    install("swedish-six", by=None)
    page = sign_in_page(marketer)
    page.goto(BOARD)

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        findings = Axe().run(page).response["violations"]
        assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in findings] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_role("link", name="Edit Loyalty").press("Enter")
    page.get_by_label("Playbook").fill("Call them by name.")
    page.get_by_label("Assets").fill("Look | javascript:alert(1)")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("is no web address")
    page.get_by_label("Assets").fill("Card | https://example.com/card")
    page.get_by_role("button", name="Save").click()

    loyalty = page.locator("#journey-loyalty")
    expect(loyalty).to_contain_text("Call them by name.")
    expect(loyalty.get_by_role("link", name="Card")).to_have_attribute("href", "https://example.com/card")
