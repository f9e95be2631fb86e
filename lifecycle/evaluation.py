"""Keeping stages true: customers with new facts or a condition coming due every minute, everyone every night."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction

from clm.accounts.jobs import Progress
from clm.accounts.models import Job
from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel, NextDue
from lifecycle.walking.walk import CHUNK, Route, walk
from lifecycle.walking.writing import Written

# Models whose rules ask for one another's stages could go on for ever; the next minute is soon enough.
MOST_ROUNDS = 500


def running_routes() -> list[Route]:
    return [Route.of(model) for model in LifecycleModel.objects.running().order_by("pk")]


def evaluate_changed(*, limit: int = CHUNK) -> Written:
    """Walk the customers with new facts or a due instant, chunk by chunk, until none is left."""
    written = Written()
    for _round in range(MOST_ROUNDS):
        worked, chunk = _evaluate_chunk(limit)
        written += chunk
        if not worked:
            break
    return written


@transaction.atomic
def _evaluate_chunk(limit: int) -> tuple[int, Written]:
    arrivals = _take_arrivals(limit // 2)
    due = {model.pk: _take_due(model, limit // 2) for model in LifecycleModel.objects.running()}
    customers = set(arrivals).union(*due.values())
    if not customers:
        return 0, Written()
    locked = Customer.objects.filter(pk__in=customers).lock()
    until, written = clock.now(), Written()
    for route in running_routes():  # after the lock: a version published meanwhile governs
        walkers = _earliest(arrivals, due.get(route.model.pk, {}))
        written += walk(route, [(pk, walkers[pk]) for pk in locked if pk in walkers], until=until)
    return len(customers), written


def _take_arrivals(limit: int) -> dict[int, datetime]:
    """The earliest news of each customer; what is read is taken off the queue when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
                DELETE FROM customers_arrival WHERE id IN (
                    SELECT id FROM customers_arrival ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING customer_id, since)
            SELECT customer_id, min(since) FROM taken GROUP BY customer_id
            """,
            [limit],
        )
        return dict(cursor.fetchall())


def _take_due(model: LifecycleModel, limit: int) -> dict[int, datetime]:
    due = NextDue.objects.due(clock.now()).filter(model=model).order_by("at")[:limit]
    return dict(due.values_list("customer_id", "at"))


def _earliest(*sources: dict[int, datetime]) -> dict[int, datetime]:
    earliest: dict[int, datetime] = {}
    for source in sources:
        for customer_id, at in source.items():
            earliest[customer_id] = min(at, earliest.get(customer_id, at))
    return earliest


def evaluate_all() -> Written:
    """Ask every customer anew. Finds what a lost note of a change would have left undone; else changes nothing."""
    written = Written()
    for ids in customer_chunks():
        written += ask_anew(ids)
    return written


def ask_anew(ids: list[int]) -> Written:
    written = Written()
    for model in LifecycleModel.objects.running().order_by("pk"):
        written += walk_locked(model, ids, since=None, ask_now=True)
    return written


def nightly_job(job: Job) -> Iterator[Progress]:
    """The same as a job, so that a million customers fit into tasks of two minutes."""
    done, total = job.done, Customer.objects.present().count()
    for ids in customer_chunks(after=job.cursor.get("after", 0)):
        ask_anew(ids)
        done += len(ids)
        yield Progress(done, total, {"after": ids[-1]}, {"customers": done})


@transaction.atomic
def walk_locked(
    model: LifecycleModel,
    ids: Iterable[int],
    *,
    since: datetime | None,
    until: datetime | None = None,
    ask_now: bool = False,
) -> Written:
    """Lock the customers, read the clock, walk them from `since` (from today, when none is given)."""
    locked = Customer.objects.filter(pk__in=ids).lock()
    now = until or clock.now()
    route = Route.of(model)
    return walk(route, [(pk, since or now) for pk in locked], until=now, ask_now=ask_now)


def customer_chunks(*, after: int = 0, size: int = CHUNK) -> Iterator[list[int]]:
    """Ids of all customers in order, chunk by chunk, after an id."""
    while ids := list(
        Customer.objects.present().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size]
    ):
        yield ids
        after = ids[-1]
