"""Replay works on two batches at a time; what it writes is what one batch after the other gives."""

from datetime import timedelta

import pytest
from django.db import transaction

from clm.base import clock
from lifecycle.models import StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.factories import CustomerFactory, bought


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_a_time_write_the_same_history_and_end_in_order():
    now = clock.now()
    customers = [CustomerFactory(first_seen_at=now - timedelta(days=400)) for _number in range(11)]
    for number, customer in enumerate(customers):
        for order in range(number % 4):
            bought(customer, 100, at=now - timedelta(days=300 - 40 * order - number))
    version = install("swedish-six", by=None).published()

    ends = list(replay(version, batch=2))
    in_lanes = _history()
    StagePeriod.objects.all().delete()
    with transaction.atomic():
        list(replay(version, batch=100))

    assert ends == [customers[place].pk for place in (1, 3, 5, 7, 9, 10)]
    assert in_lanes == _history()
    assert {stage for _customer, stage, _at, _cause in in_lanes} >= {"discovery", "conversion", "churned"}


def _history() -> list[tuple[object, ...]]:
    periods = StagePeriod.objects.live().order_by("customer", "entered_at")
    return list(periods.values_list("customer", "stage__slug", "entered_at", "cause"))
