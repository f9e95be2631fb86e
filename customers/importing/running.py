"""Take a file in by chunks, each one transaction with its progress, so that a killed worker leaves no half."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from clm.accounts.jobs import JobFailed, JobLost, Progress
from clm.accounts.models import AuditEntry, Job
from clm.base import clock
from customers.importing.chunks import Chunk, chunks
from customers.importing.encodings import UnusableFile
from customers.importing.setup import Setup, file_of, setup_of
from customers.importing.unpacking import forget
from customers.importing.written import written_models
from customers.intake import conversion
from customers.intake.batch import TakenIn
from customers.intake.rates import RATES
from customers.intake.taking import write
from customers.models import Import, ImportProblem
from customers.models.import_run import ImportStatus

MOST_CHECKED = 100_000
WORTH_ANALYSING = 1_000
MOST_PROBLEMS_KEPT = 10_000
PROBLEMS_SHOWN = 20
LONGEST_RAW = 2_000
MOST_OF_A_ROW = 20_000
CYCLES_AFTER = 200_000
Counts = dict[str, int]


def run_import(job: Job) -> Iterator[Progress]:
    """Goes on after the rows of the job's cursor."""
    run = Import.objects.select_related("created_by").get(pk=job.parameters["import"])
    if run.status == ImportStatus.DONE:  # the worker died after the last row and before saying so
        yield Progress(done=job.done, result=run.counts)
        return
    setup = _ready(run)
    done = int(job.cursor.get("rows", 0))
    total = max(setup.shape.lines - setup.shape.has_header, 1)
    with looking_for_cycles_rarely():
        for chunk in chunks(setup):
            if chunk.done <= done:  # written before a kill; read again for what it tells the rest
                continue
            _take_chunk(job, setup, chunk, done)
            done = chunk.done
            yield Progress(done=done, total=max(total, done), cursor={"rows": done}, result=run.counts)
    _finish(run)
    yield Progress(done=done, total=done, cursor={"rows": done}, result=run.counts)


@contextmanager
def looking_for_cycles_rarely() -> Iterator[None]:
    """Rows hold no cycles. Looking for some at every 700th new object took a third of the time of reading a file."""
    usual = gc.get_threshold()
    gc.set_threshold(CYCLES_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _ready(run: Import) -> Setup:
    try:
        return setup_of(run)
    except UnusableFile as error:
        Import.objects.filter(pk=run.pk).update(status=ImportStatus.FAILED, finished_at=clock.now())
        raise JobFailed(str(error)) from None


@transaction.atomic
def _take_chunk(job: Job, setup: Setup, chunk: Chunk, done: int) -> None:
    """Rows, problems, counts and cursor together. Raises JobLost when it was cancelled or is somebody else's now."""
    place = Job.objects.select_for_update().get(pk=job.pk)
    if not place.is_open or int(place.cursor.get("rows", 0)) != done:
        raise JobLost
    run = setup.run
    taken = write(
        setup.kind,
        chunk.parsed,
        source=run.source,
        by=run.created_by,
        written_by=run,
        mode=setup.mode,
        match=setup.match,
    )
    _keep_problems(setup, chunk, taken, kept=run.counts.get("problems", 0))
    run.counts = added_up(run.counts, taken.counts())
    run.save(update_fields=["counts"])
    Job.objects.filter(pk=job.pk).update(cursor={"rows": chunk.done}, done=chunk.done)


def _keep_problems(setup: Setup, chunk: Chunk, taken: TakenIn, *, kept: int) -> None:
    raw = chunk.raw({problem.row for problem in taken.problems[:MOST_PROBLEMS_KEPT]})
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                run=setup.run,
                line=problem.row,
                column=setup.column_of(problem.field)[:100],
                reason=problem.reason[:500],
                **_as_kept(raw.get(problem.row, [])),
            )
            for problem in taken.problems[: max(MOST_PROBLEMS_KEPT - kept, 0)]
        ],
        batch_size=2000,
    )


def _as_kept(cells: list[str]) -> dict[str, Any]:
    """All of the row, so that it can be corrected and imported again, unless it is monstrous."""
    text = "\t".join(cells)
    return {"raw": text[:LONGEST_RAW], "cells": cells if len(text) <= MOST_OF_A_ROW else None}


def _finish(run: Import) -> None:
    if run.kind == RATES.name:
        conversion.begin()
    run.status, run.finished_at = ImportStatus.DONE, clock.now()
    run.save(update_fields=["status", "finished_at"])
    AuditEntry.objects.record("import.finished", run, by=run.created_by, **run.counts)
    _let_the_planner_know(run)
    forget(file_of(run))


def _let_the_planner_know(run: Import) -> None:
    """A table that has just grown tenfold is planned for as it was: lists, replays and numbers would crawl."""
    tables = [
        "customers_customer",
        "customers_identity",
        "customers_profilechange",
        "customers_purchasesummary",
    ]
    written = [model._meta.db_table for model in written_models()]
    with connection.cursor() as cursor:
        for table in [*tables, *written] if sum(run.counts.values()) >= WORTH_ANALYSING else []:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
        for index in ("customers_profile_written_by", "customers_identity_written_by"):
            cursor.execute("SELECT brin_summarize_new_values(%s::regclass)", [index])


def added_up(counts: Counts, more: Counts) -> Counts:
    return {name: counts.get(name, 0) + more.get(name, 0) for name in counts | more}


@dataclass
class Check:
    """What an import would do. `is_whole` is false when only the first rows were tried."""

    counts: Counts = field(default_factory=dict)
    rows: int = 0
    is_whole: bool = True
    problems: list[dict[str, Any]] = field(default_factory=list)


class _Undo(Exception):
    pass


def check(run: Import, *, most: int = MOST_CHECKED) -> Check:
    """Take the file in and take it all back: the counts are exact, nothing stays. Raises UnusableFile."""
    setup, found = setup_of(run), Check()
    try:
        with transaction.atomic():
            for chunk in chunks(setup):
                if found.rows >= most:
                    found.is_whole = False
                    break
                _try(setup, chunk, found)
            raise _Undo
    except _Undo:
        return found


def _try(setup: Setup, chunk: Chunk, found: Check) -> None:
    """Without the customers' locks: nobody waits for a trial."""
    taken = write(
        setup.kind, chunk.parsed, source=setup.run.source, locks=False, mode=setup.mode, match=setup.match
    )
    found.rows = chunk.done
    found.counts = added_up(found.counts, taken.counts())
    found.problems += [
        {"line": problem.row, "column": setup.column_of(problem.field), "reason": problem.reason}
        for problem in islice(taken.problems, max(PROBLEMS_SHOWN - len(found.problems), 0))
    ]


def run_check(job: Job) -> Iterator[Progress]:
    try:
        run = Import.objects.get(pk=job.parameters["import"])
        found = check(run)
    except UnusableFile as error:
        raise JobFailed(str(error)) from None
    if not file_of(run).exists():  # somebody in it was erased meanwhile; what was found would tell of them
        raise JobFailed(_("The file is no longer kept here. Bring it again."))
    result = {
        "counts": found.counts,
        "rows": found.rows,
        "is_whole": found.is_whole,
        "problems": found.problems,
    }
    yield Progress(done=found.rows, total=found.rows, result=result)
