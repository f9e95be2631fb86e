"""From no campaign to a running one in a real Chromium, and what its pages then tell."""

from collections.abc import Callable

import pytest
from django.core import mail as outbox
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Message
from clm.accounts.models import User
from tests.campaigns.looking import WIDE, hold_accessible, look
from tests.campaigns.outreach import no_quiet_hours, person, put, sweep
from tests.lifecycle.shop import six_stages


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


def test_a_ready_made_campaign_is_started_after_a_review(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    six_stages()
    no_quiet_hours()
    for number, consents in ((1, True), (2, True), (3, False)):
        put(person(number, consents=consents))
    page = sign_in_page(marketer)
    page.goto("/campaigns/")
    look(page, "campaigns-empty")
    hold_accessible(page)
    page.locator("#preset-welcome").get_by_role("button", name="Use this campaign").click()
    expect(page.get_by_role("heading", name="Welcome", level=1)).to_be_visible()
    look(page, "campaign-draft")

    page.get_by_role("link", name="Edit", exact=True).click()
    look(page, "campaign-edit")
    hold_accessible(page)
    page.get_by_role("link", name="Review and start").click()
    expect(page.locator("#preflight")).to_contain_text("No consent")
    expect(
        page.frame_locator(".mail-frame").first.get_by_role("heading", name="Welcome, Anna")
    ).to_be_visible()
    look(page, "campaign-review")
    hold_accessible(page)
    page.get_by_role("button", name="Start for all of them").click()
    expect(page.get_by_text("It is in force.")).to_be_visible()

    sweep()
    page.reload()
    expect(page.locator("#in-it")).to_contain_text("3")
    expect(page.locator("#sent")).to_contain_text("2")
    look(page, "campaign-running")
    hold_accessible(page)
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("Next: Wait 3 days").first).to_be_visible()
    look(page, "campaign-people")
    hold_accessible(page)
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_text("No consent")).to_be_visible()
    look(page, "campaign-messages")
    hold_accessible(page)

    assert sorted(mail.to[0] for mail in outbox.outbox) == ["person1@example.com", "person2@example.com"]
    assert Campaign.objects.get().status == "running"


def test_a_campaign_is_put_together_step_by_step(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    six_stages()
    from tests.campaigns.outreach import template

    template("Tips")
    page = sign_in_page(marketer)
    page.goto("/campaigns/new/")
    page.get_by_label("Name").fill("Tips for regulars")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Before it can start:")).to_be_visible()

    page.locator("#entry").get_by_role("link", name="Change").click()
    page.get_by_label("Loyalty").check()
    look(page, "campaign-entry")
    hold_accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Message", exact=True).click()
    page.get_by_label("Template").select_option(label="Tips")
    look(page, "campaign-step")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Wait", exact=True).click()
    page.get_by_label("Wait").fill("2")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#step-1").get_by_role("button", name="Move up").click()
    expect(page.locator("#step-0")).to_contain_text("Wait 2 days")
    page.locator("#ends").get_by_role("link", name="Change").click()
    look(page, "campaign-ends")
    hold_accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Everything is there.")).to_be_visible()
    look(page, "campaign-composed")

    draft = Campaign.objects.get().draft()
    assert draft is not None
    assert [(step.position, step.kind) for step in draft.steps.all()] == [(0, "wait"), (1, "message")]
    assert draft.trigger == {"kind": "stage_entered", "model": "swedish-six", "stages": ["loyalty"]}
    assert Message.objects.count() == 0
