"""Which lists take part, and what can be done to many of their rows at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import QueryDict
from django.utils.functional import Promise

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may

Values = Mapping[str, Any]


@dataclass
class Outcome:
    """By id: what undoes the change (plain JSON), or why there was none. Rows in neither were so already."""

    before: dict[int, Any] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


Do = Callable[[Sequence[int], Values, User], Outcome]
Undo = Callable[[Mapping[int, Any], Values, User], set[int]]


@dataclass(frozen=True)
class BulkPage:
    """A list. `rows` reads its query string, for one user (raises Unreadable); `seen` is all the user may see;
    `unknown` are the names in a query string that mean nothing there.
    """

    key: str
    title: str | Promise
    url_name: str
    rows: Callable[[QueryDict, User], models.QuerySet[Any]]
    seen: Callable[[User], models.QuerySet[Any]]
    unknown: Callable[[QueryDict, User], list[str]]
    counted: Callable[[int], str]  # 3 -> "3 customers"
    row_url: Callable[[int], str]


@dataclass(frozen=True)
class Action:
    """`do` takes up to 100 ids, in order, inside a transaction; `undo` what `do` gave, and returns whom it restored.

    `form(user, data, initial=…)`: what to ask; its `values()`, plain JSON, are handed to both, and `form.of(user, values)`
    is the form that has them, for the API. A form that is `steering` is shown anew when one choice changes the others.
    `told` says the values in words.
    """

    page: str
    key: str
    label: str | Promise
    icon: str
    capability: Capability
    form: Any
    do: Do
    undo: Undo | None = None
    told: Callable[[Values], str] = lambda values: ""
    order: int = 50
    moves_out_of_sight: bool = False  # by itself, so that whoever did it may also take it back


_pages: dict[str, BulkPage] = {}
_actions: dict[tuple[str, str], Action] = {}


def register_page(page: BulkPage) -> None:
    _pages[page.key] = page


def register(action: Action) -> None:
    _actions[action.page, action.key] = action


def page_of(key: str) -> BulkPage | None:
    """The page of this key, if there is one."""
    return _pages.get(key)


def action_of(page: str, key: str) -> Action | None:
    return _actions.get((page, key))


def actions_for(page: str, user: User) -> list[Action]:
    """Whoever may not change customers one by one is offered nothing here."""
    if not may(user, Capability.EDIT_CUSTOMERS):
        return []
    mine = [one for one in _actions.values() if one.page == page and may(user, one.capability)]
    return sorted(mine, key=lambda one: one.order)


def one_by_one(change: Callable[[int], Any], ids: Sequence[int]) -> Outcome:
    """`change(id)` gives what undoes it, or None when nothing changed; what it refuses stays that row's matter."""
    outcome = Outcome()
    for pk in ids:
        try:
            with transaction.atomic():
                before = change(pk)
        except (ValidationError, ValueError) as refusal:
            outcome.refused[pk] = _reason(refusal)
        else:
            if before is not None:
                outcome.before[pk] = before
    return outcome


def _reason(refusal: Exception) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
