"""Surveys in a real Chromium: answering by keyboard and thumb, and the pages about answers."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page, expect

from campaigns.models import Response, Survey
from campaigns.surveys.links import preview_path
from clm.accounts.models import User
from clm.base import clock
from lifecycle.presets import install
from tests.campaigns.looking import PHONE, WIDE, look
from tests.campaigns.surveyed import answered, asked, path_of
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def is_sound(page: Page) -> None:
    """No barrier in either theme, nothing beside the edge on a phone."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.wait_for_timeout(250)
        assert Axe().run(page).response["violations"] == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def test_a_score_is_chosen_and_sent_by_keyboard(page: Page) -> None:
    page.goto(path_of(asked(language="en")))
    is_sound(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _press in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Your answer 8 is saved.")
    is_sound(page)
    assert Response.objects.get().score == 8


def test_a_score_sent_without_one_is_asked_for_by_the_browser(page: Page) -> None:
    page.goto(path_of(asked(language="en")))

    page.get_by_role("button", name="Send my answer").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("How likely are you")
    assert Response.objects.count() == 0


def test_the_customer_changes_language_and_mind(page: Page) -> None:
    page.goto(path_of(asked(language="da")) + "?score=2")

    page.get_by_role("link", name="Svenska").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hur sannolikt är det")
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    page.locator("button[type=submit]").click()
    page.locator("section a").click()
    page.get_by_role("radio", name="9", exact=True).check()
    page.locator("button[type=submit]").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Tack!")
    now = Response.objects.live().get()
    assert (now.score, now.language) == (9, "sv")


def test_a_link_that_does_not_work_says_so_kindly(page: Page) -> None:
    page.goto("/answer/cut-off/")

    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    is_sound(page)


def test_a_marketer_words_a_survey_and_sees_it(sign_in_page: Callable[[User], Page], marketer: User) -> None:
    page = sign_in_page(marketer)
    page.goto("/surveys/")
    page.get_by_role("link", name="Make the NPS survey").click()
    is_sound(page)
    page.locator("summary", has_text="Danish").click()
    page.locator("#id_da-question").fill("Vil du anbefale {company}?")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("NPS")
    page.goto(preview_path(Survey.objects.get(), "da"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vil du anbefale My company?")
    expect(page.locator("button[type=submit]")).to_be_disabled()


def test_answers_are_seen_narrowed_and_followed_to_their_customer(
    sign_in_page: Callable[[User], Page], marketer: User
) -> None:
    install("swedish-six", by=None)
    for number, score in enumerate([10, 10, 9, 8, 3]):
        customer = CustomerFactory(name=f"Person {number}")
        answered(customer, score, at=clock.now() - timedelta(days=number * 20), text=f"Because {score}")
    page = sign_in_page(marketer)
    page.goto(f"/surveys/{Survey.objects.get().pk}/")
    expect(page.locator("#survey-nps .tile-value")).to_contain_text("+40")
    expect(page.locator("#survey-months canvas, #survey-months svg").first).to_be_visible()
    look(page, "survey")
    is_sound(page)

    page.locator("#spread").get_by_role("link", name="Detractors").click()
    expect(page.locator("#responses tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Person 4").click()

    expect(page.locator("#surveys")).to_contain_text("3 of 10")
    page.get_by_role("button", name="Get a link to NPS").click()
    expect(page.locator("#survey-address")).to_have_value(re.compile("^http://localhost:8000/answer/"))
    is_sound(page)
