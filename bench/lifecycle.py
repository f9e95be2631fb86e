"""The stage engine: everybody at once, some again, one explained, two years replayed."""

import resource
import time
from functools import cache
from statistics import median
from typing import NamedTuple

from django.db import connection, transaction

from bench.figures import Measured, figure
from bench.lifecycle_by_hand import pass_by_hand, stage_counts
from bench.lifecycle_company import all_in_the_first_stage, build
from lifecycle.models import LifecycleModel


class Passes(NamedTuple):
    ours: float
    by_hand: float
    peak_mb: float
    moved: int


@figure("full_pass_ratio", topic="lifecycle", unit="x", bar=3.0)
def full_pass_ratio(size: int) -> Measured:
    """The full pass over the same transitions written by hand, as one SQL pass on the same tables."""
    found = passes(size)
    note = f"{size:,} customers, {found.moved:,} moves: {found.ours:.1f} s, by hand {found.by_hand:.1f} s"
    return Measured(found.ours / found.by_hand, note=note)


@figure("full_pass_peak_mb", topic="lifecycle", unit="MB", bar=300.0)
def full_pass_peak_mb(size: int) -> Measured:
    return Measured(passes(size).peak_mb, note="resident memory of the process that ran it, at its highest")


@figure("incremental_share", topic="lifecycle", unit="of a full pass", bar=0.05)
def incremental_share(size: int) -> Measured:
    """After one customer in a hundred got a new event."""
    full = passes(size).ours
    _news(size)
    started = time.perf_counter()
    from lifecycle.evaluation import evaluate_changed

    evaluate_changed()
    seconds = time.perf_counter() - started
    return Measured(seconds / full, note=f"{size // 100:,} customers in {seconds:.2f} s")


@figure("explain_ms", topic="lifecycle", unit="ms", bar=100.0)
def explain_ms(size: int) -> Measured:
    """Why one customer is in the stage, and what is missing for the others."""
    from clm.accounts.models import Organisation
    from clm.base import clock
    from customers.models import Customer
    from lifecycle.explanation import explain
    from lifecycle.missing import still_missing
    from lifecycle.why import why_here

    passes(size)
    model, times = LifecycleModel.objects.get(), []
    for pk in range(7, size, size // 30):
        customer = Customer.objects.get(pk=pk)
        started = time.perf_counter()
        explanation = explain(customer, model, as_of=(now := clock.now()))
        if explanation is None or not still_missing(explanation, as_of=now):
            raise RuntimeError(f"Nothing is said of {customer}.")
        why_here(customer, explanation.period, as_of=now, zone=Organisation.objects.current().tz)
        times.append((time.perf_counter() - started) * 1000)
    return Measured(median(times), note=f"slowest {max(times):.0f} ms of {len(times)}")


def full_pass(model: LifecycleModel) -> tuple[float, int]:
    """How many seconds it takes with everybody in the first stage, and whom it moves."""
    from lifecycle.evaluation import evaluate_all

    all_in_the_first_stage(model)
    connection.close()
    started = time.perf_counter()
    written = evaluate_all()
    return time.perf_counter() - started, written.moved


@cache
def passes(size: int) -> Passes:
    model = build(size)
    all_in_the_first_stage(model)
    with transaction.atomic():
        started = time.perf_counter()
        pass_by_hand(model)
        by_hand = time.perf_counter() - started
        wanted = stage_counts(model)
        transaction.set_rollback(True)
    ours, moved = full_pass(model)
    if (found := stage_counts(model)) != wanted:
        raise RuntimeError(f"The passes disagree: {found} and by hand {wanted}.")
    return Passes(ours, by_hand, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, moved)


def _news(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH added AS (INSERT INTO customers_event (source, key, customer_id, original_customer_id, occurred_at,"
            " name, properties) SELECT 'bench', 'news-' || id, id, id, clock_timestamp(), 'page.viewed', '{}'"
            " FROM customers_customer WHERE id %% 100 = 7 RETURNING customer_id, occurred_at)"
            " INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, occurred_at FROM added",
            [],
        )
