"""A model as one page to read and print: every rule a sentence in the reader's language, and a drawing of who moved."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from clm.accounts.models import User
from lifecycle.designing.steps import set_moves
from lifecycle.drafting import edit, publish_as_read
from tests.lifecycle.shop import buyer, six_stages, work_off
from tests.lifecycle.test_pages_in_browser import page

__all__ = ["page"]
ENGLISH = [
    (
        "When: (at least 3 purchase days in the last 365 days and last purchase at most 180 days ago) and (recommended us"
        " to somebody or wrote a review in the last 365 days or answered NPS with 9 to 10 in the last 365 days)."
    ),
    "When: at least 3 purchase days in the last 365 days and last purchase at most 180 days ago.",
    "When: last purchase over 180 days ago.",
    "When: exactly 1 purchase day ever and last purchase at most 30 days ago.",
    "When: last purchase at most 180 days ago.",
    (
        "When: clicked in an e-mail or sent a form or attended a webinar or started a trial in the last 90 days"
        " or viewed a page 2 times in the last 90 days."
    ),
    "When: is in Engagement for at least 90 days.",
]
DANISH = [
    (
        "Når: (har mindst 3 købsdage inden for de seneste 365 dage og har senest købt for højst 180 dage siden) og"
        " (har anbefalet os til nogen eller har skrevet en anmeldelse inden for de seneste 365 dage eller har svaret"
        " på NPS med 9 til 10 inden for de seneste 365 dage)."
    ),
    "Når: har mindst 3 købsdage inden for de seneste 365 dage og har senest købt for højst 180 dage siden.",
    "Når: har senest købt for over 180 dage siden.",
    "Når: har præcis 1 købsdag nogensinde og har senest købt for højst 30 dage siden.",
    "Når: har senest købt for højst 180 dage siden.",
    (
        "Når: har klikket i en mail eller har sendt en formular eller har deltaget i et webinar eller har startet en"
        " prøveperiode inden for de seneste 90 dage eller har set en side 2 gange inden for de seneste 90 dage."
    ),
    "Når: er i Engagement i mindst 90 dage.",
]


def test_an_analyst_reads_the_rules_and_sees_how_customers_move(
    analyst: User, marketer: User, sign_in_page: Callable[[User], Page]
) -> None:
    """By the rules four came to Retention; one of them was lost since, and one came to Loyalty with a third purchase."""
    model = six_stages()
    for days_ago in ((3,), (100,), (120,), (300,), (200, 100, 20)):
        buyer(*days_ago)
    barred = {("churned", "loyalty"): "forbidden"}
    edit(model, lambda plan: set_moves(plan, "person", barred), read="*", by=marketer)
    publish_as_read(model, read="*", by=marketer, replay=False)
    work_off()
    page = sign_in_page(analyst)
    rules, stages = page.locator("#sheet-rules li p:first-child"), page.locator("#sheet-stages li")
    drawing, moves = page.locator("#sheet-picture svg"), page.locator("#sheet-picture table tbody tr")
    page.goto("/lifecycle/models/swedish-six/")

    page.click("text=On one page")
    expect(rules).to_have_text(ENGLISH)
    expect(stages).to_have_count(7)
    expect(page.locator("#sheet-moves li")).to_have_text(
        ["Churned Loyalty Forbidden Person"], use_inner_text=True
    )
    assert drawing.locator("path.arc").count() == 3
    assert drawing.locator("path.forbidden").count() == 1
    assert set(drawing.locator("g title").all_text_contents()) >= {
        "Conversion to Retention: 4",
        "Retention to Churned: 1",
        "Retention to Loyalty: 1",
        "Churned to Loyalty: forbidden (Person)",
    }
    boxes = drawing.locator("text").all_text_contents()
    assert dict(zip(boxes[::2], boxes[1::2], strict=True)) == {
        "Discovery": "0",
        "Engagement": "0",
        "Conversion": "1",
        "Retention": "2",
        "Loyalty": "1",
        "Advocacy": "0",
        "Churned": "1",
    }
    page.click("text=The moves as a table")
    expect(moves.first).to_contain_text("Conversion")
    expect(moves.first).to_contain_text("Retention")
    expect(moves.first).to_contain_text("4")

    User.objects.filter(pk=analyst.pk).update(language="da")
    page.reload()

    expect(rules).to_have_text(DANISH)
    expect(drawing.locator("desc")).to_have_text(
        "6 skift de seneste tolv måneder; flest, 4, fra Konvertering til Fastholdelse."
    )
