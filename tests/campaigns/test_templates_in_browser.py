"""Writing a template in a real Chromium: blocks, preview, test mail."""

from collections.abc import Callable

import pytest
from django.core import mail as outbox
from playwright.sync_api import Page, expect

from campaigns import texts
from campaigns.models import Template
from clm.accounts.models import User
from tests.campaigns.looking import WIDE, hold_accessible, look
from tests.factories import CustomerFactory


@pytest.fixture
def page(page: Page) -> Page:
    page.on("dialog", lambda dialog: dialog.accept())
    page.set_viewport_size(WIDE)
    return page


def test_a_marketer_writes_a_mail_and_sees_it_as_a_customer_will(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    CustomerFactory(name="Søren Ødegaard", first_name="Søren", email="soren@example.com", language="da")
    page = sign_in_page(marketer)
    page.goto("/templates/")
    look(page, "templates-empty")
    hold_accessible(page)
    page.get_by_role("link", name="Write the first one").click()
    page.get_by_label("name").fill("Welcome")
    page.get_by_role("button", name="Go on to the text").click()

    page.get_by_label("Subject").fill("Welcome ")
    page.get_by_label("Subject").press("End")
    page.get_by_text("Placeholders: what differs").click()
    page.get_by_role("button", name="First name").click()
    page.get_by_role("button", name="Heading", exact=True).click()
    page.locator("#id_blocks-0-text").fill("Good to have you")
    page.get_by_role("button", name="Text", exact=True).click()
    page.locator("#id_blocks-1-text").fill("Dear {{ customer.first_name }}, **thank you**.")
    page.get_by_role("button", name="Button", exact=True).click()
    page.get_by_label("Words on the button").fill("To the shop")
    page.locator("#id_blocks-2-url").fill("https://shop.example/")
    frame = page.frame_locator(".mail-frame")
    expect(frame.get_by_text("Dear Anna, thank you.")).to_be_visible()
    page.get_by_label("Preview as a customer").fill("sør")
    page.get_by_label("Søren Ødegaard").check()
    expect(frame.get_by_text("Dear Søren, thank you.")).to_be_visible()
    expect(frame.get_by_role("link", name="To the shop")).to_be_visible()
    look(page, "template-editor")
    hold_accessible(page)

    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("A test mail is on its way to mark@example.com.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    text = Template.objects.get().texts.get()
    assert [block["kind"] for block in text.blocks] == ["heading", "text", "button"]
    assert text.subject == 'Welcome {{ customer.first_name | default: "…" }}'
    assert [(each.to, each.subject) for each in outbox.outbox] == [
        (["mark@example.com"], "[Test] Welcome Søren")
    ]


def test_blocks_are_moved_and_deleted_by_keyboard(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    template = texts.establish(name="News", message_class="value", by=marketer)
    blocks = [{"kind": "text", "text": word} for word in ("one", "two", "three")]
    texts.write(template, "en", subject="News", preheader="", blocks=blocks, by=marketer)
    page = sign_in_page(marketer)
    page.goto(f"/templates/{template.pk}/")

    page.locator("#block-2").get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_blocks-1-text")).to_have_value("three")
    page.locator("#block-0").get_by_role("button", name="Delete this block").press("Enter")
    expect(page.locator("#block-2")).to_have_count(0)
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()

    assert [block["text"] for block in template.texts.get().blocks] == ["three", "two"]


def test_a_mistake_is_shown_at_its_field_and_what_was_typed_stays(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    template = texts.establish(name="News", message_class="value", by=marketer)
    texts.write(
        template, "en", subject="News", preheader="", blocks=[{"kind": "text", "text": "x"}], by=marketer
    )
    page = sign_in_page(marketer)
    page.goto(f"/templates/{template.pk}/")

    page.locator("#id_blocks-0-text").fill("Hi {{ frist_name }}")
    expect(page.locator("#preview")).to_contain_text("Did you mean {{ customer.first_name }}?")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("#field-id_blocks-0-text")).to_contain_text("Unknown placeholder {{ frist_name }}")
    expect(page.locator("#id_blocks-0-text")).to_have_value("Hi {{ frist_name }}")
    look(page, "template-mistake")
    hold_accessible(page)
    assert template.texts.get().blocks == [{"kind": "text", "text": "x"}]
