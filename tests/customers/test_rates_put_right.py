"""Amounts at a wrong rate for good: by a job that was not done, an order amended later, a rate corrected meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.jobs import drive
from clm.accounts.models import Job
from clm.base import clock
from customers.importing.starting import start, undo
from customers.intake import late_rates
from customers.models import Arrival, Order, PurchaseSummary, Refund
from tests.customers.foreign_orders import (
    JUNE,
    file_of_orders,
    in_a_thread,
    ordered,
    rate,
    rated,
    rates_of,
    settle,
    took,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "again", [("2025-06-01", "0.1"), ("2025-06-20", "7")], ids=["the same", "another day's"]
)
@pytest.mark.parametrize(
    "end", [lambda job: job.cancel(), lambda job: job.fail("Stopped.")], ids=["cancelled", "failed"]
)
def test_what_a_job_left_that_was_not_done_the_next_rates_make_up_for(
    end: Callable[[Job], object], again: tuple[str, str]
) -> None:
    ordered()
    rated(rate("2025-06-01", "1"))
    took("rates", rate("2025-06-01", "0.1"))
    end(Job.objects.open().get())

    rated(rate(*again))

    assert rates_of("A1") == [None, Decimal(1), Decimal("0.1")]
    rated(rate(*again))
    assert Job.objects.count() == 3


def test_a_job_that_waits_already_takes_over_what_another_left() -> None:
    ordered()
    rated(rate("2025-06-01", "1"))
    took("rates", rate("2025-06-01", "0.1"))
    Job.objects.open().update(lease_until=None)
    left = Job.objects.open().get()
    assert left.claim()
    ordered("D1", currency="DKK")
    took("rates", rate("2025-06-02", "0.2", currency="DKK"))
    left.cancel()

    took("rates", rate("2025-06-02", "0.2", currency="DKK"))

    assert Job.objects.open().get().parameters == {"since": {"DKK": "2025-06-02", "SEK": "2025-06-01"}}
    settle()
    assert (rates_of("A1")[-1], rates_of("D1")[-1]) == (Decimal("0.1"), Decimal("0.2"))


def test_what_a_job_left_that_needs_nothing_any_more_is_not_looked_for_again() -> None:
    ordered()
    took("rates", rate("2025-06-01", "0.1"))
    left = Job.objects.get()
    left.cancel()
    ordered(amount="120")  # comes again, with its rate

    rated(rate("2025-06-01", "0.1"))

    left.refresh_from_db()
    assert left.parameters["taken_over"]
    assert Job.objects.get() == left


def test_refunds_take_the_rate_of_their_amended_order_at_once() -> None:
    rated(rate("2025-06-01", "0.5"), rate("2025-06-10", "0.1"))
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})
    before = clock.now()
    Arrival.objects.all().delete()

    ordered(occurred_at="2025-06-05T12:00:00Z")

    later = Refund.objects.live().get()
    assert (later.reporting, later.recorded_at) == (Decimal(20), Order.objects.live().get().recorded_at)
    assert Refund.objects.known(before).get().reporting == Decimal(4)
    assert PurchaseSummary.objects.get().revenue == Decimal(30)
    assert JUNE in Arrival.objects.values_list("since", flat=True)


def test_refunds_take_the_currency_of_their_amended_order_and_give_it_back_when_that_is_undone() -> None:
    rated(rate("2025-06-01", "0.1"))
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})
    run = file_of_orders("A1,7,2025-06-10,100,EUR\n")
    drive(start(run, by=None))
    amended = Refund.objects.live().get()
    assert (amended.currency, amended.reporting) == ("EUR", Decimal(40))
    assert PurchaseSummary.objects.get().revenue == Decimal(60)
    run.refresh_from_db()

    drive(undo(run, by=None))

    restored = Refund.objects.live().get()
    assert (restored.currency, restored.reporting) == ("SEK", Decimal(4))
    assert PurchaseSummary.objects.get().revenue == Decimal(6)


def test_refunds_of_an_order_that_has_no_rate_any_more_wait_with_it() -> None:
    rated(rate("2025-06-01", "0.1"))
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})

    ordered(occurred_at="2025-05-05T12:00:00Z")

    assert Refund.objects.live().get().rate is None
    rated(rate("2025-05-01", "0.2"))
    assert Refund.objects.live().get().reporting == Decimal(8)
    assert PurchaseSummary.objects.get().revenue == Decimal(12)


def test_the_usual_rates_of_today_do_not_read_the_orders_of_earlier_days() -> None:
    rated(rate("2025-06-01", "1"))
    ordered()
    copied = (
        "occurred_at, source, currency, gross, discount, tax, shipping, rate, status, is_test, customer_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_order (key, original_customer_id, {copied})"
            f" SELECT number, customer_id, {copied} FROM customers_order, generate_series(1, 2000) AS number"
        )
        cursor.execute("ANALYZE customers_order")
    with CaptureQueriesContext(connection) as asked:
        assert not late_rates.is_due({"SEK": date(2025, 6, 12)})

    query = next(each["sql"] for each in asked if '"net"' in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {query}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "customers_order_by_time" in plan
    assert "customers_order_unrated" in plan
    assert "Rows Removed by Filter" not in plan


@pytest.mark.django_db(transaction=True)
def test_a_rate_put_right_while_a_chunk_is_under_way_is_not_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ordered()
    rated(rate("2025-06-01", "1"))
    took("rates", rate("2025-06-01", "5"))
    lock = late_rates._lock_owners

    with ThreadPoolExecutor(1) as other:

        def put_right(table: str) -> None:
            coming = other.submit(in_a_thread, lambda: took("rates", rate("2025-06-01", "1")))
            with pytest.raises(TimeoutError):
                coming.result(timeout=0.3)
            lock(table)

        monkeypatch.setattr(late_rates, "_lock_owners", put_right)
        settle()
    monkeypatch.undo()
    settle()

    assert rates_of("A1") == [None, Decimal(1), Decimal(5), Decimal(1)]
