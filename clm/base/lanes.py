"""Work on several batches at once: while one waits for PostgreSQL, another computes here."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from django.db import connection, connections

Batch = TypeVar("Batch")
Done = TypeVar("Done")
LANES = 2


def in_lanes(
    work: Callable[[Batch], Done], batches: Iterable[Batch], *, lanes: int = LANES
) -> Iterator[Done]:
    """`work` of each batch, in the batches' order, `lanes` at a time; each lane has a connection of its own.

    Batches must not depend on one another, and `work` opens its own transactions. Within a transaction of the caller,
    which other connections can't see into, it is one batch after the other. The first error ends it: batches under way
    are seen through, those not begun are dropped.
    """
    if lanes < 2 or connection.in_atomic_block:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        waiting: deque[Future[Done]] = deque()
        try:
            for batch in batches:
                waiting.append(pool.submit(copy_context().run, _in_lane, work, batch))
                if len(waiting) > lanes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _in_lane(work: Callable[[Batch], Done], batch: Batch) -> Done:
    try:
        return work(batch)
    finally:
        connections.close_all()
