"""Answers are kept, and never longer than they hold."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from redis import RedisError

from metrics import folding, memory
from metrics.models import ChangedPurchases
from tests.metrics.world import World

PERIOD = ("2025-01-01", "2025-06-30")


def test_the_same_question_is_worked_out_once(world: World) -> None:
    world.order(world.customer(), "2025-01-01")
    world.ask("orders", *PERIOD)

    with CaptureQueriesContext(connection) as queries:
        world.ask("orders", *PERIOD)

    assert [query["sql"] for query in queries if "customers_order o" in query["sql"]] == []


def test_a_new_fact_is_seen_at_once(world: World) -> None:
    buyer = world.customer()
    world.order(buyer, "2025-01-01")
    before = world.ask("orders", *PERIOD).total.value

    world.order(buyer, "2025-01-02")

    assert (before, world.ask("orders", *PERIOD).total.value) == (1, 2)


def test_without_a_cache_numbers_still_come(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise RedisError

    monkeypatch.setattr(cache, "get_many", away)
    monkeypatch.setattr(cache, "set_many", away)
    world.order(world.customer(), "2025-01-01")

    assert world.ask("orders", *PERIOD).total.value == 1


class Writer(Thread):
    """Writes an order in a transaction of its own and commits when told."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.written, self.may_commit = world, Event(), Event()
        self.buyer = world.customer()

    def run(self) -> None:
        with transaction.atomic():
            self.world.order(self.buyer, "2025-01-05")
            self.written.set()
            self.may_commit.wait(10)
        connection.close()


@pytest.fixture
def writer(transactional_db: None) -> Iterator[Writer]:
    started = Writer(World())
    started.start()
    assert started.written.wait(10)
    yield started
    started.may_commit.set()
    started.join()


def test_an_open_transaction_makes_answers_short_lived(writer: Writer) -> None:
    while_open = memory.present().is_settled

    writer.may_commit.set()
    writer.join()

    assert (while_open, memory.present().is_settled) == (False, True)


def test_a_fold_misses_no_transaction_that_commits_after_it(writer: Writer) -> None:
    writer.world.order(writer.world.customer(), "2025-01-01")
    folding.fold()

    writer.may_commit.set()
    writer.join()

    assert list(ChangedPurchases.objects.values_list("customer_id", flat=True)) == [writer.buyer.pk]
    assert writer.world.ask("orders", *PERIOD).total.value == 2
