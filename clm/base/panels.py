"""Parts of a record's page that higher apps add: a template and the facts it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

# (request, record) -> the template's context; None leaves the panel out.
Context = Callable[[HttpRequest, Any], dict[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """`place` is "header" (beside the name), "top", "main" or "side".

    What is late is asked for once the page is there, so that the page stays quick however many apps add to it.
    """

    key: str
    template: str
    context: Context
    place: str = "main"
    order: int = 50
    is_late: bool = False


@dataclass(frozen=True)
class Shown:
    """A panel ready to be included: `{% include panel.template with facts=panel.facts %}`."""

    key: str
    template: str
    facts: dict[str, Any]


_pages: dict[str, dict[str, Panel]] = {}


def register(page: str, panel: Panel) -> None:
    _pages.setdefault(page, {})[panel.key] = panel


def shown(page: str, place: str, request: HttpRequest, record: Any, *, late: bool = False) -> list[Shown]:
    panels = sorted(_pages.get(page, {}).values(), key=lambda panel: panel.order)
    chosen = [panel for panel in panels if panel.place == place and panel.is_late == late]
    contexts = [(panel, panel.context(request, record)) for panel in chosen]
    return [Shown(panel.key, panel.template, facts) for panel, facts in contexts if facts is not None]
