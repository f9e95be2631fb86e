"""Instants as they come from the database: the driver's own reading takes a fifth of the time of a list."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from django.db.backends.signals import connection_created
from django.dispatch import receiver


class QuickTzLoader(BaseTzLoader):  # type: ignore[misc]  # the stubs do not know it
    """For connections in UTC. What Python's own reading does not take (years before Christ) is told as before."""

    timezone = UTC  # as the connection is told to have, by which Django knows that this loader will do

    def load(self, data: Any) -> datetime:
        try:
            read = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return]
        return read if read.tzinfo is UTC else read.astimezone(UTC)


@receiver(connection_created)
def read_quickly(connection: Any, **_: object) -> None:
    if connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", QuickTzLoader)
