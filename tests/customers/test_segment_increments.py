"""Segments are kept true by increments, as a full refresh would have them."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clm.accounts.models import User
from clm.base import timeline
from customers import profiles
from customers.models import Arrival, Customer, SegmentCheck, SegmentMember
from customers.segments import computing, keeping
from lifecycle.evaluation import evaluate_all
from lifecycle.presets import install
from tests.customers.segmented import (
    BOUGHT,
    NOON,
    RECENT,
    VIEWED,
    dynamic,
    inside,
    leaf,
    learn,
    names,
    static,
)
from tests.factories import CustomerFactory, EventFactory, OrderFactory

pytestmark = pytest.mark.django_db

TREES = [
    BOUGHT,
    RECENT,
    {"not": VIEWED},
    {"all": [leaf("purchase_days", at_least=2, within_days=60), {"not": RECENT}]},
    {"any": [leaf("lapsed", days=20), leaf("field", field="country", operator="is", value="DK")]},
    {"all": [leaf("first_seen", days=30), VIEWED]},
]


NIGHTLY = [pytest.param(seed, marks=pytest.mark.nightly) for seed in range(1, 6)]


@pytest.mark.parametrize("seed", [0, *NIGHTLY])
def test_increments_end_where_a_full_refresh_and_the_conditions_do(
    marketer: User, watch: Callable[[datetime], None], seed: int
) -> None:
    """Facts of all kinds arrive early, late and in any order, while days go by."""
    chance = random.Random(seed)
    people = [CustomerFactory(first_seen_at=NOON - timedelta(days=chance.randint(0, 60))) for _ in range(8)]
    segments = [dynamic(marketer, f"S{number}", tree) for number, tree in enumerate(TREES)]
    segments.append(dynamic(marketer, "Nested", {"all": [inside(segments[1]), {"not": inside(segments[2])}]}))
    for step in range(25):
        now = NOON + timedelta(hours=step * 53)
        watch(now)
        for _n in range(chance.randint(0, 3)):
            happen(chance.choice(people), now, chance)
        computing.refresh_changed(limit=chance.choice([2, 1000]))

        for segment in segments:
            assert names(segment.members()) == names(segment.customers(now)), (segment, step)
    before = [names(segment.members()) for segment in segments]
    assert computing.refresh_all() == len(segments)
    assert [names(segment.members()) for segment in segments] == before
    for segment in segments:
        segment.refresh_from_db()
        assert segment.count == segment.members().count()


def happen(customer: Customer, now: datetime, chance: random.Random) -> None:
    at = now - timedelta(minutes=chance.randint(1, 60 * 24 * 40))
    kind = chance.choice(["order", "event", "profile"])
    if kind == "order":
        learn(OrderFactory(customer=customer, occurred_at=at))
    elif kind == "event":
        learn(EventFactory(customer=customer, occurred_at=at))
    else:
        profiles.change(customer, by=None, values={"country": chance.choice(["DK", "SE"])})


def test_a_stay_in_a_stage_has_segments_looked_at(marketer: User) -> None:
    ada = CustomerFactory()
    dynamic(marketer)
    install("swedish-six", by=None)
    SegmentCheck.objects.all().delete()
    evaluate_all()

    assert set(SegmentCheck.objects.values_list("customer_id", flat=True)) == {ada.pk}


def test_without_segments_by_conditions_nothing_is_queued(marketer: User) -> None:
    static(marketer)

    Arrival.objects.note([CustomerFactory().pk], since=NOON)

    assert not SegmentCheck.objects.exists()


def test_the_timeline_tells_of_entering_and_leaving_but_nothing_of_private_segments(marketer: User) -> None:
    customer, other = CustomerFactory(), CustomerFactory()
    shared, private = (
        static(marketer),
        keeping.create(by=marketer, name="Mine", kind="static", is_shared=False),
    )
    days = [NOON + timedelta(days=day) for day in range(4)]
    for segment, entered, left in ((shared, 0, 1), (shared, 2, None), (private, 0, 3)):
        for one in (customer, other):
            SegmentMember.objects.create(
                segment=segment, customer=one, original_customer=one, entered_at=days[entered],
                left_at=None if left is None else days[left],
            )  # fmt: skip

    def told(**asked: Any) -> list[tuple[str, str, datetime]]:
        stretch = timeline.read("customer", customer, **asked)
        return [(entry.title, entry.detail, entry.at) for entry in stretch.entries if entry.icon == "layers"]

    assert told() == [
        ("Entered a segment", "VIPs", days[2]),
        ("Left a segment", "VIPs", days[1]),
        ("Entered a segment", "VIPs", days[0]),
    ]
    assert told(only="segments", before=days[1]) == [("Entered a segment", "VIPs", days[0])]
    assert told(only="segments", before=days[2], most=1) == [("Left a segment", "VIPs", days[1])]
