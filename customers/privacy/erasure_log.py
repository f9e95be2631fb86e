"""Whom an old backup must lose again: a line for each erasure, that tells nobody who it was.

A line is the time and a keyed hash of the customer's id and of when the row was made: ids given out anew after a
restore name somebody else. The database's own log goes back with the backup, so the lines are kept beside it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from customers.models import Customer


def key_of(pk: int, created_at: datetime, secret: str) -> str:
    told = f"erased customer {pk} of {created_at.timestamp():.6f}"
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()


def lines() -> Iterator[str]:
    """Of all who were erased, the earliest first."""
    erased = Customer.objects.filter(erased_at__isnull=False).order_by("erased_at", "pk")
    for pk, made, at in erased.values_list("pk", "created_at", "erased_at").iterator():
        yield line(pk, made, at)


def line(pk: int, created_at: datetime, at: datetime | None) -> str:
    return f"{at.isoformat(timespec='seconds') if at else ''} {key_of(pk, created_at, settings.SECRET_KEY)}"


def note(ids: Iterable[int]) -> None:
    """Append the lines of these to the file of `ERASURE_LOG`, once their erasure is committed."""
    if not settings.ERASURE_LOG:
        return
    rows = Customer.objects.filter(pk__in=list(ids)).order_by("pk")
    told = [line(*row) for row in rows.values_list("pk", "created_at", "erased_at")]
    transaction.on_commit(lambda: _append(told), robust=True)  # what is erased stays erased


def _append(told: list[str]) -> None:
    with Path(settings.ERASURE_LOG).open("a", encoding="ascii") as file:
        file.writelines(f"{one}\n" for one in told)
