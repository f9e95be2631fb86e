"""What can be told of a page without eyes."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the window."""
    found = [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page).response["violations"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


def narrow(page: Page, width: int = 390) -> None:
    """To a phone; waits until pictures are drawn anew, and the page is no wider."""
    page.set_viewport_size({"width": width, "height": 844})
    page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
