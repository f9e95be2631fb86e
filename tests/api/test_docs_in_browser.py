from playwright.sync_api import expect


def test_the_documentation_is_browsed_and_tried_under_our_content_security_policy(
    sign_in_page, marketer
) -> None:
    """Refused styles or scripts would be console errors, which fail every browser test."""
    page = sign_in_page(marketer)

    page.goto("/api/v1/docs/")
    page.get_by_role("button", name="Who am I").first.click(timeout=40_000)  # all operations drawn
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table").first).to_contain_text(marketer.email)
