"""An exchange rate that comes after the orders it is for: they count from then on, and as known before they do not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.accounts.models.job import JobStatus
from clm.base import clock
from customers.importing import chunks, running
from customers.importing.running import check, run_import
from customers.importing.starting import CannotImport, start, undo
from customers.intake import late_rates
from customers.intake.taking import take_in
from customers.models import Arrival, Order, OrderLine, PurchaseSummary, Refund
from metrics.models import Spend
from tests.customers.foreign_orders import (
    JUNE,
    file_of_orders,
    file_of_rates,
    in_a_thread,
    ordered,
    rate,
    rated,
    rates_of,
    settle,
    took,
)
from tests.metrics.world import World

pytestmark = pytest.mark.django_db


def test_the_number_counts_the_order_from_then_on_and_not_as_known_before() -> None:
    world = World()
    ordered()
    ordered("A2", currency="EUR", amount="30")
    before = clock.now()

    rated(rate("2025-06-01", "0.09"), rate("2025-06-11", "5"))

    now = world.ask("aov", "2025-06-01", "2025-06-30").total
    then = world.ask("aov", "2025-06-01", "2025-06-30", known_at=before).total
    assert (now.value, now.excluded_n) == (Decimal("19.5"), 0)
    assert (then.value, then.excluded_n) == (Decimal(30), 1)
    first, later = Order.objects.filter(key="A1").order_by("pk")
    assert (first.rate, later.rate, later.root) == (None, Decimal("0.09"), first.pk)
    assert first.superseded_at == later.recorded_at
    assert Order.objects.known(before).get(key="A1") == first


def test_everything_else_of_the_order_stays_also_its_lines_and_who_brought_it() -> None:
    ordered(tax="20")
    order = Order.objects.get()
    took("order_lines", {"order": "A1", "sku": "tea", "quantity": "2", "amount": "80"})

    rated(rate("2025-06-01", "0.1"))

    later = Order.objects.live().get()
    assert (later.net, later.net_reporting, later.occurred_at) == (Decimal(80), Decimal(8), JUNE)
    lines = OrderLine.objects.live().filter(order_id=later.root)
    assert list(lines.values_list("product__sku", "quantity", "amount")) == [("tea", 2, 80)]
    assert (later.source, later.key, later.written_by_id) == ("shop", "A1", order.written_by_id)


def test_a_refund_follows_its_order() -> None:
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})

    rated(rate("2025-06-01", "0.1"))

    assert Refund.objects.live().get().reporting == Decimal(4)
    summary = PurchaseSummary.objects.get()
    assert (summary.revenue, summary.unconverted) == (Decimal(6), 0)
    assert PurchaseSummary.objects.count() == 1


def test_spend_is_converted_by_its_day() -> None:
    took("spend", {"key": "S1", "on": "2025-06-10", "amount": "50", "currency": "SEK"})

    rated(rate("2025-06-10", "0.1"))

    assert list(Spend.objects.order_by("pk").values_list("reporting", flat=True)) == [None, Decimal(5)]


def test_the_day_is_the_local_one() -> None:
    Organisation.objects.current()
    Organisation.objects.update(zone="Europe/Copenhagen")
    ordered()  # 23:00 in London is one o'clock of the 11th in Copenhagen

    rated(rate("2025-06-10", "0.1"), rate("2025-06-11", "0.2"))

    assert Order.objects.live().get().rate == Decimal("0.2")


def test_a_rate_of_a_later_day_or_of_another_currency_changes_nothing() -> None:
    ordered()
    arrivals = Arrival.objects.count()

    rated(rate("2025-06-11", "0.1"), rate("2025-06-01", "0.1", currency="DKK"))

    assert Order.objects.get().rate is None
    assert Arrival.objects.count() == arrivals
    assert not AuditEntry.objects.filter(action="money.converted").exists()


def test_the_customers_are_looked_at_again_from_the_order_on() -> None:
    ordered()
    Arrival.objects.all().delete()

    rated(rate("2025-06-01", "0.1"))

    assert Arrival.objects.get().since == JUNE
    entry = AuditEntry.objects.get(action="money.converted")
    assert entry.details == {"rows": 1, "of": "customers_order", "currencies": ["SEK"]}


def test_many_are_converted_in_chunks(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_rates, "CHUNK", 2)
    for number in range(5):
        ordered(f"A{number}", customer=str(number % 2))
    take_in("rates", [(1, rate("2025-06-01", "0.1"))], source="shop", by=marketer)
    assert Order.objects.live().filter(rate=None).count() == 5
    job = Job.objects.get()

    settle()

    job.refresh_from_db()
    assert (job.owner, job.status, job.done, job.total) == (marketer, JobStatus.DONE, 5, 5)
    assert job.result == {"converted": 5}
    assert not Order.objects.live().filter(rate=None).exists()
    assert {summary.revenue for summary in PurchaseSummary.objects.all()} == {Decimal(30), Decimal(20)}


def test_a_corrected_rate_corrects_what_was_converted_and_not_as_known_before() -> None:
    world = World()
    ordered()
    rated(rate("2025-06-01", "1"))
    before = clock.now()

    rated(rate("2025-06-01", "0.1"))

    assert world.ask("aov", "2025-06-01", "2025-06-30").total.value == Decimal(10)
    assert world.ask("aov", "2025-06-01", "2025-06-30", known_at=before).total.value == Decimal(100)
    assert rates_of("A1") == [None, Decimal(1), Decimal("0.1")]


def test_an_order_that_came_before_the_rate_of_its_day_takes_it_when_it_comes() -> None:
    rated(rate("2025-06-01", "0.5"))
    ordered()
    took("refunds", {"key": "R1", "order": "A1", "occurred_at": JUNE.isoformat(), "amount": "40"})
    ordered("A2", occurred_at="2025-06-09T12:00:00Z")

    rated(rate("2025-06-10", "0.1"), rate("2025-06-11", "7"))

    assert rates_of("A1") == [Decimal("0.5"), Decimal("0.1")]
    assert rates_of("A2") == [Decimal("0.5")]
    assert Refund.objects.live().get().reporting == Decimal(4)
    assert PurchaseSummary.objects.get().revenue == Decimal(56)


DAYS = [date(2025, 1, 1) + timedelta(days=20 * number) for number in range(9)]
PIECES = [
    [rate(day.isoformat(), f"0.{10 + place + number}") for number, day in enumerate(DAYS[place : place + 3])]
    for place in (0, 3, 6)
]


@pytest.mark.parametrize("settled", ["after each piece", "at the end"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_rates_in_pieces_give_the_same_in_any_order(order: tuple[int, ...], settled: str) -> None:
    for number, day in enumerate([date(2024, 12, 31), DAYS[0], DAYS[3], DAYS[4] + timedelta(1), DAYS[8]]):
        ordered(f"A{number}", occurred_at=f"{day}T12:00:00Z")

    for place in order:
        took("rates", *PIECES[place])
        ordered(f"B{place}", occurred_at=f"{DAYS[5]}T12:00:00Z")  # between the pieces
        if settled == "after each piece":
            settle()
    settle()

    found = dict(Order.objects.live().values_list("key", "rate"))
    values = ("0.10", "0.13", "0.14", "0.18", "0.15", "0.15", "0.15")
    keys = ("A1", "A2", "A3", "A4", "B0", "B1", "B2")
    assert found == {"A0": None} | dict(zip(keys, map(Decimal, values), strict=True))


def test_pieces_that_come_in_one_go_are_one_job_and_convert_once() -> None:
    ordered(occurred_at="2025-06-20T12:00:00Z")

    for piece in PIECES:
        took("rates", *piece)

    job = Job.objects.get()
    assert job.parameters == {"since": {"SEK": "2025-01-01"}}
    assert not job.claim()  # more may come
    settle()
    assert rates_of("A1") == [None, Decimal("0.18")]


def test_a_file_in_chunks_is_one_job_that_begins_when_all_of_it_is_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "chunks", lambda setup: chunks.chunks(setup, size=3))
    ordered(occurred_at="2025-06-20T12:00:00Z")
    rows = [f"{row['currency']},{row['on']},{row['rate']}\n" for piece in PIECES for row in piece]
    steps = run_import(start(file_of_rates("".join(rows)), by=None))
    next(steps)
    job = Job.objects.get(kind="late-rates")
    assert not job.claim()

    for _step in steps:
        pass
    drive(job)

    assert Job.objects.filter(kind="late-rates").count() == 1
    assert rates_of("A1") == [None, Decimal("0.18")]


def test_the_command_converts_at_once(tmp_path: Path) -> None:
    ordered()
    path = tmp_path / "rates.csv"
    path.write_text("currency,date,rate\nSEK,2025-06-01,0.1\n")

    call_command("import_file", "rates", str(path), source="ecb", stdout=StringIO())

    assert rates_of("A1") == [None, Decimal("0.1")]


def test_a_trial_of_rates_locks_nobody_and_converts_nothing() -> None:
    ordered()
    run = file_of_rates("SEK,2025-06-01,0.1\n")

    with CaptureQueriesContext(connection) as asked:
        tried = check(run)

    assert tried.counts["added"] == 1
    assert not [query for query in asked if "FOR NO KEY" in query["sql"] or "advisory" in query["sql"]]
    assert not Job.objects.exists()
    assert rates_of("A1") == [None]


def test_an_amount_that_has_no_column_once_converted_waits_and_stops_nobody() -> None:
    ordered(amount="900000000000")
    ordered("A2")

    rated(rate("2025-06-01", "10"))

    assert (rates_of("A1"), rates_of("A2")) == ([None], [None, Decimal(10)])
    assert Job.objects.get().status == JobStatus.DONE
    assert PurchaseSummary.objects.get().unconverted == 1


def test_wrong_rates_are_not_undone_but_the_right_ones_are_imported_over_them() -> None:
    ordered()
    wrong = file_of_rates("SEK,2025-06-01,10\n")
    drive(start(wrong, by=None))
    settle()

    with pytest.raises(CannotImport, match="import the right ones over them"):
        undo(wrong, by=None)
    assert rates_of("A1") == [None, Decimal(10)]

    drive(start(file_of_rates("SEK,2025-06-01,0.1\n"), by=None))
    settle()
    assert rates_of("A1") == [None, Decimal(10), Decimal("0.1")]


def test_what_an_undone_import_had_replaced_comes_back_and_takes_its_rate() -> None:
    ordered()
    run = file_of_orders("A1,7,2025-06-10,300,SEK\n")
    drive(start(run, by=None))
    rated(rate("2025-06-01", "0.1"))
    run.refresh_from_db()

    drive(undo(run, by=None))
    settle()

    order = Order.objects.live().get()
    assert (order.gross, order.rate) == (Decimal(100), Decimal("0.1"))


@pytest.mark.django_db(transaction=True)
def test_an_order_on_its_way_in_while_a_rate_comes_is_not_left_behind() -> None:
    Organisation.objects.current()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            ordered()
            coming = other.submit(in_a_thread, lambda: took("rates", rate("2025-06-01", "0.1")))
            with pytest.raises(TimeoutError):
                coming.result(timeout=0.3)
        coming.result(timeout=20)

    settle()

    assert rates_of("A1") == [None, Decimal("0.1")]
