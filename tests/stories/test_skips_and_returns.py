"""Customers who leave out stages, go back and come again: every move is one step, and all of it stays readable."""

from datetime import timedelta

import pytest

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import StagePeriod
from lifecycle.presets import install
from lifecycle.replay import replay
from tests.factories import CustomerFactory, EventFactory, bought

pytestmark = pytest.mark.django_db


def path(customer: Customer) -> list[tuple[str, int]]:
    """(stage, days since it was entered)"""
    now = clock.now()
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [(period.stage.slug, (now - period.entered_at).days) for period in periods]


def test_a_newsletter_reader_who_buys_three_times_in_a_week_skips_what_lies_between() -> None:
    install("swedish-six", by=None)
    now = clock.now()
    reader = CustomerFactory(first_seen_at=now - timedelta(days=50))
    for days in (7, 4, 1):
        bought(reader, 60, at=now - timedelta(days=days))
    Arrival.objects.note([reader.pk], since=reader.first_seen_at)

    evaluate_changed()

    # No engagement: nothing was clicked. From conversion by way of retention to loyalty in six days.
    assert path(reader) == [("discovery", 50), ("conversion", 7), ("retention", 4), ("loyalty", 1)]


def test_who_falls_silent_is_churned_and_an_order_wins_them_back() -> None:
    model = install("swedish-six", by=None)
    now = clock.now()
    gone = CustomerFactory(first_seen_at=now - timedelta(days=700))
    bought(gone, 60, at=now - timedelta(days=700))
    bought(gone, 60, at=now - timedelta(days=300))
    bought(gone, 60, at=now - timedelta(days=10))
    EventFactory(customer=gone, name="email.clicked", occurred_at=now - timedelta(days=2))

    list(replay(model.published()))

    stages = [stage for stage, _days in path(gone)]
    assert stages == ["conversion", "retention", "churned", "retention", "churned", "retention"]
    assert [days for _stage, days in path(gone)][3:] == [300, 119, 10]
    current = StagePeriod.objects.live().get(customer=gone, left_at=None)
    assert str(current.rule.stage) == "Retention"
