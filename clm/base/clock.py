"""The one clock: the database's, so that all processes agree."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's `clock_timestamp()`. Read it at a door or just after taking a lock; pass it down as `as_of`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
