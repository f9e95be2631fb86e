"""A database of the bench's own, beside the real one: the same server, never the same tables."""

import os
from urllib.parse import urlsplit, urlunsplit

import psycopg

SUFFIX = "_bench"


def beside(database_url: str) -> str:
    """The URL of `<name>_bench`, made when missing. It stays, so that data are built once per size."""
    parts = urlsplit(database_url)
    name = parts.path.removeprefix("/") + SUFFIX
    with psycopg.connect(urlunsplit(parts), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(f'create database "{name}"')
    return urlunsplit(parts._replace(path=f"/{name}"))


def configure(database_url: str) -> None:
    """Set Django up on the bench's database and bring its tables up to date."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["STATEMENT_TIMEOUT"] = "600"

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
