"""Questions have their time together; who asks after them has the time there was before."""

from contextlib import suppress

import pytest
from django.db import OperationalError, connection, transaction

from clm.accounts.models import Team
from clm.base import deadline


def limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """In seconds, the last of them."""
    passed = [100.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: passed[-1])
    return passed


@pytest.mark.django_db
def test_each_question_has_the_time_that_those_before_it_left(now: list[float]) -> None:
    limits = []

    with deadline.within(4000):
        limits.append(limit())
        now.append(101.5)
        limits.append(limit())
        now.append(103.998)
        limits.append(limit())

    assert limits == ["4s", "2500ms", "2ms"]


@pytest.mark.django_db
def test_when_the_time_is_over_nothing_more_is_asked(now: list[float]) -> None:
    asked = []

    with suppress(OperationalError), deadline.within(4000):
        asked.append(limit())
        now.append(104.0)
        asked.append(limit())

    assert asked == ["4s"]


@pytest.mark.django_db
def test_a_question_that_takes_longer_is_broken_off() -> None:
    with pytest.raises(OperationalError), deadline.within(50), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_in_time", [True, False])
def test_the_transaction_around_it_goes_on_with_its_own_limit(is_in_time: bool, now: list[float]) -> None:
    with transaction.atomic():
        before = limit()
        with suppress(OperationalError), deadline.within(1000):
            limit()
            now.append(now[-1] + (0 if is_in_time else 1))
            limit()
        after = limit()
        Team.objects.create(name="North")

    assert after == before
    assert limit() == before
    assert Team.objects.get().name == "North"
