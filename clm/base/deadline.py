"""Reading that is given up when it takes too long, all of its questions together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import OperationalError, connection, transaction


@contextmanager
def within(ms: int) -> Iterator[None]:
    """For questions that only read. Raises OperationalError once so much time is over, during one of them or before it.

    Each may take as long as is left. Ends with a rollback, to a savepoint in a transaction: so what comes after is
    asked with the time limit there was.
    """
    until = monotonic() + ms / 1000
    with transaction.atomic():
        with connection.execute_wrapper(_limited(until)):
            yield
        transaction.set_rollback(True)


def _limited(until: float) -> Callable[..., Any]:
    def ask(execute: Callable[..., Any], *question: Any) -> Any:
        left = round((until - monotonic()) * 1000)
        if left < 1:
            raise OperationalError("The time is over.")
        # Not a cursor of Django's: its questions would come here, too.
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {left}")
        return execute(*question)

    return ask
