"""How often and how long somebody was in each stage: every stay counts, also the one under way."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from clm.base import clock
from customers.models import Customer
from lifecycle.models import StagePeriod
from lifecycle.visits import visits_in
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer(db: None) -> Customer:
    """Conversion, retention, churned, retention again, churned again."""
    six_stages()
    return buyer(500, 200, name="Ada Berg")


def on(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


def stay(stage: int, first: int, last: int | None) -> StagePeriod:
    return StagePeriod(stage_id=stage, entered_at=on(first), left_at=last and on(last))


def told(periods: list[StagePeriod], as_of: datetime) -> list[tuple[Any, ...]]:
    visits = visits_in([_with_stage(period) for period in periods], as_of=as_of)
    return [
        (cast(Any, one.stage).slug, one.times, one.first_entered_at, one.last_entered_at, one.last_left_at, one.total)
        for one in visits
    ]  # fmt: skip


def _with_stage(period: StagePeriod) -> Any:
    class Stay:
        stage_id, entered_at, left_at = period.stage_id, period.entered_at, period.left_at
        stage = type("Stage", (), {"slug": f"s{period.stage_id}"})

    return Stay()


PATH = [stay(1, 1, 4), stay(2, 4, 6), stay(1, 6, 11), stay(2, 11, None)]


def test_stays_add_up_and_the_open_one_counts_up_to_the_instant():
    assert told(PATH, on(13)) == [
        ("s1", 2, on(1), on(6), on(11), 8 * DAY),
        ("s2", 2, on(4), on(11), None, 4 * DAY),
    ]


def test_of_the_past_only_what_had_happened_counts():
    assert told(PATH, on(8)) == [("s1", 2, on(1), on(6), None, 5 * DAY), ("s2", 1, on(4), on(4), on(6), 2 * DAY)]  # fmt: skip
    assert told(PATH, on(1)) == []


def test_a_stay_that_ends_with_the_instant_is_the_one_there_is():
    """As of an instant means just before it: who leaves at that moment is still there."""
    assert told(PATH, on(4)) == [("s1", 1, on(1), on(1), None, 3 * DAY)]


def test_page_and_api_tell_the_same(customer, sign_in, marketer, django_assert_max_num_queries):
    client = sign_in(marketer)

    visits = client.get(f"/api/v1/customers/{customer.pk}/stage/").json()["visits"]
    page = client.get(f"/customers/{customer.pk}/")

    by_stage = {one["stage"]: one for one in visits}
    assert [one["stage"] for one in visits] == ["conversion", "retention", "churned"]
    assert (by_stage["retention"]["times"], by_stage["churned"]["times"]) == (2, 2)
    assert by_stage["churned"]["last_left_at"] is None
    whole = sum(one["total_seconds"] for one in visits)
    assert abs(whole - 500 * 86_400) <= len(visits) + 60
    assertContains(page, "Time in each stage")
    assertContains(page, "there now")


def test_as_of_a_day_before_there_was_one_stage(customer, sign_in, marketer):
    client, day = sign_in(marketer), (clock.now() - timedelta(days=490)).date()

    visits = client.get(f"/api/v1/customers/{customer.pk}/stage/?as_of={day}").json()["visits"]
    page = client.get(f"/customers/{customer.pk}/?as_of={day}")

    assert [(one["stage"], one["times"], one["last_left_at"]) for one in visits] == [("conversion", 1, None)]
    assertNotContains(page, "Time in each stage")
