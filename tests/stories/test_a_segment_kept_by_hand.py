"""Who is put into a segment by hand and taken out again: who was in it when, as known then, and who did it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clm.accounts.models import AuditEntry, User
from customers.models import Arrival, Customer
from customers.segments import filling
from tests.customers.conftest import watch
from tests.customers.segmented import NOON, names, static
from tests.factories import CustomerFactory

__all__ = ["watch"]
pytestmark = pytest.mark.django_db


def test_customers_enter_and_leave_a_segment_by_hand(
    marketer: User, watch: Callable[[datetime], None]
) -> None:
    ada, bob = CustomerFactory(name="Ada"), CustomerFactory(name="Bob")
    segment = static(marketer)
    both = Customer.objects.filter(pk__in=[ada.pk, bob.pk])

    assert filling.add(segment, both, by=marketer) == 2
    assert filling.add(segment, both, by=marketer) == 0
    watch(NOON + timedelta(days=1))
    assert filling.take_out(segment, Customer.objects.filter(pk=bob.pk), by=marketer) == 1
    watch(NOON + timedelta(days=1, seconds=1))

    segment.refresh_from_db()
    assert (segment.count, names(segment.members()), names(segment.customers())) == (1, ["Ada"], ["Ada"])
    assert names(segment.customers(NOON + timedelta(hours=1))) == ["Ada", "Bob"]
    assert names(segment.customers(NOON)) == []
    assert names(segment.customers(known_at=NOON + timedelta(hours=1))) == ["Ada", "Bob"]
    assert Arrival.objects.count() == 3  # what rests on the segment is looked at again
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "details__customers")) == [
        ("segment.created", None),
        ("segment.members_added", 2),
        ("segment.members_removed", 1),
    ]
