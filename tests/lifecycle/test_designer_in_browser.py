"""The designer in a real Chromium: by keyboard and click, in both themes, wide and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from clm.accounts.models import User
from lifecycle.designing.steps import set_moves
from lifecycle.drafting import edit
from lifecycle.models import LifecycleModel
from tests.lifecycle.shop import buyer, six_stages
from tests.lifecycle.test_pages_in_browser import PHONE, WIDE, check

PAGE = "/lifecycle/models/swedish-six/"


@pytest.mark.parametrize(
    ("size", "theme"), [pytest.param(WIDE, "light", marks=pytest.mark.nightly), (PHONE, "dark")]
)
def test_the_designer_is_accessible_and_fits(
    marketer: User,
    sign_in_page: Callable[[User], Page],
    theme: str,
    size: dict[str, int],
    live_server: object,
) -> None:
    model = six_stages()
    buyer(400, 390, 10)
    buyer(200)
    barred = {("churned", "loyalty"): "forbidden"}
    edit(model, lambda plan: set_moves(plan, "person", barred), read="*", by=marketer)
    rule = LifecycleModel.objects.get().versions.get(number=1).rules.first()
    page = sign_in_page(marketer)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": str(live_server)}])
    page.set_viewport_size(size)  # type: ignore[arg-type]

    for path in (
        "draft/stages/",
        "draft/stages/loyalty/",
        "draft/rules/",
        f"draft/rules/{rule.pk if rule else 0}/",
        "draft/moves/?source=person",
        "draft/components/",
        "draft/file/",
        "draft/publication/",
        "overview/?version=draft",
        "differences/",
    ):
        page.goto(f"{PAGE}{path}")
        page.wait_for_load_state("networkidle")
        check(page, size)
    page.goto("/lifecycle/models/new/")
    check(page, size)
