"""Questions that PostgreSQL plans once for each connection: for short ones planning takes longer than answering."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections


class PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    is_kept = True

    def execute(self, query: Any, params: Any = None, **_: Any) -> "PreparedCursor":
        return super().execute(query, params, prepare=self.is_kept)

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        """Kept where Django looks for what was asked last."""
        self._query = super()._convert_query(query, params)
        return self._query


class UnpreparedCursor(PreparedCursor):
    """Where a connection serves one request, or a pooler may give the next statement another one."""

    is_kept = False


def rows(sql: str, params: Sequence[Any], using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """All rows, now. Statements that never change and their values, which the server takes one by one: `= %s`, no list.

    A plan goes with every change of a table, but where a column got another type PostgreSQL refuses the old one: then
    outside of a transaction it is asked anew. Within one that one fails, and no later one: with a rollback, to a
    savepoint too, psycopg drops all plans of the connection.
    """
    connection: Any = connections[using]
    try:
        return _asked(connection, sql, params)
    except NotSupportedError:
        if connection.in_atomic_block:
            raise
        connection.close()
        return _asked(connection, sql, params)


def _asked(connection: Any, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection.close_if_health_check_failed()  # once per request, as Django does before its own cursors
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw: psycopg.Connection[Any] = connection.connection
        raw.prepare_threshold = raw.prepare_threshold or 1  # Django forbids it for its own cursors
        own = PreparedCursor if connection.settings_dict["CONN_MAX_AGE"] != 0 else UnpreparedCursor
        # As `connection.cursor()` would wrap its own: counted, logged, refused to other threads.
        with connection._prepare_cursor(own(raw)) as cursor:
            cursor.execute(sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
