"""Views of lists that ask for a company which became part of another: they show the people they showed."""

import json
from typing import Any

from django.http import QueryDict

from clm.accounts.models import SavedView
from clm.accounts.models.saved_view import LONGEST_QUERY
from customers.models import Company


def lead_on(loser: Company, winner: Company) -> int:
    """From now on they ask for the winner. Returns how many there are, everybody's own ones too."""
    led = []
    for view in SavedView.objects.filter(query__contains="company").select_for_update():
        query = _led(view.query, str(loser.pk), str(winner.pk))
        if query != view.query and len(query) <= LONGEST_QUERY:
            view.query = query
            led.append(view)
    SavedView.objects.bulk_update(led, ["query"])
    return len(led)


def _led(query: str, old: str, new: str) -> str:
    """As it was, unless it names the old one."""
    state, before = QueryDict(query, mutable=True), QueryDict(query)
    if state.get("company") == old:
        state["company"] = new
    if "conditions" in state:
        state["conditions"] = _asking(str(state["conditions"]), old, new)
    return query if state == before else state.urlencode()


def _asking(text: str, old: str, new: str) -> str:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return text
    led = _renamed(tree, old, new)
    return text if led == tree else json.dumps(led, separators=(",", ":"), ensure_ascii=False)


def _renamed(part: Any, old: str, new: str) -> Any:
    if isinstance(part, list):
        return [_renamed(each, old, new) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("field") == "company" and part.get("value") == old:
        return part | {"value": new}
    return {name: _renamed(value, old, new) for name, value in part.items()}
