"""What belongs to a customer and is changed by verbs of its own, row by row: leads and tickets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from clm.base import clock
from customers.intake.batch import Batch, Outcome, What
from customers.intake.kinds import Row
from customers.intake.people import People

T = TypeVar("T", bound=Model)


def give_customers(batch: Batch, rows: list[Row]) -> None:
    """Each row its customer, locked, and made when nobody knows them; known since the row was opened."""
    now = clock.now()
    for row in rows:
        row.earliest = cast(datetime, row.values.get("opened_at", now))
    every, batch.rows = batch.rows, rows
    people = People(batch)
    people.resolve()
    people.lock()
    batch.at = clock.now()
    people.write_new()
    batch.rows = every


def last_of_each_key(batch: Batch) -> list[Row]:
    """One named twice is what its last row says; the earlier ones count as amended."""
    last = {row.key: row for row in batch.rows}
    batch.taken.amended += len(batch.rows) - len(last)
    return list(last.values())


def change_each(
    batch: Batch,
    pairs: Sequence[tuple[Row, T]],
    change: Callable[[Row, T], What],
    *,
    refused: type[Exception],
) -> list[Outcome]:
    """Each by itself, in a savepoint: what is refused is said, and the others go on."""
    outcomes: list[Outcome] = []
    for row, one in pairs:
        try:
            with transaction.atomic():
                what = change(row, one)
        except (refused, ValidationError) as error:
            said = error.messages if isinstance(error, ValidationError) else [str(error)]
            batch.refuse([(row, "", " ".join(said))])
        else:
            outcomes.append(Outcome(row.number, what, one.pk))
    return outcomes
