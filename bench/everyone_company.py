"""The demo company in the bench's database, as `make up` brings it."""

import time
from functools import cache

from django.core.management import call_command
from django.db import connection

# What a database has before anybody uses it.
KEPT = ("django_migrations", "django_content_type")


@cache
def demo_company() -> float:
    """Empty everything, load it; returns the seconds it took. Once per run of the bench."""
    empty_all()
    started = time.monotonic()
    call_command("load_demo")
    return time.monotonic() - started


def empty_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%%I', tablename), ', ') FROM pg_tables"
            " WHERE schemaname = current_schema() AND tablename <> ALL(%s)",
            [list(KEPT)],
        )
        (tables,) = cursor.fetchone()
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
