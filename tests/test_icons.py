"""Every icon that is named anywhere is in the sprite: what is not there is a hole on the page."""

import re
from pathlib import Path

from clm.accounts.bulk import actions
from clm.base import navigation

ROOT = Path(__file__).resolve().parents[1]
DRAWN = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/base/icons.svg").read_text()))
NAMED = re.compile(r'(?:<c-icon\s+name|\bicon)\s*=\s*"([a-z0-9-]+)"')
FOLDERS = ("templates", "clm", "customers", "lifecycle", "campaigns", "metrics")


def test_every_icon_that_is_named_is_drawn() -> None:
    sources = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in (".html", ".py")
    ]

    missing = {
        (str(path.relative_to(ROOT)), name)
        for path in sources
        for name in NAMED.findall(path.read_text())
        if name not in DRAWN
    }

    assert missing == set()


def test_every_icon_of_the_bulk_bars_and_the_menu_is_drawn() -> None:
    """They are told by their place, where no search finds them."""
    icons = {one.icon for one in actions._actions.values()} | {
        one.icon for one in navigation._entries.values()
    }

    assert icons - DRAWN == set()
