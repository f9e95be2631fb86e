"""The pages about stages as a person meets them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.looking import narrow
from tests.metrics.test_stage_pages import MARCH, TABS, shop  # noqa: F401 - a fixture
from tests.metrics.world import World

if TYPE_CHECKING:
    from clm.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[["User"], Page]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_is_accessible_and_fits_a_phone(
    shop: World,  # noqa: F811
    sign_in_page: SignIn,
    manager: "User",
    scheme: Literal["light", "dark"],
) -> None:
    page = sign_in_page(manager)
    page.emulate_media(color_scheme=scheme)
    for tab in TABS:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"/lifecycle/stages/{tab}?{MARCH}")

        findings = Axe().run(page).response["violations"]

        assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in findings] == [], tab
        narrow(page)
