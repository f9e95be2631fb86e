"""The board in Chromium: by mouse, by key, by its dialog; what is refused goes back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from customers import profiles
from customers.leads import pursuing
from customers.leads.opening import open_lead
from customers.models import Channel, Lead
from tests.customers.test_lead_pages_in_browser import PHONE, WIDE
from tests.looking import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads(owner) -> list[Lead]:
    fair = Channel.objects.create(slug="fair", name="Trade fair")
    made = []
    for number, name in enumerate(["Ada Lovelace", "Søren Møller", "Grace Hopper"]):
        profiles.register(by=owner, values={"name": name, "email": f"p{number}@example.com"})
        values = {"title": f"{10 + number} licences", "channel": fair, "value": 1000 * (number + 1)}
        made.append(
            open_lead(by=owner, person={"name": name, "email": f"p{number}@example.com"}, values=values)
        )
    pursuing.change(made[1], by=owner, values={"next_action": "Call", "next_action_on": "2020-01-01"})
    return made


def drag(page: Page, card: Locator, column: Locator) -> None:
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), column.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 60, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + 60, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + 20, steps=8)
    page.mouse.up()


def column(page: Page, key: str) -> Locator:
    return page.locator(f'[data-column="{key}"]')


def head(page: Page, key: str) -> Locator:
    return page.locator(f'[data-head="{key}"]')


def test_cards_are_moved_by_mouse_key_and_dialog_and_go_back_when_refused(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.goto("/leads/board/")
    card = page.locator(f"#card-{leads[0].pk}")
    expect(head(page, "new")).to_contain_text("New 3")
    expect(head(page, "new")).to_contain_text("6,000")
    assert faults(page) == []

    drag(page, card, column(page, "qualified"))
    expect(column(page, "qualified").locator(".board-card")).to_contain_text("Ada Lovelace")
    expect(head(page, "qualified")).to_contain_text("1,000")
    expect(page.locator("#toasts")).to_contain_text("is in “Qualified” now")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(head(page, "new")).to_contain_text("New 3")
    drag(page, card, column(page, "qualified"))
    expect(head(page, "qualified")).to_contain_text("1,000")

    card.locator("a").first.focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(head(page, "contacted")).to_contain_text("Contacted 1")
    expect(card.locator("a").first).to_be_focused()

    drag(page, card, column(page, "lost"))
    expect(page.locator("#move-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(column(page, "contacted").locator(".board-card")).to_have_count(1)
    drag(page, card, column(page, "lost"))
    page.locator("#move-dialog").get_by_label("Reason").fill("Too dear")
    page.locator("#move-dialog").get_by_role("button", name="Close as lost").click()
    expect(column(page, "lost")).to_contain_text("Too dear")

    page.get_by_role("link", name="Move 11 licences to…").click()
    page.locator("#move-dialog").get_by_role("button", name="Won").click()
    page.locator("#move-dialog").get_by_role("button", name="Win the lead").click()
    expect(column(page, "won")).to_contain_text("Søren Møller")

    pursuing.change(leads[2], by=owner, values={"title": "99 licences"})
    drag(page, page.locator(f"#card-{leads[2].pk}"), column(page, "proposal"))
    expect(page.locator("#toasts")).to_contain_text("Somebody changed this lead")
    expect(column(page, "new")).to_contain_text("99 licences")
    assert [Lead.objects.get(pk=one.pk).status for one in leads] == ["lost", "won", "new"]


def test_the_board_on_a_phone_is_open_to_everybody(sign_in_page, owner, leads):
    page = sign_in_page(owner)
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.emulate_media(color_scheme="dark")
    found = {}
    for address in ("/leads/board/", "/leads/board/?step=new", "/leads/", f"/leads/{leads[0].pk}/move/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found[address] = faults(page)
    assert {address: one for address, one in found.items() if one} == {}
