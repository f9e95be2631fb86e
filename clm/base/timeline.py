"""One timeline over everything that happened to a record, from sources that any app registers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import F, QuerySet, Value
from django.utils.functional import Promise


@dataclass(frozen=True)
class Entry:
    """`key` is unique on the timeline ("order-7") and is the entry's anchor.

    `text` is what somebody wrote, of any length; its `writer` may change it, under `root`. `name` is what the entry is
    called in data, where that is not its title.
    """

    key: str
    at: datetime
    title: str
    icon: str = "circle"
    detail: str = ""
    href: str = ""
    colour: int = 0
    text: str = ""
    writer: int | None = None
    root: int = 0
    name: str = ""


# (record, before or None, most) -> at most so many entries, newest first
Entries = Callable[[Any, datetime | None, int], Sequence[Entry]]
# record -> rows, and the path of the instant of each: of every entry there is, or more
Moments = Callable[[Any], Sequence[tuple[QuerySet[Any, Any], str]]]


@dataclass(frozen=True)
class Source:
    """With `moments` it is asked for entries only where it has some: one query finds out for all sources.

    `part_of`: another source tells the same among everything; this one is asked only by itself.
    """

    key: str
    label: str | Promise
    entries: Entries
    moments: Moments | None = None
    part_of: str = ""


MOST_ASKED = 7  # sources for one stretch: with what a page needs besides, at most twelve queries
TICK = timedelta(microseconds=1)
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
    """The newest entries before an instant, one query for each source that has some. `only` names one source.

    Entries of one instant stay together, so a stretch may be shorter than `most`, or longer when it must. It is
    shorter, too, where more than MOST_ASKED sources have some of the newest.
    """
    chosen = [
        source for key, source in sources(page).items() if (not source.part_of if only == "" else only == key)
    ]
    floor = None
    if len(chosen) > 1:
        chosen, floor = _speaking(chosen, record, before, most + 1)
    streams = [source.entries(record, before, most + 1) for source in chosen]
    found = list(islice(merge(*streams, key=lambda entry: entry.at, reverse=True), most + 1))
    if floor is not None and (len(found) <= most or found[-1].at <= floor):
        near = [entry for entry in found if entry.at > floor]
        return (
            Stretch(near, near[-1].at)
            if near
            else read(page, record, before=floor + TICK, most=most, only=only)
        )
    if len(found) <= most:
        return Stretch(found, None)
    whole = [entry for entry in found if entry.at > found[-1].at]
    if not whole:
        return read(page, record, before=before, most=most * 4, only=only)
    return Stretch(whole, whole[-1].at)


def _speaking(
    chosen: list[Source], record: Any, before: datetime | None, most: int
) -> tuple[list[Source], datetime | None]:
    """The sources that have one of the `most` newest entries, or do not tell; at most MOST_ASKED of those that tell.

    With the instant down to which (exclusive) these are all that speak, when others speak further down.
    """
    telling = [source for source in chosen if source.moments]
    found = [moment for source in telling for moment in _newest(source, record, before, most)]
    moments = (
        sorted(found[0].union(*found[1:], all=True), key=lambda row: row[1], reverse=True) if found else []
    )
    last = moments[:most][-1][1] if moments else None
    near = [(key, at) for key, at in moments if at >= last]
    keys = list(dict.fromkeys(key for key, _at in near))
    floor = (
        next((at for key, at in near if key == keys[MOST_ASKED]), None) if len(keys) > MOST_ASKED else None
    )
    if floor is not None and floor < near[0][1]:
        keys = [key for key in keys if any(one == key and at > floor for one, at in near)]
    else:
        floor = None
    return [source for source in chosen if not source.moments or source.key in keys], floor


def _newest(source: Source, record: Any, before: datetime | None, most: int) -> Iterator[QuerySet[Any, Any]]:
    for rows, path in source.moments(record) if source.moments else ():
        dated = rows.filter(**({f"{path}__lt": before} if before else {f"{path}__isnull": False}))
        newest = dated.order_by(f"-{path}").annotate(told_by=Value(source.key), told_at=F(path))
        yield newest.values_list("told_by", "told_at")[:most]
