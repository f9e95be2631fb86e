"""The temporary tables of a walk, filled by SQL, and the statement that asks all rules at all moments."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from clm.base.conditions import Leaving
from clm.base.conditions.leaving import merged
from clm.base.days import StartOfDay
from clm.base.facts import BEGINNING
from lifecycle.models import Moment as MomentRow
from lifecycle.models import Walker
from lifecycle.walking.components import Spell
from lifecycle.walking.fold import Moment, Refused, Stay
from lifecycle.walking.program import Program
from lifecycle.walking.rounds import Round

_CREATE = """
CREATE TEMP TABLE IF NOT EXISTS walk_customer (
    customer_id bigint PRIMARY KEY, since timestamptz NOT NULL, first_seen_at timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS walk_moment (
    customer_id bigint NOT NULL, at timestamptz NOT NULL, as_of timestamptz NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS walk_stay (
    customer_id bigint NOT NULL, original_customer_id bigint NOT NULL, entered_at timestamptz NOT NULL,
    left_at timestamptz, stage_id bigint NOT NULL, version_id bigint NOT NULL, cause text NOT NULL,
    rule_id bigint, actor_id bigint, reason text NOT NULL, held_until timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS walk_refusal (
    customer_id bigint NOT NULL, from_stage_id bigint NOT NULL, to_stage_id bigint NOT NULL,
    rule_id bigint NOT NULL, at timestamptz NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS walk_spell (
    customer_id bigint NOT NULL, component_id bigint NOT NULL, started_at timestamptz NOT NULL,
    ended_at timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS walk_due (customer_id bigint NOT NULL, at timestamptz NOT NULL) ON COMMIT DROP;
TRUNCATE walk_customer, walk_moment, walk_stay, walk_refusal, walk_spell, walk_due;
"""


class Stretch(NamedTuple):
    """The first and the last id of the walked customers.

    Said beside every join with the tables of a walk: they alone tell PostgreSQL too little, and it would read whole
    tables for each chunk, which makes a pass over everybody grow with the square of their number.
    """

    first: int
    last: int


def prepare(walkers: Iterable[tuple[int, datetime]], *, zone: str, model_id: int) -> Stretch:
    """Empty tables, and one row per customer, starting at the beginning of the local day of `since`.

    A customer who has no stay before that day starts on the day of the first sight, whatever `since` says.
    """
    ids, since = zip(*walkers, strict=True)
    stretch = Stretch(min(ids), max(ids))
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        # What is read of a customer lies together and is mostly in memory: an index is worth it also for many.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(
            """
            INSERT INTO walk_customer
            SELECT c.id, CASE WHEN EXISTS (
                    SELECT FROM lifecycle_stageperiod p WHERE p.customer_id = c.id AND p.model_id = %(model)s
                        AND p.superseded_at IS NULL AND p.entered_at < w.day
                        AND p.customer_id BETWEEN %(first)s AND %(last)s)
                THEN w.day
                ELSE least(w.day, (c.first_seen_at AT TIME ZONE %(zone)s)::date::timestamp AT TIME ZONE %(zone)s)
                END, c.first_seen_at
            FROM (SELECT id, (since AT TIME ZONE %(zone)s)::date::timestamp AT TIME ZONE %(zone)s AS day
                  FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) AS u (id, since)) AS w
            JOIN customers_customer c USING (id) WHERE c.id BETWEEN %(first)s AND %(last)s
            """,
            {"zone": zone, "model": model_id, "ids": list(ids), "since": list(since), **stretch._asdict()},
        )
        cursor.execute("ANALYZE walk_customer")
    return stretch


@dataclass(frozen=True)
class Sources:
    """Where the moments of a walk come from, as the conditions tell it; windows end with days of the zone."""

    changes: Sequence[QuerySet[Any, Any]]
    leavings: Sequence[Leaving]
    zone: str


def find_moments(
    sources: Sources,
    boundaries: Sequence[datetime],
    stretch: Stretch,
    *,
    until: datetime,
) -> None:
    """Fill `walk_moment` with every instant to ask at, and `walk_due` with the first one that is still to come.

    Besides the changes of the conditions those are: just before the start (what held so far), the first sight of
    a customer without a history, and the instants at which a new version takes over.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(since) FROM walk_customer")
        (least,) = cursor.fetchone()
        changed, parameters = _all_of(sources, least, stretch)
        cursor.execute(_FOUND.format(changed=changed), [*parameters, until, until])
        bounds = [at for at in boundaries if at <= until]
        cursor.execute(_BESIDES, [bounds])


# Of what is still to come only the first counts: it is not written down beside what is asked about.
_FOUND = """
WITH found AS MATERIALIZED (
    SELECT m.customer_id, m.at FROM ({changed}) AS m (customer_id, at) JOIN walk_customer w USING (customer_id)
    WHERE m.at >= w.since),
due AS (INSERT INTO walk_due SELECT customer_id, min(at) FROM found WHERE at > %s GROUP BY customer_id)
INSERT INTO walk_moment
SELECT customer_id, at, at + interval '1 microsecond' FROM found WHERE at <= %s GROUP BY customer_id, at
"""


def _all_of(sources: Sources, least: datetime, stretch: Stretch) -> tuple[str, list[Any]]:
    """All changes of the walked customers. What lies before every walk is left out where it is read."""
    parts: list[str] = []
    parameters: list[Any] = []
    for query in sources.changes:
        walked = _walked(query, stretch)
        ahead = _ahead(walked, least) if least > BEGINNING else walked
        sql, params = ahead.order_by().query.sql_with_params()
        parts.append(f"({sql})")
        parameters += params
    left = [replace(leaving, facts=_walked(leaving.facts, stretch)) for leaving in sources.leavings]
    for sql, values in merged(left, zone=sources.zone, least=least):
        parts.append(f"({sql})")
        parameters += values
    return " UNION ALL ".join(parts) or "(SELECT 0::bigint, now() WHERE false)", parameters


def _walked(query: QuerySet[Any, Any], stretch: Stretch) -> QuerySet[Any, Any]:
    owner = _owner_of(query)
    near = query.filter(**{f"{owner}__gte": stretch.first, f"{owner}__lte": stretch.last})
    return near.filter(**{f"{owner}__in": Walker.objects.values("customer_id")})


def _ahead(query: QuerySet[Any, Any], least: datetime) -> QuerySet[Any, Any]:
    """At or after `least`; where a day is reckoned from an instant, said of the instant too: that has an index."""
    name = _instant_of(query)
    reckoned = query.query.annotations.get(name)
    bound = reckoned.reaches_back(least) if isinstance(reckoned, StartOfDay) else None
    later = query.filter(**{f"{name}__gte": least})
    return later.filter(bound) if bound is not None else later


def _instant_of(query: QuerySet[Any, Any]) -> str:
    return str([*query.query.values_select, *query.query.annotation_select][-1])


_BESIDES = """
INSERT INTO walk_moment
SELECT customer_id, first_seen_at, first_seen_at + interval '1 microsecond' FROM walk_customer w
WHERE first_seen_at >= since AND NOT EXISTS (
    SELECT FROM walk_moment m WHERE m.customer_id = w.customer_id AND m.at = w.first_seen_at)
UNION ALL
SELECT customer_id, at, at + interval '1 microsecond' FROM walk_customer, unnest(%s::timestamptz[]) at
WHERE at >= since;
INSERT INTO walk_moment SELECT customer_id, since - interval '1 microsecond', since FROM walk_customer;
ANALYZE walk_moment;
"""


def _owner_of(query: QuerySet[Any, Any]) -> str:
    return "pk" if query.model._meta.label == "customers.Customer" else "customer_id"


def ask(programs: Sequence[tuple[datetime | None, Program]]) -> Iterator[tuple[int, Moment]]:
    """(customer, moment) in order of both, each moment answered by the version in force then.

    `programs` are (takes over at, program) in order of time; the first one has no beginning.
    """
    streams = []
    ends = [*[start for start, _program in programs[1:]], None]
    for index, ((start, program), end) in enumerate(zip(programs, ends, strict=True)):
        streams.append(_stream(index, program, start if index else None, end))
    return (
        heapq.merge(*streams, key=lambda asked: (asked[0], asked[1].at)) if len(streams) > 1 else streams[0]
    )


def _stream(
    index: int, program: Program, start: datetime | None, end: datetime | None
) -> Iterator[tuple[int, Moment]]:
    rows = MomentRow.objects.filter(at__gte=start) if start else MomentRow.objects.all()
    rows = rows.filter(at__lt=end) if end else rows
    questions = program.questions(program.asked(as_of="as_of", customer="customer_id"))
    asked, parameters = (
        rows.annotate(**questions).values("customer_id", "at", *questions).query.sql_with_params()
    )
    answers = " || ".join(f"CASE WHEN {name} THEN '1' ELSE '0' END" for name in questions) or "''"
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHANGED.format(asked=asked, answers=answers), parameters)
        while chunk := cursor.fetchmany(10_000):
            for customer_id, since_epoch, answer in chunk:
                yield customer_id, Moment(EPOCH + timedelta(microseconds=since_epoch), answer, index)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Moments at which nothing changed after all are dropped before they reach Python, the others come as microseconds:
# quicker to read than text by the hundred thousand. MATERIALIZED: each question is
# asked once per moment; merged into the query above it would be asked for every mention of its answer.
_CHANGED = """
WITH asked AS MATERIALIZED ({asked}),
answered AS (SELECT customer_id, at, {answers} AS answers FROM asked),
compared AS (
    SELECT customer_id, at, answers, lag(answers) OVER (PARTITION BY customer_id ORDER BY at) AS before FROM answered)
SELECT customer_id, (extract(epoch FROM at) * 1000000)::bigint, answers FROM compared WHERE before IS NULL OR before <> answers
ORDER BY customer_id, at
"""


def keep(rows: Iterable[tuple[int, list[Stay], list[Refused]]]) -> None:
    """COPY what the walks gave into `walk_stay` and `walk_refusal`."""
    refusals: list[tuple[int, Refused]] = []
    with connection.cursor() as cursor:
        with cursor.copy("COPY walk_stay FROM STDIN") as copy:
            for customer_id, stays, refused in rows:
                refusals += [(customer_id, refusal) for refusal in refused]
                for stay in stays:
                    copy.write_row(_stay_row(customer_id, stay))
        with cursor.copy("COPY walk_refusal FROM STDIN") as copy:
            for customer_id, refusal in refusals:
                copy.write_row(
                    (customer_id, refusal.from_stage_id, refusal.to_stage_id, refusal.rule_id, refusal.at)
                )


def _stay_row(customer_id: int, stay: Stay) -> tuple[object, ...]:
    return (
        customer_id,
        stay.original_customer_id or customer_id,
        stay.entered_at,
        stay.left_at,
        stay.stage_id,
        stay.version_id,
        stay.cause,
        stay.rule_id,
        stay.actor_id,
        stay.reason,
        stay.held_until,
    )


def keep_spells(spells: Iterable[tuple[int, Spell]]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY walk_spell FROM STDIN") as copy:
        for customer_id, spell in spells:
            copy.write_row((customer_id, spell.component_id, spell.started_at, spell.ended_at))


def keep_checks(checks: dict[int, datetime]) -> None:
    """Instants at which a stay itself asks for another look (a hold ends), beside those of the facts."""
    if not checks:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO walk_due SELECT * FROM unnest(%s::bigint[], %s::timestamptz[])",
            [list(checks), list(checks.values())],
        )


def leave_out(customers: Collection[int]) -> None:
    """Write nothing of these walkers. Before `keep_checks`."""
    if customers:
        with connection.cursor() as cursor:
            for table in ("walk_customer", "walk_due"):
                cursor.execute(f"DELETE FROM {table} WHERE customer_id = ANY(%s)", [list(customers)])  # noqa: S608


def undisturbed(rounds: dict[int, Round]) -> dict[int, Round]:
    """Without those of customers for whom an answer may change before the round is over. Before `keep_checks`."""
    if not rounds:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id, at FROM walk_due WHERE customer_id = ANY(%s)", [list(rounds)])
        soon = {pk for pk, at in cursor.fetchall() if at <= rounds[pk].closes_at}
    return {pk: ahead for pk, ahead in rounds.items() if pk not in soon}
