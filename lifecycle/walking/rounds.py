"""Whether rules would lead a customer round and round if nothing ever happened again. Pure: no database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from lifecycle.walking.fold import Rules, Walk


class Round(NamedTuple):
    """The stages from one back to it, and when it would be entered again."""

    stages: tuple[int, ...]
    closes_at: datetime


def round_ahead(walk: Walk) -> Round | None:
    """Where rules would lead a customer from the end of a walk, a move a day, with the facts as they are.

    None when they leave the customer there, take longer than a day for a stage, or lead elsewhere for good.
    """
    check = walk.history.next_check
    if check is None or walk.stay.cause != "rule":
        return None
    ahead = _Ahead(walk)
    return ahead.round() if check < ahead.deadline() else None


class _Ahead(Walk):
    """The walk from its end on, with the answers that the rules had last."""

    def __init__(self, walk: Walk) -> None:
        versions: Sequence[Rules] = walk.versions
        super().__init__(versions, start=replace(walk.stay), carried=walk.last, zone=walk.zone)
        self.walked_to = walk.walked_to

    def deadline(self) -> datetime:
        """The end of the day after the one on which the stage was entered: who stays until then keeps no daily pace."""
        return self._end_of_day(self._end_of_day(self.stay.entered_at))

    def round(self) -> Round | None:
        path = [self.stay.stage_id]
        while (check := self._check()) is not None and check < self.deadline():
            self._decide([self.last._replace(at=check)])
            if self.stay.stage_id == path[-1]:
                continue
            path.append(self.stay.stage_id)
            if path[-1] in path[:-1]:
                return Round(tuple(path), check) if path[-1] == path[0] else None
        return None
