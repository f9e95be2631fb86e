"""Imports that are interrupted, repeated, amended and taken back, in any order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.accounts.jobs import JobLost, drive
from clm.accounts.models import AuditEntry, Job
from customers.importing import chunks, running
from customers.importing.bringing import bring
from customers.importing.running import run_import
from customers.importing.setup import file_of
from customers.importing.starting import CannotImport, start, undo
from customers.intake.taking import take_in
from customers.models import (
    Customer,
    Identity,
    Import,
    ImportProblem,
    Order,
    ProfileChange,
    PurchaseSummary,
    Refund,
)

HEADER = "order_id,customer_id,date,total,currency\n"
MANY = HEADER + "".join(f"A{n},{n % 7},2026-01-{n % 28 + 1:02},{n}.00,EUR\n" for n in range(1, 101))
KEYLESS = "customer_id,date,total,currency\n" + "1,2026-01-05,10,EUR\n" * 30


def brought(content: str, kind: str = "orders", source: str = "shop") -> Import:
    return bring([content.encode()], file_name="file.csv", kind=kind, source=source, by=None)


def imported(content: str, kind: str = "orders", source: str = "shop") -> Import:
    run = brought(content, kind, source)
    work(start(run, by=None))
    run.refresh_from_db()
    return run


def undone(run: Import) -> Import:
    work(undo(run, by=None))
    run.refresh_from_db()
    return run


def work(job: Job) -> None:
    while drive(job):
        pass
    job.refresh_from_db()
    assert job.status == "done", job.error


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "chunks", lambda setup: chunks.chunks(setup, size=10))


def steps(job: Job, count: int) -> None:
    """Work on so many chunks, then die without a word."""
    runner: Iterator[object] = run_import(job)
    for _step in range(count):
        next(runner)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [MANY, KEYLESS])
def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on(content: str, small_chunks: None) -> None:
    run = brought(content)
    job = start(run, by=None)
    job.claim()
    steps(job, 2)
    assert Order.objects.count() == 20
    Job.objects.filter(pk=job.pk).update(lease_until=None)

    work(Job.objects.get(pk=job.pk))

    run.refresh_from_db()
    total = content.count("\n") - 1
    assert Order.objects.count() == total
    assert run.counts["added"] == total
    assert run.status == "done"


@pytest.mark.django_db
def test_a_chunk_that_fails_leaves_nothing_of_itself(
    small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(brought(MANY), by=None)
    job.claim()
    steps(job, 1)
    monkeypatch.setattr(running, "_keep_problems", lambda *_args, **_kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        steps(Job.objects.get(pk=job.pk), 1)

    job.refresh_from_db()
    assert Order.objects.count() == 10
    assert job.cursor == {"rows": 10}


@pytest.mark.django_db
def test_a_worker_that_lost_its_job_writes_nothing(small_chunks: None) -> None:
    job = start(brought(MANY), by=None)
    job.claim()
    steps(job, 1)
    late = Job.objects.get(pk=job.pk)
    late.cursor = {}

    with pytest.raises(JobLost):
        list(run_import(late))

    assert Order.objects.count() == 10


@pytest.mark.django_db
def test_a_late_worker_does_not_end_the_job_of_another(
    small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start(brought(MANY), by=None)
    monkeypatch.setattr(running, "_take_chunk", lambda job, *_args: _go_on_elsewhere(job))

    assert drive(job) is False

    job.refresh_from_db()
    assert job.is_open


def _go_on_elsewhere(job: Job) -> None:
    raise JobLost


@pytest.mark.django_db
def test_a_cancelled_import_stops_and_can_go_on(small_chunks: None) -> None:
    run = brought(MANY)
    job = start(run, by=None)
    job.claim()
    steps(job, 3)
    job.cancel()
    run.refresh_from_db()
    assert run.has_stopped

    work(start(run, by=None))

    run.refresh_from_db()
    assert run.status == "done"
    assert run.counts["added"] == 100
    assert run.counts["unchanged"] == 0


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing() -> None:
    for content in (MANY, KEYLESS):
        imported(content)

        assert imported(content).counts["unchanged"] == content.count("\n") - 1

    assert Order.objects.count() == 130


@pytest.mark.django_db
def test_a_file_that_vanished_fails_with_a_sentence() -> None:
    run = brought(MANY)
    job = start(run, by=None)
    file_of(run).unlink()

    assert drive(job) is False

    job.refresh_from_db()
    run.refresh_from_db()
    assert "no longer kept" in job.error
    assert run.has_stopped


@pytest.mark.django_db
def test_the_file_is_not_kept_once_it_is_in() -> None:
    run = imported(MANY)

    assert not file_of(run).exists()


@pytest.mark.django_db
def test_a_worker_that_dies_after_the_last_row_does_not_spoil_the_result() -> None:
    run = brought(MANY)
    job = start(run, by=None)
    job.claim()
    list(run_import(job))
    Job.objects.filter(pk=job.pk).update(lease_until=None)

    work(Job.objects.get(pk=job.pk))

    run.refresh_from_db()
    assert run.status == "done"
    assert run.counts["added"] == 100


@pytest.mark.django_db
def test_an_undone_import_gives_back_what_it_had_replaced() -> None:
    imported(HEADER + "A1,7,2026-01-05,10,EUR\nA2,7,2026-01-06,20,EUR\n")
    amended = imported(HEADER + "A1,8,2026-01-07,99,EUR\nA3,7,2026-01-08,5,EUR\n")
    assert PurchaseSummary.objects.get(customer__external_id="8").revenue == 99

    undone(amended)

    live = dict(Order.objects.live().values_list("key", "net"))
    assert live == {"A1": 10, "A2": 20}
    revenue = dict(PurchaseSummary.objects.values_list("customer__external_id", "revenue"))
    assert revenue == {"7": 30, "8": 0}
    assert Order.objects.filter(key="A1").values("root").distinct().count() == 1
    assert AuditEntry.objects.filter(action="import.undone").count() == 1


@pytest.mark.django_db
def test_what_others_amended_since_stays() -> None:
    first = imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    imported(HEADER + "A1,7,2026-01-05,11,EUR\n")

    undone(first)

    assert Order.objects.live().get().net == 11


@pytest.mark.django_db
def test_a_reimport_after_undoing_keeps_the_roots_that_refunds_point_to() -> None:
    first = imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    take_in(
        "refunds",
        [(1, {"order": "A1", "key": "R", "amount": "4", "occurred_at": "2026-02-01T00:00:00Z"})],
        source="shop",
    )
    undone(first)

    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")

    assert Order.objects.live().get().root == Refund.objects.get().order_id
    assert PurchaseSummary.objects.get().revenue == 6


@pytest.mark.django_db
def test_undoing_customers_shows_their_earlier_values() -> None:
    imported("id,name,country,size\n1,Ann,DK,38\n", kind="customers")
    run = imported("id,name,country\n1,Anna,SE\n2,Bo,NO\n", kind="customers")

    undone(run)

    ann, bo = Customer.objects.order_by("external_id")
    assert (ann.name, ann.country) == ("Ann", "DK")
    assert (bo.name, bo.country) == ("", "")
    assert ProfileChange.objects.live().filter(customer=bo).count() == 0
    assert Identity.objects.live().filter(customer=bo).exists()


@pytest.mark.django_db
def test_undoing_sees_customers_first_at_what_is_left() -> None:
    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    early = imported(HEADER + "A2,7,1999-01-05,10,EUR\n")

    undone(early)

    assert Customer.objects.get().first_seen_at == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_undoing_sees_customers_first_at_the_latest_when_they_were_made() -> None:
    made = datetime(2025, 6, 1, tzinfo=UTC)
    imported(HEADER + "A1,7,2026-01-05,10,EUR\n")
    early = imported(HEADER + "A2,7,1999-01-05,10,EUR\n")
    Customer.objects.update(created_at=made)

    undone(early)

    assert Customer.objects.get().first_seen_at == made


@pytest.mark.django_db
def test_an_import_is_started_once_and_undone_once() -> None:
    run = imported(MANY)

    with pytest.raises(CannotImport, match="started already"):
        start(run, by=None)
    undo(run, by=None)
    with pytest.raises(CannotImport, match="has ended"):
        undo(run, by=None)


@pytest.mark.django_db
def test_a_problem_without_a_column_is_named_as_people_see_the_field() -> None:
    run = imported("email,date,total,currency\n,2026-01-05,10,EUR\n")

    problem = ImportProblem.objects.get(run=run)
    assert problem.column == "Customer id"
    assert problem.reason.startswith("The row names no customer.")


@pytest.mark.django_db
def test_problems_are_kept_with_the_row(small_chunks: None) -> None:
    run = imported(MANY + "A200,7,2026-01-05,x,EUR\n")

    problem = ImportProblem.objects.get()
    assert (problem.line, problem.column) == (102, "total")
    assert problem.raw == "A200\t7\t2026-01-05\tx\tEUR"
    assert run.counts["problems"] == 1
    assert run.counts["added"] == 100


@pytest.mark.django_db
def test_the_command_tells_what_it_would_do_and_does_it(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("nr,who,on,sum\n1,7,31/01/2026,12.50\n")
    asked = {
        "source": "shop",
        "map": ["key=nr", "customer=2", "occurred_at=on", "amount=sum"],
        "currency": "EUR",
    }

    tried, done = StringIO(), StringIO()
    call_command("import_file", "orders", file, dry_run=True, stdout=tried, **asked)
    assert not Order.objects.exists()
    assert not Import.objects.exists()
    call_command("import_file", "orders", file, stdout=done, **asked)

    assert "added 1" in tried.getvalue()
    assert "added 1" in done.getvalue()
    assert Order.objects.get().occurred_at == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "asked", "part"),
    [
        ("orders", {}, "one currency"),
        ("orders", {"map": ["nonsense=1"]}, "is not a field of orders"),
        ("orders", {"map": ["amount=nonsense"]}, "There is no column"),
        ("orders", {"by": "nobody@example.com"}, "There is no user"),
        ("horses", {}, "can't be imported"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    kind: str, asked: dict[str, object], part: str, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,date,total\n1,7,2026-01-31,12.50\n")

    with pytest.raises(CommandError, match=part):
        call_command("import_file", kind, file, source="shop", **asked)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_rows_leave_them_once() -> None:
    rows = [
        (
            n,
            {
                "key": f"A{n}",
                "customer": str(n % 5),
                "occurred_at": "2026-01-05T00:00:00Z",
                "amount": "1",
                "currency": "EUR",
            },
        )
        for n in range(200)
    ]
    barrier, errors = Barrier(4), []

    def write(order: int) -> None:
        barrier.wait()
        try:
            take_in("orders", rows if order % 2 else rows[::-1], source="shop")
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert Order.objects.live().count() == 200
    assert Order.objects.count() == 200
    assert Customer.objects.count() == 5
    assert sum(PurchaseSummary.objects.values_list("orders", flat=True)) == 200


Version = tuple[int, int, int]
VERSIONS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=8
)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.lists(VERSIONS, min_size=1, max_size=4), again=st.integers(0, 3))
def test_whatever_comes_in_the_last_word_of_every_key_is_live(files: list[list[Version]], again: int) -> None:
    with transaction.atomic():
        _play(files, again=bool(again))
        transaction.set_rollback(True)


def _play(files: list[list[Version]], *, again: bool) -> None:
    last: dict[str, tuple[str, int]] = {}
    for file in files:
        _take(file)
        last |= {f"K{key}": (f"c{customer}", amount) for key, customer, amount in file}

    assert _live() == last
    if again:
        _take(files[-1])
    assert _live() == last
    assert Order.objects.filter(superseded_at=None).values("root").distinct().count() == len(last)
    assert dict(
        PurchaseSummary.objects.filter(revenue__gt=0).values_list("customer__external_id", "revenue")
    ) == _sums(last)


def _take(file: list[Version]) -> None:
    rows = (
        (
            n,
            {
                "key": f"K{key}",
                "customer": f"c{customer}",
                "amount": str(amount),
                "currency": "EUR",
                "occurred_at": "2026-01-05T00:00:00Z",
            },
        )
        for n, (key, customer, amount) in enumerate(file)
    )
    assert take_in("orders", rows, source="shop").problems == []


def _live() -> dict[str, tuple[str, int]]:
    found = Order.objects.live().values_list("key", "customer__external_id", "net")
    return {key: (customer, int(net)) for key, customer, net in found}


def _sums(last: dict[str, tuple[str, int]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for customer, amount in last.values():
        sums[customer] = sums.get(customer, Decimal(0)) + amount
    return {customer: amount for customer, amount in sums.items() if amount}
