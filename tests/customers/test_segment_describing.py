"""What a segment's page says about it."""

from datetime import UTC, datetime, timedelta

import pytest

from clm.accounts.models import User
from customers.models import Customer, Segment, SegmentMember
from customers.segments import keeping
from customers.segments.describing import describe
from tests.factories import CustomerFactory

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def stay(segment: Segment, customer: Customer, entered: datetime, left: datetime | None = None) -> None:
    SegmentMember.objects.create(
        segment=segment,
        customer=customer,
        original_customer=customer,
        entered_at=entered,
        left_at=left,
    )


@pytest.mark.django_db
def test_the_size_of_a_segment_is_told_for_each_day_since_it_was_made(marketer: User) -> None:
    segment = keeping.create(by=marketer, kind="static", name="Tasting panel")
    Segment.objects.filter(pk=segment.pk).update(created_at=NOON - timedelta(days=3))
    early, late, gone = CustomerFactory.create_batch(3)
    stay(segment, early, NOON - timedelta(days=3))
    stay(segment, gone, NOON - timedelta(days=3), NOON - timedelta(days=1))
    stay(segment, late, NOON)
    segment.refresh_from_db()
    segment.count = 2

    told = describe(segment, seen_by=marketer, as_of=NOON + timedelta(hours=1))

    assert told.trend is not None
    assert told.trend["series"][0]["values"] == [2.0, 2.0, 1.0, 2.0]
    assert (told.entered, told.left) == (3, 1)
    assert [member.customer for member in told.newest] == [late, early]
