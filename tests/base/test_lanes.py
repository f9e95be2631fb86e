from collections.abc import Iterator
from threading import Barrier

import pytest
from django.db import connection, transaction

from clm.base.lanes import in_lanes

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_batches_are_worked_on_at_a_time_and_answered_in_order() -> None:
    meeting = Barrier(2, timeout=20)  # each waits there for the other

    def work(batch: int) -> tuple[int, int]:
        meeting.wait()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return batch, cursor.fetchone()[0]

    done = list(in_lanes(work, range(4), lanes=2))

    assert [batch for batch, _backend in done] == [0, 1, 2, 3]
    assert len({backend for _batch, backend in done[:2]}) == 2


def test_within_a_transaction_the_work_sees_what_the_caller_has_not_committed() -> None:
    def work(_batch: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM uncommitted")
            return int(cursor.fetchone()[0])

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE uncommitted (id int) ON COMMIT DROP")

        assert list(in_lanes(work, range(3), lanes=2)) == [0, 0, 0]


def test_an_error_ends_the_work_after_the_batches_before_it() -> None:
    begun: list[int] = []

    def batches() -> Iterator[int]:
        yield from range(100)

    def work(batch: int) -> int:
        begun.append(batch)
        if batch == 2:
            raise ValueError("the third")
        return batch

    done: list[int] = []
    with pytest.raises(ValueError, match="the third"):
        done.extend(in_lanes(work, batches(), lanes=2))

    assert len(begun) < 10
