"""Which rows are meant: those that were ticked, or all that a list's filters find."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.http import QueryDict

from clm.accounts.bulk.actions import BulkPage
from clm.accounts.models import User
from clm.base.db import among

MOST_IDS = 1000


class Unreadable(ValueError):
    """The list's own filters can't be read; its page tells why, and so do the `reasons`: (filter, what is wrong)."""

    def __init__(self, reasons: Sequence[tuple[str, str]] = ()) -> None:
        self.reasons = reasons
        super().__init__()


@dataclass(frozen=True)
class Chosen:
    """`ids` is None for all that `query` finds; `count` is how many the person was told that would be."""

    page: BulkPage
    query: str
    ids: tuple[int, ...] | None
    count: int | None = None

    @classmethod
    def read(cls, page: BulkPage, data: QueryDict) -> "Chosen":
        """From a form: `pk` repeated, or `all` with the `query` and the `count` that was shown."""
        query = data.get("query", "").replace("\x00", "")
        if data.get("all"):
            return cls(page, query, None, _whole(data.get("count", "")))
        return cls(page, query, tuple(sorted(set(_wholes(data.getlist("pk")))))[:MOST_IDS])

    @property
    def is_nothing(self) -> bool:
        return self.ids == ()

    def rows(self, user: User) -> models.QuerySet[Any]:
        """Only what the user may see, whatever ids were sent. Raises Unreadable."""
        if self.ids is None:
            return self.page.rows(QueryDict(self.query), user)
        return self.page.seen(user).filter(among("pk", self.ids))

    def unknown(self, user: User) -> list[str]:
        """Names in the query that the list does not know: it would find everything instead."""
        return [] if self.ids is not None else self.page.unknown(QueryDict(self.query), user)

    def number(self, user: User) -> int:
        return self.rows(user).order_by().count()

    def counting(self, number: int) -> "Chosen":
        return replace(self, count=number)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form carries on."""
        if self.ids is None:
            return [("query", self.query), ("all", "1"), ("count", str(self.count or 0))]
        return [("query", self.query), *(("pk", str(pk)) for pk in self.ids)]


def _wholes(texts: Sequence[str]) -> list[int]:
    return [number for text in texts if (number := _whole(text)) is not None]


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
