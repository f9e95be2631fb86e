"""A new database is made in few steps. One that stands anywhere on the old, many steps ends up the same."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.plugin import DjangoDbBlocker

pytestmark = pytest.mark.nightly

OURS = ("accounts", "campaigns", "customers", "lifecycle", "metrics")
OLDEST = [
    ("accounts", "0004_administrators_need_two_factor"),
    ("campaigns", "0005_survey_archived_at"),
    ("customers", "0008_rows_waiting_for_a_rate"),
    ("lifecycle", "0006_one_foreign_key_for_stage_and_model"),
    ("metrics", "0006_rows_waiting_for_a_rate"),
]
# Some apps had all their steps behind them while others had not.
HALF_WAY = [
    ("accounts", "0007_what_roles_may_do"),
    ("campaigns", "0009_response_s_import_by_word"),
    ("customers", "0023_lead_rules"),
    ("lifecycle", "0012_journey_map_wordings"),
    ("metrics", "0007_spend_s_import_by_word"),
]
LAST = [
    ("accounts", "0010_views_of_teams"),
    ("campaigns", "0010_forgotten_addresses"),
    ("customers", "0037_each_customer_by_the_index"),
    ("lifecycle", "0012_journey_map_wordings"),
    ("metrics", "0007_spend_s_import_by_word"),
]
# Everything in the schema but the order of columns, each as PostgreSQL itself writes it.
SCHEMA = """
SELECT format('%s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.attidentity, pg_get_expr(d.adbin, d.adrelid))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_indexdef(oid) || coalesce(array_to_string(reloptions, ','), '')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'i'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
ORDER BY 1
"""


@pytest.fixture
def empty_database(django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[str], str]]:
    """`empty_database("old")`: a database of this test alone, by the name that Django knows it by."""
    made: dict[str, str] = {}
    asked = connection.get_connection_params()
    server = {name: asked[name] for name in ("host", "port", "user", "password") if name in asked}

    def make(alias: str) -> str:
        made[alias] = f"{connection.settings_dict['NAME']}_{alias}"
        _in_server(
            server, f"DROP DATABASE IF EXISTS {made[alias]} WITH (FORCE)", f"CREATE DATABASE {made[alias]}"
        )
        connections.settings[alias] = connection.settings_dict | {"NAME": made[alias]}
        return alias

    with django_db_blocker.unblock():
        yield make
        for alias, name in made.items():
            connections[alias].close()
            del connections[alias], connections.settings[alias]
            _in_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _in_server(server: dict[str, str], *statements: str) -> None:
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as opened:
        for statement in statements:
            opened.execute(statement)


def _go_old_steps(alias: str, *, to: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connections[alias])
    executor.loader = MigrationLoader(connections[alias], replace_migrations=False)
    executor.migrate([*to, ("demo", "0001_initial"), ("account", "0009_emailaddress_unique_primary_email")])


def _migrate(alias: str, *to: str) -> None:
    call_command("migrate", *to, database=alias, interactive=False, verbosity=0)


def _schema(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(SCHEMA)
        return [line for (line,) in cursor.fetchall()]


def _steps(alias: str) -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[alias]).applied_migrations())


@pytest.mark.parametrize("stood_at", [OLDEST, HALF_WAY, LAST], ids=["oldest", "half-way", "last"])
def test_a_database_of_old_steps_ends_up_as_a_new_one(
    empty_database: Callable[[str], str], stood_at: list[tuple[str, str]]
) -> None:
    old, new = empty_database("old"), empty_database("new")
    _go_old_steps(old, to=stood_at)
    _migrate(new)

    _migrate(old)

    assert _schema(old) == _schema(new)
    assert _steps(old) == _steps(new)


def test_a_new_database_goes_back_to_nothing_and_forth_again(empty_database: Callable[[str], str]) -> None:
    new = empty_database("new")
    _migrate(new)
    schema = _schema(new)

    _migrate(new, "accounts", "zero")

    left = {app for app, _ in _steps(new)}
    assert left & set(OURS) == set()
    assert not any(line.startswith(tuple(f"{app}_" for app in OURS)) for line in _schema(new))
    _migrate(new)
    assert _schema(new) == schema
