"""Keeping stages true: customers with new facts or a condition coming due every minute, everyone every night."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction

from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel, NextDue
from lifecycle.walking.walk import CHUNK, Route, walk
from lifecycle.walking.writing import Written


def running_routes() -> list[Route]:
    return [Route.of(model) for model in LifecycleModel.objects.running().order_by("pk")]


def evaluate_changed(*, limit: int = CHUNK) -> Written:
    """Walk the customers with new facts or a due instant, chunk by chunk, until none is left."""
    routes, written = running_routes(), Written()
    while True:
        worked, chunk = _evaluate_chunk(routes, limit)
        written += chunk
        if not worked:
            return written


@transaction.atomic
def _evaluate_chunk(routes: list[Route], limit: int) -> tuple[int, Written]:
    arrivals = _take_arrivals(limit)
    due = {route.model.pk: _take_due(route.model, limit) for route in routes}
    customers = set(arrivals).union(*due.values())
    if not customers:
        return 0, Written()
    locked = Customer.objects.filter(pk__in=customers).lock()
    until, written = clock.now(), Written()
    for route in routes:
        walkers = _earliest(arrivals, due[route.model.pk])
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
    for route in running_routes():
        for ids in customer_chunks():
            written += walk_locked(route, ids, since=None, ask_now=True)
    return written


@transaction.atomic
def walk_locked(
    route: Route,
    ids: Iterable[int],
    *,
    since: datetime | None,
    until: datetime | None = None,
    ask_now: bool = False,
) -> Written:
    """Lock the customers, read the clock, walk them from `since` (from today, when none is given)."""
    locked = Customer.objects.filter(pk__in=ids).lock()
    now = until or clock.now()
    return walk(route, [(pk, since or now) for pk in locked], until=now, ask_now=ask_now)


def customer_chunks(*, after: int = 0, size: int = CHUNK) -> Iterator[list[int]]:
    """Ids of all customers in order, chunk by chunk, after an id."""
    while ids := list(
        Customer.objects.present().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size]
    ):
        yield ids
        after = ids[-1]
