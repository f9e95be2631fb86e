"""Activities beside the stages: while a component's condition holds it is under way. Decided per local day, as stages
are, and by each version for its part of the day on which another takes over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

from lifecycle.walking.fold import Moment


@dataclass(frozen=True)
class Spell:
    """One run of a component, as a row of ComponentPeriod will hold it; `ended_at` is null while under way."""

    component_id: int
    started_at: datetime
    ended_at: datetime | None = None


class Activities(Protocol):
    def active(self, answers: str) -> frozenset[int]:
        """The components whose condition holds."""


def spells(
    versions: Sequence[Activities], moments: Sequence[Moment], *, running: dict[int, datetime], zone: ZoneInfo
) -> list[Spell]:
    """The runs from the moments on; `running` are those under way at the start, with their beginnings."""
    ended: list[Spell] = []
    open_ = dict(running)
    for _day, group in groupby(moments, key=lambda moment: (_local(moment, zone), moment.version)):
        for component, at, is_active in _decisions(versions, list(group), frozenset(open_)):
            if is_active:
                open_[component] = at
            else:
                ended.append(Spell(component, open_.pop(component), at))
    ended = [spell for spell in ended if spell.ended_at != spell.started_at]
    return ended + [Spell(component, started_at) for component, started_at in open_.items()]


def _local(moment: Moment, zone: ZoneInfo) -> date:
    return moment.at.astimezone(zone).date()


def _decisions(
    versions: Sequence[Activities], day: list[Moment], before: frozenset[int]
) -> Iterator[tuple[int, datetime, bool]]:
    """What the end of the day changes, each from the moment on since which it has been so."""
    active = [versions[moment.version].active(moment.answers) for moment in day]
    for component in sorted(before ^ active[-1]):
        is_active, since = component in active[-1], day[-1].at
        for moment, there in zip(reversed(day), reversed(active), strict=True):
            if (component in there) != is_active:
                break
            since = moment.at
        yield component, since, is_active
