"""Imports as jobs: killed at any point and resumed, cancelled, run again, and by command."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clm.accounts.jobs import JobLost, drive
from clm.accounts.models import Job
from customers.importing import chunks, running
from customers.importing.running import run_import
from customers.importing.setup import file_of
from customers.importing.starting import start
from customers.models import Import, ImportProblem, Order
from tests.customers.imports import KEYLESS, MANY, brought, imported, work


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
def test_the_command_reads_decimals_as_the_columns_it_is_told_have_them(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("nr;who;on;sum;cents\n1;7;2026-01-31;1.234,50;1,234\n")
    asked = {"source": "shop", "map": ["key=nr", "customer=who", "occurred_at=on"], "currency": "EUR"}

    call_command("import_file", "orders", file, **asked | {"map": [*asked["map"], "amount=sum"]})
    with pytest.raises(CommandError, match="before the decimals"):
        call_command("import_file", "orders", file, **asked | {"map": [*asked["map"], "amount=cents"]})

    assert Order.objects.get().gross == Decimal("1234.5")


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
