"""Walk a set of customers from an instant on and write what differs from the history there is."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db import connection

from clm.base.conditions.leaving import each_once
from clm.base.days import TICK, start_of
from clm.base.facts import BEGINNING
from lifecycle.models import Cause, LifecycleModel, ModelVersion, Parking, VersionStage
from lifecycle.walking import tables
from lifecycle.walking.astray import Redefined, asking_at, walk_anew
from lifecycle.walking.components import Spell, spells
from lifecycle.walking.everybody import last_finished
from lifecycle.walking.fold import Moment, Refused, Stay, Walk
from lifecycle.walking.program import Program
from lifecycle.walking.pulled import park_going_round
from lifecycle.walking.rounds import Round, round_ahead
from lifecycle.walking.writing import Written, write_histories

CHUNK = 20_000
CHUNK_ANEW = 2_500  # those who have far to go
# So many of those walked, or one in so many: beyond that no single note was lost, and the past is for a replay.
FEW_ANEW, SHARE_ANEW = 12, 200
Writes = Callable[[LifecycleModel, tables.Stretch], Written]


@dataclass(frozen=True)
class Route:
    """The versions of a model that govern a walk, in order of time."""

    model: LifecycleModel
    initials: list[int]
    programs: list[tuple[datetime | None, Program]]

    @classmethod
    def of(cls, model: LifecycleModel) -> "Route":
        versions = ModelVersion.objects.filter(model=model, governs_from__isnull=False).order_by(
            "governs_from"
        )
        return cls.along(model, list(versions))

    @classmethod
    def along(cls, model: LifecycleModel, versions: list[ModelVersion]) -> "Route":
        first = VersionStage.objects.filter(version__in=versions, is_initial=True)
        stages = dict(first.values_list("version_id", "stage_id"))
        programs = [(version.governs_from, Program(version)) for version in versions]
        return cls(model, [stages[version.pk] for version in versions], programs)

    def entered(self, at: datetime) -> Stay:
        """Where the version in force then lets people in."""
        stage, version = next(
            (stage, program.version_id)
            for stage, (start, program) in reversed(list(zip(self.initials, self.programs, strict=True)))
            if start is None or start <= at or program is self.programs[0][1]
        )
        return Stay(stage, at, Cause.INITIAL, version)

    def sources(self, zone: ZoneInfo) -> tables.Sources:
        programs = [program for _at, program in self.programs]
        changes = each_once(query for program in programs for query in program.changes())
        leavings = [leaving for program in programs for leaving in program.leavings()]
        return tables.Sources(changes, leavings, zone.key)

    def redefinitions(self) -> list[tuple[datetime | None, datetime]]:
        """Of each version until when it governs (None: still), and when what its rules rest on, besides facts, last
        changed; BEGINNING when it never did."""
        ends = [*self.boundaries, None]
        return [
            (end, program.redefined_at() or BEGINNING)
            for (_at, program), end in zip(self.programs, ends, strict=True)
        ]

    @property
    def boundaries(self) -> list[datetime]:
        return [start for start, _program in self.programs[1:] if start]


def walk(
    route: Route,
    walkers: Iterable[tuple[int, datetime]],
    *,
    until: datetime,
    write: Writes | None = None,
) -> Written:
    """Work out the histories of locked customers from their `since` to `until` and write the differences.

    Call in the transaction that holds the customers' locks, after reading the clock. Whose history doesn't fit what the
    rules say just before `since` is walked from the first sight, as a replay would: news of them was lost.
    `write` takes what was worked out from the temporary tables: a simulation puts it elsewhere, and locks nobody.
    """
    parked = Parking.objects.filter(model=route.model, released_at=None)
    kept_off = set(parked.values_list("customer_id", flat=True))
    begins = {pk: since for pk, since in walkers if pk not in kept_off}
    if not begins or not route.programs:
        return Written()
    redefined = Redefined(route.redefinitions, begins, partial(last_finished, route.model))
    written, astray = _walk(route, begins, Found(redefined), until=until, write=write)
    if astray:
        anew = walk_anew(astray, redefined)
        again = sorted(anew.begins.items())
        for first in range(0, len(again), CHUNK_ANEW):
            begun = dict(again[first : first + CHUNK_ANEW])
            written += _walk(route, begun, Found(redefined, anew.asked), until=until, write=write)[0]
    return written


def _walk(
    route: Route,
    begins: Mapping[int, datetime],
    found: "Found",
    *,
    until: datetime,
    write: Writes | None,
) -> tuple[Written, Mapping[int, datetime]]:
    """What was written, and whom it left out because their histories don't fit, with where their walks began: nobody when
    `found.asked` says when else to ask the rules. Of too many it keeps whom nothing new explains: they move at the
    beginning of their walks.
    """
    zone = route.programs[-1][1].zone
    begun = {since: _begun(since, zone) for since in set(begins.values())}
    walkers = ((pk, begun[since]) for pk, since in begins.items())
    stretch = tables.prepare(walkers, zone=zone.key, model_id=route.model.pk)
    tables.find_moments(route.sources(zone), route.boundaries, stretch, until=until)
    histories = list(_histories(route, stretch, until, found))
    astray = found.to_walk_anew(max(FEW_ANEW, len(begins) // SHARE_ANEW))
    tables.leave_out(astray)
    found.leave_out(astray)
    tables.keep(
        each for each in histories if each[0] not in astray
    )  # all read before COPY takes the connection
    rounds = tables.undisturbed(found.rounds)
    tables.keep_checks(found.checks)
    tables.keep_spells(found.beside)
    if write:
        return write(route.model, stretch), astray
    written = write_histories(route.model, stretch, now=until)
    park_going_round(route.model, rounds, zone)
    return written, astray


@dataclass
class Found:
    """What walks find besides the stays, by customer. `asked`: when to ask the rules, whatever changes then."""

    redefined: Redefined
    asked: Mapping[int, datetime] | None = None
    checks: dict[int, datetime] = field(default_factory=dict)
    beside: list[tuple[int, Spell]] = field(default_factory=list)
    rounds: dict[int, Round] = field(default_factory=dict)
    astray: dict[int, datetime] = field(
        default_factory=dict
    )  # with the start of the day that the walk begins on

    def asks_at(self, customer_id: int, begins: datetime, *, fits: bool) -> datetime | None:
        """When to ask the rules besides; at the beginning, where the history there is doesn't fit them."""
        if self.asked is not None:
            return self.asked.get(customer_id)
        if fits:
            return None
        changed = self.redefined.of(customer_id, begins)
        if changed < begins:
            self.astray[customer_id] = begins
        return max(begins, changed)

    def to_walk_anew(self, most: int) -> dict[int, datetime]:
        """Those astray, when no more than so many were lost; else only whom a new change explains: the lost stay here."""
        lost = {pk for pk, begins in self.astray.items() if not self.redefined.is_new(pk, begins)}
        if len(lost) <= most:
            return self.astray
        return {pk: begins for pk, begins in self.astray.items() if pk not in lost}

    def leave_out(self, customers: Collection[int]) -> None:
        self.beside = [(pk, spell) for pk, spell in self.beside if pk not in customers]
        for pk in customers:
            self.checks.pop(pk, None)
            self.rounds.pop(pk, None)

    def note_end(self, customer_id: int, walk: Walk) -> None:
        if walk.history.next_check:
            self.checks[customer_id] = walk.history.next_check
            if ahead := round_ahead(walk):
                self.rounds[customer_id] = ahead


def _begun(since: datetime, zone: ZoneInfo) -> datetime:
    """An instant on the day to begin at. Where midnight comes twice the later one begins the day: there from the day
    before, since what happened between the two midnights bears the same date."""
    day = since.astimezone(zone).date()
    comes_twice = (start_of(day, zone) - TICK).astimezone(zone).date() == day
    return since - timedelta(days=1) if comes_twice else since


def _histories(
    route: Route,
    stretch: tables.Stretch,
    until: datetime,
    found: Found,
) -> Iterator[tuple[int, list[Stay], list[Refused]]]:
    starts, by_hand, first_seen = _starts(route, stretch), _moves_by_hand(route, stretch), _first_seen()
    versions = [program for _at, program in route.programs]
    running = _running(route, stretch)
    has_components = any(program.components for program in versions)
    for customer_id, asked in groupby(tables.ask(route.programs), key=itemgetter(0)):
        carried, *moments = [moment for _customer, moment in asked]
        start = starts.get(customer_id)
        if start is None:
            start = route.entered(first_seen[customer_id])
            carried, moments = _from_first_sight(start.entered_at, [carried, *moments])
        walk_ = Walk(versions, start=start, carried=carried, zone=versions[-1].zone)
        if customer_id in starts:
            beside_then = versions[carried.version].active(carried.answers)
            fits = beside_then == running[customer_id].keys() and not walk_.is_astray()
            at = found.asks_at(customer_id, carried.at + TICK, fits=fits)
            moments = asking_at(at, carried, moments) if at and at <= until else moments
        moves = [move for move in by_hand[customer_id] if move.entered_at >= start.entered_at]
        history = walk_.run(moments, moves, until=until)
        if has_components:
            beside = spells(versions, moments, running=running[customer_id], zone=versions[-1].zone)
            found.beside += [(customer_id, spell) for spell in beside]
        found.note_end(customer_id, walk_)
        yield customer_id, history.stays, history.refused


def _from_first_sight(seen_at: datetime, moments: list[Moment]) -> tuple[Moment, list[Moment]]:
    """At first sight the rules decide, whether or not an answer changes then."""
    held = [moment for moment in moments if moment.at <= seen_at][-1]
    ahead = [held._replace(at=seen_at), *[moment for moment in moments if moment.at > seen_at]]
    return held._replace(at=seen_at - TICK), ahead


_STAY = """p.stage_id, p.entered_at, p.cause, p.version_id, p.rule_id, p.actor_id, p.reason, p.held_until,
           p.original_customer_id"""


def _starts(route: Route, stretch: tables.Stretch) -> dict[int, Stay]:
    """The live stay each walker was in just before its start."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT w.customer_id, {_STAY} FROM walk_customer w JOIN lifecycle_stageperiod p USING (customer_id)
            WHERE p.model_id = %s AND p.customer_id BETWEEN %s AND %s AND p.superseded_at IS NULL AND p.entered_at < w.since
              AND (p.left_at IS NULL OR p.left_at >= w.since)
            """,  # noqa: S608
            [route.model.pk, *stretch],
        )
        return {customer_id: Stay(*values) for customer_id, *values in cursor.fetchall()}


def _running(route: Route, stretch: tables.Stretch) -> defaultdict[int, dict[int, datetime]]:
    """Components under way just before the start of each walk, with their beginnings."""
    running: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.customer_id, p.component_id, p.started_at
            FROM walk_customer w JOIN lifecycle_componentperiod p USING (customer_id)
            JOIN lifecycle_component g ON g.id = p.component_id
            WHERE g.model_id = %s AND p.customer_id BETWEEN %s AND %s AND p.superseded_at IS NULL AND p.started_at < w.since
              AND (p.ended_at IS NULL OR p.ended_at >= w.since)
            """,
            [route.model.pk, *stretch],
        )
        for customer_id, component_id, started_at in cursor.fetchall():
            running[customer_id][component_id] = started_at
    return running


def _moves_by_hand(route: Route, stretch: tables.Stretch) -> defaultdict[int, list[Stay]]:
    """Moves by people, the API and imports from the start on: facts that the rules respect."""
    moves: defaultdict[int, list[Stay]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT w.customer_id, {_STAY} FROM walk_customer w JOIN lifecycle_stageperiod p USING (customer_id)
            WHERE p.model_id = %s AND p.customer_id BETWEEN %s AND %s AND p.superseded_at IS NULL AND p.cause NOT IN ('rule', 'initial')
              AND p.entered_at >= w.since ORDER BY p.entered_at
            """,  # noqa: S608
            [route.model.pk, *stretch],
        )
        for customer_id, *values in cursor.fetchall():
            moves[customer_id].append(Stay(*values))
    return moves


def _first_seen() -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id, first_seen_at FROM walk_customer")
        return dict(cursor.fetchall())
