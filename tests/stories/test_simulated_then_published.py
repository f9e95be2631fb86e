"""A marketer shortens a number of days, sees who would move, publishes, and finds just that."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from campaigns.enrolling import enroll
from clm.accounts.models import User
from lifecycle.models import LifecycleModel, ModelVersion, StagePeriod
from lifecycle.publishing import publish
from tests.campaigns.looking import WIDE, hold_accessible, look
from tests.campaigns.outreach import message_step, running
from tests.lifecycle.shop import six_stages, work_off
from tests.lifecycle.simulating.trying import company, drafted

MODEL = "/lifecycle/models/swedish-six/"


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


def test_what_was_simulated_is_what_publishing_does(
    transactional_db: None, marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    model = six_stages()
    company()
    running(
        message_step(),
        name="We miss you",
        trigger={"kind": "stage_entered", "model": None, "stages": ["churned"]},
    )
    drafted(model, churned=90, retention=90, loyalty=90)
    page = sign_in_page(marketer)
    page.goto(f"{MODEL}draft/simulation/")
    expect(page.get_by_text("Nothing was simulated yet")).to_be_visible()

    page.get_by_role("button", name="Simulate").click()
    expect(page.locator("#simulation-summary")).to_contain_text("4 of 10 customers would move.")
    expect(page.locator("#simulated-stages tr", has_text="Churned")).to_contain_text(
        re.compile(r"1\s+5\s+\+4")
    )
    expect(page.locator("#simulated-messages")).to_contain_text("We miss you")
    expect(page.locator("#simulated-messages")).to_contain_text("4 customers would enter.")
    expect(page.locator("#simulated-customers")).to_contain_text("Last purchase over 90 days ago")
    expect(page.locator("#simulated-flow canvas, #simulated-flow svg").first).to_be_visible()
    hold_accessible(page)
    look(page, "simulation-now")
    assert StagePeriod.objects.live().filter(stage__slug="churned", left_at=None).count() == 1

    page.select_option("[name=span]", "history")
    page.get_by_role("button", name="Simulate").click()
    expect(page.locator("#simulated-stages")).to_contain_text("Entries with it")
    look(page, "simulation-history")

    page.goto(f"{MODEL}draft/")
    page.locator("#rehearsal").get_by_role("link", name=re.compile("The whole simulation")).click()
    expect(page.locator("h1")).to_have_text("Simulate")
    put_in_force(model)
    page.goto(MODEL)
    expect(page.locator("#model-stages")).to_contain_text(re.compile(r"Churned\s+5"))
    assert enroll() == 4


def put_in_force(model: LifecycleModel) -> None:
    publish(ModelVersion.objects.get(model=model, status="draft"), by=None)
    work_off()
