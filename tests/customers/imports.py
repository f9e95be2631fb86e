"""Imports for tests, taken in without a worker."""

from clm.accounts.jobs import drive
from clm.accounts.models import Job
from customers.importing.bringing import bring
from customers.importing.starting import map_columns, start, undo
from customers.models import Import

HEADER = "order_id,customer_id,date,total,currency\n"
MANY = HEADER + "".join(f"A{n},{n % 7},2026-01-{n % 28 + 1:02},{n}.00,EUR\n" for n in range(1, 101))
KEYLESS = "customer_id,date,total,currency\n" + "1,2026-01-05,10,EUR\n" * 30


def brought(content: str, kind: str = "orders", source: str = "shop") -> Import:
    return bring([content.encode()], file_name="file.csv", kind=kind, source=source, by=None)


def imported(
    content: str, kind: str = "orders", source: str = "shop", mapping: dict[str, int] | None = None
) -> Import:
    run = brought(content, kind, source)
    if mapping:
        map_columns(run, mapping=mapping, source=source, options={}, by=None)
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
