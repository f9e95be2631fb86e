"""The one way in for facts and customers, however many there are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, transaction

from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from customers.intake.batch import Batch, Mode, TakenIn
from customers.intake.kinds import Kind, kind_named
from customers.intake.parsing import Counts, Parsed, RawRow, parse
from customers.intake.people import Moved
from customers.intake.reading import Reading
from customers.models import Import

MOST_ROWS = 20_000
TRIES = 4
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


def take_in(
    kind: str,
    rows: Iterable[RawRow],
    *,
    source: str,
    reading: Reading | None = None,
    by: User | None = None,
    written_by: Import | None = None,
    ordinals: Counts | None = None,
    detailed: bool = False,
    mode: str = Mode.BOTH,
    match: str = "",
) -> TakenIn:
    """Take rows in, in one transaction: equal ones stay, differing ones supersede, new ones are added.

    `rows` are (number, {field: value}); at most 20,000. A row is named by (source, its `key`); without a key it is
    new each time, or with `ordinals` (of one file) named by its content, or by what of it the kind is told by.
    Customers are found by external id (of this source), e-mail or phone, and made when missing. Rows that can't be
    taken come back as problems; the others are written. With `mode` only new ones are made, or only known ones
    changed; with `match` customers are found by that field alone (see `Kind.modes`, `Kind.matches`). `detailed` also tells what became of each row. Raises
    UnknownKind.
    """
    chosen = kind_named(kind)
    reading = reading or typed_reading()
    return write(
        chosen,
        parse(chosen, rows, reading, ordinals),
        source=source,
        by=by,
        written_by=written_by,
        detailed=detailed,
        mode=mode,
        match=match,
    )


def typed_reading(**options: object) -> Reading:
    """For JSON bodies: instants carry their zone."""
    return Reading(latest=latest(), typed=True, **options)  # type: ignore[arg-type]


def latest() -> datetime:
    """Nothing has happened later than this; clocks may differ a little."""
    return clock.now() + CLOCKS_MAY_DIFFER


def write(
    kind: Kind,
    parsed: Parsed,
    *,
    source: str,
    by: User | None = None,
    written_by: Import | None = None,
    detailed: bool = False,
    locks: bool = True,
    mode: str = Mode.BOTH,
    match: str = "",
) -> TakenIn:
    """Write rows that are already parsed. Starts over when another writer was quicker with the same key."""
    if len(parsed.rows) > MOST_ROWS:
        raise ValueError(f"At most {MOST_ROWS} rows at once.")
    for attempt in range(1, TRIES + 1):
        batch = Batch(
            kind, list(parsed.rows), source, Organisation.objects.current(), by, written_by, detailed, locks
        )
        batch.mode, batch.match = mode, match
        batch.taken.problems = list(parsed.problems)
        try:
            with transaction.atomic():
                return _write(batch)
        except (IntegrityError, OperationalError, Moved):
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _write(batch: Batch) -> TakenIn:
    batch.kind.write(batch)
    taken = batch.taken
    taken.problems.sort(key=lambda problem: problem.row)
    if taken.changed:
        AuditEntry.objects.record(
            f"{batch.kind.name}.taken_in",
            batch.written_by,
            by=batch.by,
            source=batch.source,
            **taken.counts(),
        )
    return taken
