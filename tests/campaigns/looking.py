"""Screenshots of pages, when SHOTS names a folder."""

import os
from pathlib import Path

from playwright.sync_api import Page

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def look(page: Page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    for width, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.wait_for_timeout(150)
            page.screenshot(path=Path(folder) / f"{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
