"""Sixty hostile texts in a real Chromium: in the editor, in the preview and in the mail. None of them runs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from campaigns import texts
from campaigns.models import TemplateText
from clm.accounts.models import User
from tests.campaigns.hostile import ALL, SCRIPTS
from tests.factories import CustomerFactory
from tests.fixtures.browser import complaints_of


def test_nothing_hostile_runs_in_the_preview(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None
) -> None:
    opened: list[str] = []
    CustomerFactory(name="Eve", first_name="\n".join(ALL)[:100], fields={"all": "\n".join(ALL)})
    template = texts.establish(name="News", message_class="value", by=marketer)
    blocks = [{"kind": "text", "text": text} for text in SCRIPTS]
    blocks += [{"kind": "heading", "text": text} for text in SCRIPTS[:18]]
    blocks += [{"kind": "text", "text": "{{ customer.first_name }} {{ customer.fields.all }}"}]
    TemplateText.objects.update(subject="{{ customer.name }}", preheader=SCRIPTS[0], blocks=blocks)
    page = sign_in_page(marketer)
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))

    page.goto(f"/templates/{template.pk}/")
    frame = page.frame_locator(".mail-frame")
    expect(frame.get_by_role("heading", name="<svg onload=alert(1)>")).to_be_visible()
    page.get_by_label("Preview as a customer").fill("Eve")
    page.get_by_label("Eve").check()
    expect(frame.get_by_text("{{ customer.owner.password }}")).to_be_visible()
    page.wait_for_timeout(300)

    assert opened == []
    assert complaints_of(page) == []
    assert page.evaluate("document.querySelectorAll('#text-form script, #preview script').length") == 0


@pytest.mark.parametrize(
    "text", ["<script>parent.document.title='x'</script>", "<img src=x onerror=alert(1)>"]
)
def test_even_a_mail_with_a_script_would_be_dead(
    marketer: User, sign_in_page: Callable[[User], Page], transactional_db: None, monkeypatch, text: str
) -> None:
    """If cleaning failed one day, the frame's sandbox and policy still hold."""
    monkeypatch.setattr("campaigns.previewing.filled", lambda *_: _Raw(f"<p>Before</p>{text}"))
    opened: list[str] = []
    template = texts.establish(name="News", message_class="value", by=marketer)
    page = sign_in_page(marketer)
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))

    page.goto(f"/templates/{template.pk}/")
    expect(page.frame_locator(".mail-frame").get_by_text("Before")).to_be_visible()
    page.wait_for_timeout(200)

    assert (opened, page.title().startswith("News")) == ([], True)
    complaints_of(page).clear()  # the browser says that it refused


class _Raw:
    subject = text = language = ""

    def __init__(self, html: str) -> None:
        self.html = html
