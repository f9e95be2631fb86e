"""A manager reads what drop-off means, how many go straight on, and who was lost, the dearest first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.metrics.conftest import world  # noqa: F401 - a fixture
from tests.metrics.test_stage_pages import MARCH, shop  # noqa: F401 - a fixture
from tests.metrics.world import World

if TYPE_CHECKING:
    from clm.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[["User"], Page]


def test_from_the_overview_to_who_dropped_off(shop: World, sign_in_page: SignIn, manager: "User") -> None:  # noqa: F811
    page = sign_in_page(manager)
    page.goto(f"/lifecycle/stages/?{MARCH}")

    page.get_by_role("button", name="What “Drop-off” means").click()
    expect(page.locator("#define-stage-drop-off")).to_contain_text("led to a churned stage")
    page.get_by_role("navigation", name="Stage analytics").get_by_role("link", name="Conversion").click()
    page.get_by_role("link", name="Strict: directly next").click()
    expect(page.locator("#pair-table")).to_contain_text("33%")
    page.get_by_role("navigation", name="Stage analytics").get_by_role("link", name="Drop-off").click()
    expect(page.locator("#dropped-table tbody tr").first).to_contain_text("now in Churned")
