"""Waiting once more for a lock that others hold for long, before somebody is told to try again."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction
from psycopg import errors

ATTEMPTS = 3
PASSING = (errors.LockNotAvailable, errors.DeadlockDetected)
Done = TypeVar("Done")


def patiently(work: Callable[[], Done], *, attempts: int = ATTEMPTS) -> Done:
    """`work` in a transaction of its own, or in a savepoint; anew when it waited in vain for a lock, or was in a deadlock."""
    for _attempt in range(attempts - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, PASSING):
                raise
    with transaction.atomic():
        return work()
