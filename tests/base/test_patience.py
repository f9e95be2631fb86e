"""A lock that somebody else holds for long is waited for once more; what is not about locks is raised at once."""

import psycopg
import pytest
from django.db import OperationalError, connection

from clm.base.patience import patiently
from customers.models import Customer
from tests.factories import CustomerFactory


def failing(times: int, cause: Exception, done: list[int]) -> str:
    done.append(1)
    if len(done) <= times:
        raise OperationalError from cause
    return "done"


@pytest.mark.django_db
@pytest.mark.parametrize("cause", [psycopg.errors.LockNotAvailable(), psycopg.errors.DeadlockDetected()])
def test_it_is_tried_three_times(cause: Exception) -> None:
    done: list[int] = []
    assert patiently(lambda: failing(2, cause, done)) == "done"

    never: list[int] = []
    with pytest.raises(OperationalError):
        patiently(lambda: failing(3, cause, never))
    assert (len(done), len(never)) == (3, 3)


@pytest.mark.django_db
def test_what_is_not_about_locks_is_raised_at_once() -> None:
    done: list[int] = []

    with pytest.raises(OperationalError):
        patiently(lambda: failing(1, psycopg.errors.QueryCanceled(), done))

    assert len(done) == 1


@pytest.mark.django_db
def test_what_was_done_before_the_wait_is_taken_back() -> None:
    customer = CustomerFactory(name="Before")
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        Customer.objects.filter(pk=customer.pk).update(name=f"Try {len(tries)}")
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE lock_not_available; END $$")

    patiently(work)

    customer.refresh_from_db()
    assert customer.name == "Try 2"
