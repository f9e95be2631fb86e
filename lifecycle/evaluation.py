"""Keeping stages true: customers with new facts or a condition coming due every minute, everyone every night."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import connection
from django.db.models import Min

from clm.accounts.jobs import Progress
from clm.accounts.models import Job
from clm.base import clock
from clm.base.db import among
from clm.base.lanes import in_lanes
from customers.models import Arrival, Customer
from lifecycle.isolating import AtWorkElsewhere, Isolation
from lifecycle.models import LifecycleModel, NextDue
from lifecycle.resettling import resettle
from lifecycle.troubles import tell_failing, tell_parked
from lifecycle.walking.walk import CHUNK, Route, walk
from lifecycle.walking.writing import Written, write_histories

# Models whose rules ask for one another's stages could go on for ever; the next minute is soon enough.
MOST_ROUNDS = 500
# Below this many the second lane's own statements cost more than it saves.
WORTH_TWO_LANES = 2_000


def running_models() -> list[LifecycleModel]:
    return list(LifecycleModel.objects.running().order_by("pk"))


class Share(NamedTuple):
    """Customers that one transaction works off, and which halves of all customers they are of: even ids and odd ones."""

    ids: list[int]
    halves: tuple[int, ...]


def evaluate_changed(*, limit: int = CHUNK) -> Written:
    """Walk the customers with new facts or a due instant, chunk by chunk, until none is left.

    One pass at a time: a second one that finds the first at work leaves the rest to it.
    """
    written, work = Written(), partial(_work_off, Isolation())
    for _round in range(MOST_ROUNDS):
        shares = _shares(_waiting(limit))
        if not shares:
            break
        try:
            for done in in_lanes(work, shares):
                written += done
        except AtWorkElsewhere:
            return written
    tell_failing(None)
    tell_parked()
    return written


def _waiting(limit: int) -> list[int]:
    """Customers with something to look at, those who wait longest first."""
    ids: dict[int, None] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id FROM customers_arrival ORDER BY id LIMIT %s", [limit // 2])
        ids |= dict.fromkeys(pk for (pk,) in cursor.fetchall())
    due = NextDue.objects.workable(clock.now()).order_by("at")[: limit // 2]
    return list(ids | dict.fromkeys(due.values_list("customer_id", flat=True)))


def _shares(waiting: list[int]) -> list[Share]:
    """All in one, or many in two that lanes work off side by side."""
    if len(waiting) < WORTH_TWO_LANES:
        return [Share(waiting, (0, 1))] if waiting else []
    halves = [Share([pk for pk in waiting if pk % 2 == half], (half,)) for half in (0, 1)]
    return [share for share in halves if share.ids]


def _work_off(isolation: Isolation, share: Share) -> Written:
    def work(ids: Sequence[int], models: Sequence[LifecycleModel]) -> Written:
        if not _alone(share.halves):
            raise AtWorkElsewhere
        return _walk_on(ids, models)

    return isolation.run(share.ids, work, running_models())


def _alone(halves: Sequence[int]) -> bool:
    """Take the pass's locks on these halves until the transaction ends. False when another transaction has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_try_advisory_xact_lock(hashtext('lifecycle.evaluate_changed'), half))"
            " FROM unnest(%s::int[]) AS half",
            [list(halves)],
        )
        return bool(cursor.fetchone()[0])


def _walk_on(ids: Sequence[int], models: Sequence[LifecycleModel]) -> Written:
    locked = Customer.objects.filter(among("pk", ids)).present().lock()
    arrivals = Arrival.objects.take(ids)  # after the lock: what was told while we waited for it, too
    until, written = clock.now(), Written()
    for model in models:
        route = Route.of(model)  # after the lock: a version published meanwhile governs
        due = NextDue.objects.workable(until).filter(among("customer_id", ids), model=model)
        walkers = _earliest(arrivals, dict(due.values_list("customer_id", "at")))
        written += walk(route, [(pk, walkers[pk]) for pk in locked if pk in walkers], until=until)
    return written


def _earliest(*sources: dict[int, datetime]) -> dict[int, datetime]:
    earliest: dict[int, datetime] = {}
    for source in sources:
        for customer_id, at in source.items():
            earliest[customer_id] = min(at, earliest.get(customer_id, at))
    return earliest


def evaluate_all() -> Written:
    """Walk every customer over today. Finds whose news was lost (they don't fit the rules) and changes nothing else."""
    return sum(in_lanes(ask_anew, customer_chunks()), start=Written())


def ask_anew(ids: list[int]) -> Written:
    written = Written()
    for model in running_models():
        written += walk_each(model, ids, since=None)
    return written


def nightly_job(job: Job) -> Iterator[Progress]:
    """The same as a job, so that a million customers fit into tasks of two minutes."""
    done, total = job.done, Customer.objects.present().count()

    def work(ids: list[int]) -> list[int]:
        ask_anew(ids)
        return ids

    for ids in in_lanes(work, customer_chunks(after=job.cursor.get("after", 0))):
        done += len(ids)
        yield Progress(done, total, {"after": ids[-1]}, {"customers": done})
    for version in filter(None, (model.published() for model in running_models())):
        resettle(version)  # whom late facts put where an older version had a stage


def walk_each(
    model: LifecycleModel,
    ids: Sequence[int],
    *,
    since: datetime | None,
    until: datetime | None = None,
) -> Written:
    """Lock the customers, read the clock, walk them from `since` (from today, when none is given).

    Who has news of before, or something that came due then, and still waits (nothing ran) is walked from there: no news
    of them was lost. The news stay with the incremental pass, which serves all models.
    Who can't be walked is parked; the others go on.
    """

    def work(some: Sequence[int], models: Sequence[LifecycleModel]) -> Written:
        locked = Customer.objects.filter(among("pk", some)).present().lock()
        now, written = until or clock.now(), Written()
        past = write_histories if until else None
        begins = since or now
        for each in models:
            waiting = waiting_since(each, some, begins)
            walkers = [(pk, waiting.get(pk, begins)) for pk in locked]
            written += walk(Route.of(each), walkers, until=now, write=past)
        return written

    return Isolation().run(ids, work, [model])


def waiting_since(model: LifecycleModel, ids: Sequence[int], before: datetime) -> dict[int, datetime]:
    """From when on to walk those for whom something of before waits, of these customers and others between them: that is
    quicker than to name twenty thousand."""
    between = {"customer__gte": min(ids, default=0), "customer__lte": max(ids, default=0)}
    due = NextDue.objects.due(before).filter(model=model, **between)
    news = Arrival.objects.filter(since__lt=before, **between).values("customer_id")
    return _earliest(
        dict(due.values_list("customer_id", "at")),
        dict(news.annotate(first=Min("since")).values_list("customer_id", "first")),
    )


def customer_chunks(*, after: int = 0, size: int = CHUNK) -> Iterator[list[int]]:
    """Ids of all customers in order, chunk by chunk, after an id."""
    while ids := list(
        Customer.objects.present().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size]
    ):
        yield ids
        after = ids[-1]
