"""A rep moves a customer in the very moment in which a rule would: what the rep chose stands, or they are told."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from clm.accounts.models import User
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_changed, walk_each
from lifecycle.models import Cause, CurrentStage, LifecycleModel, Refusal, StagePeriod
from tests.factories import CustomerFactory, bought
from tests.lifecycle.shop import six_stages, stage

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = timedelta(days=7)


@pytest.mark.parametrize("races", [40, pytest.param(1000, marks=pytest.mark.nightly)])
def test_what_the_rep_chose_is_never_lost(marketer: User, races: int) -> None:
    model = six_stages()
    customers = news_of_many(races)
    chosen = [stage("loyalty" if place % 2 else "advocacy") for place in range(races)]
    refused: list[int] = []
    start = threading.Barrier(2, timeout=60)

    def rep() -> None:
        for place, pk in enumerate(customers):
            start.wait()
            moves = MoveSet([pk], chosen[place], reason="Signed a yearly plan", hold=WEEK)
            refused.extend(pk for _one in admit(moves, source=Cause.PERSON, actor=marketer).refused)

    at_once(start, rep, lambda: rules(model, customers, start))
    evaluate_changed()

    assert refused == []
    assert Refusal.objects.count() == 0
    now = dict(CurrentStage.objects.filter(model=model).values_list("customer", "stage"))
    assert [now[pk] for pk in customers] == [one.pk for one in chosen]
    last = StagePeriod.objects.live().filter(left_at=None)
    assert Counter(last.values_list("cause", "actor")) == {(Cause.PERSON, marketer.pk): races}
    ways = Counter(
        StagePeriod.objects.live().filter(customer__in=customers, cause=Cause.RULE).values_list("stage__slug")
    )
    assert set(ways) <= {("conversion",)}


def news_of_many(number: int) -> list[int]:
    """Seen first a while ago, with an order of this minute that a rule moves them for."""
    ids = [CustomerFactory(first_seen_at=clock.now() - timedelta(days=30)).pk for _one in range(number)]
    Arrival.objects.note(ids, since=clock.now() - timedelta(days=30))
    evaluate_changed()
    for customer in Customer.objects.filter(pk__in=ids):
        bought(customer, 100, at=clock.now())
    return ids


def rules(model: LifecycleModel, customers: list[int], start: threading.Barrier) -> None:
    for pk in customers:
        start.wait()
        walk_each(model, [pk], since=clock.now() - timedelta(days=1))


def at_once(start: threading.Barrier, *doings: object) -> None:
    """Each in a thread with a connection of its own; what fails in one fails here."""
    failures: list[BaseException] = []

    def run(doing) -> None:  # type: ignore[no-untyped-def]
        try:
            doing()
        except BaseException as error:  # noqa: BLE001  # told below
            failures.append(error)
            start.abort()  # nobody waits for who failed
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(doing,)) for doing in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    if failures:
        raise failures[0]
