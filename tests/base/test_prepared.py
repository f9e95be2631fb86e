"""Questions that PostgreSQL keeps planned are answered as any other."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import NotSupportedError, ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import Team
from clm.base import prepared

ASKED = "SELECT name FROM accounts_team WHERE id = %s"


def planned() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.django_db
def test_it_is_planned_once_and_answered_anew() -> None:
    team = Team.objects.create(name="North")
    before = prepared.rows(ASKED, [team.pk])

    Team.objects.update(name="South")

    assert before == [("North",)]
    assert prepared.rows(ASKED, [team.pk]) == [("South",)]
    assert planned().count(ASKED.replace("%s", "$1")) == 1


@pytest.mark.django_db
def test_it_counts_among_the_questions_of_a_page() -> None:
    with CaptureQueriesContext(connection) as asked:
        prepared.rows(ASKED, [1])

    assert [one["sql"] for one in asked] == [ASKED.replace("%s", "$1")]


@pytest.mark.django_db
def test_where_connections_are_not_kept_no_plan_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)

    assert prepared.rows("SELECT 1 + %s", [1]) == [(2,)]
    assert "SELECT 1 + $1" not in planned()


@pytest.mark.django_db
def test_a_kept_connection_is_looked_at_before_the_first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bool] = []
    own = connections["default"]  # monkeypatch would delete from the proxy what it did not find there
    monkeypatch.setattr(own, "health_check_enabled", True)
    monkeypatch.setattr(own, "health_check_done", False)
    monkeypatch.setattr(own, "is_usable", lambda: not looked_at.append(True))

    prepared.rows("SELECT 1", [])
    prepared.rows("SELECT 1", [])

    assert looked_at == [True]


@pytest.mark.django_db
def test_an_error_is_one_of_djangos() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        prepared.rows("SELECT nothing FROM accounts_team", [])

    assert prepared.rows("SELECT 1", []) == [(1,)]


@pytest.fixture
def longer_names(transactional_db: None) -> Iterator[None]:
    """Another type for the column, as a migration makes it while old processes still run."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team ALTER COLUMN name TYPE varchar(100)")


@pytest.mark.usefixtures("longer_names")
def test_a_column_of_another_type_is_asked_for_anew() -> None:
    team = Team.objects.create(name="North")
    prepared.rows(ASKED, [team.pk])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team ALTER COLUMN name TYPE varchar(101)")
    other.close()

    with pytest.raises(NotSupportedError), transaction.atomic():
        prepared.rows(ASKED, [team.pk])

    assert prepared.rows(ASKED, [team.pk]) == [("North",)]


@pytest.mark.usefixtures("longer_names")
@pytest.mark.parametrize("within", [nullcontext, transaction.atomic])
def test_the_block_after_one_that_met_another_type_is_answered(within: Callable[[], Any]) -> None:
    team = Team.objects.create(name="North")
    prepared.rows(ASKED, [team.pk])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team ALTER COLUMN name TYPE varchar(101)")
    other.close()

    with within():
        with pytest.raises(NotSupportedError), transaction.atomic():
            prepared.rows(ASKED, [team.pk])
        with transaction.atomic():
            found = prepared.rows(ASKED, [team.pk])

    assert found == [("North",)]
