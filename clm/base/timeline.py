"""One timeline over everything that happened to a record, from sources that any app registers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Entry:
    """`key` is unique on the timeline ("order-7") and is the entry's anchor."""

    key: str
    at: datetime
    title: str
    icon: str = "circle"
    detail: str = ""
    href: str = ""
    colour: int = 0


# (record, before or None, most) -> at most so many entries, newest first
Entries = Callable[[Any, datetime | None, int], Sequence[Entry]]


@dataclass(frozen=True)
class Source:
    key: str
    label: str | Promise
    entries: Entries


_pages: dict[str, dict[str, Source]] = {}


def register(page: str, source: Source) -> None:
    _pages.setdefault(page, {})[source.key] = source


def sources(page: str) -> dict[str, Source]:
    return dict(_pages.get(page, {}))


@dataclass(frozen=True)
class Stretch:
    """Entries, newest first, and the instant to go on from (None at the end)."""

    entries: list[Entry]
    next: datetime | None


def read(
    page: str, record: Any, *, before: datetime | None = None, most: int = 30, only: str = ""
) -> Stretch:
    """The newest entries before an instant, one query per source. `only` names one source.

    Entries of one instant stay together, so a stretch may be shorter than `most`, or longer when it must.
    """
    chosen = [source for key, source in sources(page).items() if only in ("", key)]
    streams = [source.entries(record, before, most + 1) for source in chosen]
    found = list(islice(merge(*streams, key=lambda entry: entry.at, reverse=True), most + 1))
    if len(found) <= most:
        return Stretch(found, None)
    whole = [entry for entry in found if entry.at > found[-1].at]
    if not whole:
        return read(page, record, before=before, most=most * 4, only=only)
    return Stretch(whole, whole[-1].at)
