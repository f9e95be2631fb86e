"""From moments to stays, for one customer. Pure: no database.

Rules decide once per local day, at its end (or at the present, for the last day): hops within a day collapse, and
walking a day again gives the same answer. A move by hand splits the day, and so does a version that takes over: what
the one before decided stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from clm.base.days import TICK, start_of


@dataclass(slots=True)
class Stay:
    """One stay in a stage, as a row of StagePeriod will hold it. `left_at` is null while open; the walk ends it."""

    stage_id: int
    entered_at: datetime
    cause: str
    version_id: int
    rule_id: int | None = None
    actor_id: int | None = None
    reason: str = ""
    held_until: datetime | None = None
    original_customer_id: int | None = None
    left_at: datetime | None = None

    @property
    def is_by_hand(self) -> bool:
        return self.cause not in ("rule", "initial")


class Moment(NamedTuple):
    """An instant at which something changed, and the conditions' answers just after it: a "1" or "0" each."""

    at: datetime
    answers: str
    version: int = 0


@dataclass(frozen=True)
class Refused:
    """A rule held, but its edge is forbidden. `at` is the moment that the first day of the spell was decided by."""

    from_stage_id: int
    to_stage_id: int
    rule_id: int
    at: datetime


@dataclass(frozen=True)
class Target:
    stage_id: int
    rule_id: int
    version_id: int


class Rules(Protocol):
    """What the fold needs to know of one version (`lifecycle.walking.program.Program`)."""

    version_id: int

    @property
    def edges_forbidden(self) -> frozenset[tuple[int, int]]: ...

    @property
    def minimum_stays(self) -> dict[int, timedelta]: ...

    def holding(self, answers: str, stay: Stay, at: datetime) -> list[Target]: ...

    def due_by_stay(self, stay: Stay) -> Sequence[datetime]: ...


@dataclass
class History:
    stays: list[Stay] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    next_check: datetime | None = None


class Walk:
    """One customer's walk. `start` is the stay at the beginning; `carried` the rules' answers just before it."""

    def __init__(
        self,
        versions: Sequence[Rules],
        *,
        start: Stay,
        carried: Moment,
        zone: ZoneInfo,
    ) -> None:
        self.versions, self.zone = versions, zone
        self.stay, self.last = start, carried
        self.history = History()
        self._dues: list[datetime] | None = None  # of the stay, under the version in force
        self.walked_to = carried.at
        is_under_way = carried.at >= start.entered_at  # not at first sight
        self.refused_now = self._spells(self._barred(carried)) if is_under_way else set()

    def is_astray(self) -> bool:
        """Before it runs: would the rules have moved the customer before the walk begins? Then news of them was lost.

        Who is asked about at the very beginning anyway is not: the day of a move is decided already.
        """
        if self._target(self.last) is None:
            return False
        check = self._check()
        return check is None or check > self.walked_to + TICK

    def run(self, moments: Sequence[Moment], by_hand: Sequence[Stay], *, until: datetime) -> History:
        """Stays from the start to `until`. Moments and moves by hand come in order of time."""
        waiting, moves = list(reversed(moments)), list(reversed(by_hand))
        while (at := self._next(waiting, moves)) is not None and at <= until:
            if moves and moves[-1].entered_at == at and not (waiting and waiting[-1].at <= at):
                self._move_by_hand(moves.pop())
                continue
            ends = [self._end_of_day(at), until + TICK, *[move.entered_at + TICK for move in moves[-1:]]]
            self._decide(self._gather(waiting, min(ends)))
        self.history.stays.append(self.stay)
        self.history.next_check = self._check()
        return self.history

    def _next(self, waiting: list[Moment], moves: list[Stay]) -> datetime | None:
        ahead = [waiting[-1].at] if waiting else []
        ahead += [moves[-1].entered_at] if moves else []
        check = self._check()
        ahead += [check] if check else []
        return min(ahead, default=None)

    def _gather(self, waiting: list[Moment], end: datetime) -> list[Moment]:
        """The instants to decide at before `end` and under one version: moments, and checks that the stay itself asks for."""
        check, gathered = self._check(), list[Moment]()
        is_first = bool(waiting) and (check is None or waiting[-1].at <= check)
        version = waiting[-1].version if is_first else self.last.version
        while waiting and waiting[-1].at < end and waiting[-1].version == version:
            gathered.append(waiting.pop())
        end = min(end, waiting[-1].at) if waiting else end
        if check is not None and check < end:
            before = [moment for moment in gathered if moment.at <= check]
            gathered.append((before[-1] if before else self.last)._replace(at=check))
            gathered.sort(key=lambda moment: moment.at)
        return gathered

    def _decide(self, instants: list[Moment]) -> None:
        """Move to the target of the last instant, from the instant on since which it has been the target."""
        decisions = [self._target(moment) for moment in instants]
        final, entered = decisions[-1], instants[-1]
        for moment, target in zip(reversed(instants), reversed(decisions), strict=True):
            if (target and target.stage_id) != (final and final.stage_id):
                break
            entered = moment
        self._note_refusals(instants[-1])
        if instants[-1].version != self.last.version:
            self._dues = None
        self.last, self.walked_to = instants[-1], instants[-1].at
        if final is not None:
            self._enter(Stay(final.stage_id, entered.at, "rule", final.version_id, rule_id=final.rule_id))

    def _target(self, moment: Moment) -> Target | None:
        """Where the rules send the customer; None for staying."""
        rules = self.versions[moment.version]
        for target in rules.holding(moment.answers, self.stay, moment.at):
            if target.stage_id == self.stay.stage_id:
                return None
            if (self.stay.stage_id, target.stage_id) not in rules.edges_forbidden:
                return None if self._is_kept(moment.at, rules) else target
        return None

    def _is_kept(self, at: datetime, rules: Rules) -> bool:
        """A person's hold or the stage's minimum stay keeps the customer from being moved by a rule."""
        if self.stay.held_until is not None and at < self.stay.held_until:
            return True
        minimum = rules.minimum_stays.get(self.stay.stage_id)
        return minimum is not None and at < self._free_at(minimum)

    def _free_at(self, minimum: timedelta) -> datetime:
        """The end of a minimum stay: so many days later by the wall clock, also over a change to summer time."""
        return (self.stay.entered_at.astimezone(self.zone) + minimum).astimezone(UTC)

    def _note_refusals(self, moment: Moment) -> None:
        barred = self._barred(moment)
        for target in barred:
            if (self.stay.stage_id, target.rule_id) not in self.refused_now:
                refused = Refused(self.stay.stage_id, target.stage_id, target.rule_id, moment.at)
                self.history.refused.append(refused)
        self.refused_now = self._spells(barred)

    def _barred(self, moment: Moment) -> list[Target]:
        """The targets that the edge policy stands in the way of, down to the first that it lets pass."""
        rules = self.versions[moment.version]
        if not rules.edges_forbidden:
            return []
        targets = rules.holding(moment.answers, self.stay, moment.at)
        return list(takewhile(lambda to: (self.stay.stage_id, to.stage_id) in rules.edges_forbidden, targets))

    def _spells(self, barred: list[Target]) -> set[tuple[int, int]]:
        return {(self.stay.stage_id, target.rule_id) for target in barred}

    def _move_by_hand(self, stay: Stay) -> None:
        self.walked_to = stay.entered_at
        self._enter(stay)

    def _enter(self, stay: Stay) -> None:
        if stay.entered_at > self.stay.entered_at:
            self.stay.left_at = stay.entered_at
            self.history.stays.append(self.stay)
        self.stay, self._dues = stay, None
        self.refused_now = set()

    def _check(self) -> datetime | None:
        """When the stay itself may give the rules another say: a hold or minimum stay ends, time in stage comes due."""
        if self._dues is None:
            self._dues = self._dues_of_stay()
        return min((at for at in self._dues if at > self.walked_to), default=None) if self._dues else None

    def _dues_of_stay(self) -> list[datetime]:
        rules = self.versions[self.last.version]
        due = [*rules.due_by_stay(self.stay)]
        if self.stay.held_until is not None:
            due.append(self.stay.held_until)
        elif self.stay.is_by_hand:
            due.append(self._end_of_day(self.stay.entered_at))
        minimum = rules.minimum_stays.get(self.stay.stage_id)
        if minimum:
            due.append(self._free_at(minimum))
        if self.stay.cause == "rule" and self._target(self.last) is not None:
            due.append(self._end_of_day(self.stay.entered_at))  # a rule leads on from here: on the next day
        return due

    def _end_of_day(self, at: datetime) -> datetime:
        return start_of(at.astimezone(self.zone).date() + timedelta(days=1), self.zone)
