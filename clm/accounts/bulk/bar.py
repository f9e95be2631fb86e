"""The bar of a list on which rows can be ticked."""

from dataclasses import dataclass

from clm.accounts.bulk.actions import Action, actions_for
from clm.accounts.models import User


@dataclass(frozen=True)
class Bar:
    """`query` is the list's address; `has_more` when it has rows on other pages."""

    page: str
    query: str
    actions: list[Action]
    has_more: bool
    export: str = ""  # name of a route that takes the same form

    @property
    def form(self) -> str:
        return f"{self.page}-bulk-form"

    @property
    def id(self) -> str:
        return f"{self.page}-bulk"

    @property
    def key(self) -> tuple[object, ...]:
        """The same for two bars that look the same, but for the language."""
        names = tuple([action.key for action in self.actions])
        return self.page, self.query, names, self.has_more, self.export

    def __bool__(self) -> bool:
        return bool(self.actions or self.export)


def bar_for(page: str, user: User, *, query: str, has_more: bool, export: str = "") -> Bar:
    return Bar(page, query, actions_for(page, user), has_more, export)
