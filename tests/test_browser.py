"""The browser of the tests itself: it must see what a person would complain about."""

from playwright.sync_api import Page

from tests.fixtures.browser import complaints_of


def test_the_sign_in_page_opens_without_a_complaint(page: Page) -> None:
    page.goto("/account/login/")

    assert page.get_by_label("E-mail").is_visible()
    assert page.get_by_label("Password").is_visible()


def test_a_refused_inline_style_is_a_complaint(page: Page) -> None:
    page.goto("/account/login/")

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")

    assert "Content Security Policy" in complaints_of(page).pop()


def test_an_uncaught_error_of_a_script_is_a_complaint(page: Page) -> None:
    page.goto("/account/login/")

    page.evaluate("setTimeout(() => { throw new Error('planted') }, 0)")
    page.wait_for_timeout(50)

    assert "planted" in complaints_of(page).pop()
