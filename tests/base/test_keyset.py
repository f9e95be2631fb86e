from datetime import timedelta

import pytest
from django.core.exceptions import BadRequest
from django.db.models import QuerySet

from clm.base import keyset
from customers.models import Customer
from tests.factories import LONG_AGO, CustomerFactory, bought

pytestmark = pytest.mark.django_db


def walked(rows: QuerySet[Customer], sort: str, size: int) -> tuple[list[str], list[str]]:
    """Names in the order of the pages, there; and back again, read page by page from the last one."""
    there, back, cursor = [], [], ""
    while True:
        page = keyset.page(rows, sort=sort, cursor=cursor, size=size)
        there += [row.name for row in page.rows]
        if not page.next:
            break
        cursor = page.next
    back = [row.name for row in page.rows]
    while page.previous:
        page = keyset.page(rows, sort=sort, cursor=page.previous, size=size)
        back = [row.name for row in page.rows] + back
    return there, back


@pytest.fixture
def five() -> QuerySet[Customer]:
    """Two have the same revenue, two have never bought."""
    for name, amount in (("a", 10), ("b", 30), ("c", None), ("d", 10), ("e", None)):
        customer = CustomerFactory(name=name)
        if amount:
            bought(customer, amount)
    return Customer.objects.select_related("purchases")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("purchases__revenue", "adbce"),
        ("-purchases__revenue", "bdaec"),
        ("name", "abcde"),
        ("-name", "edcba"),
        ("pk", "abcde"),
        ("-pk", "edcba"),
    ],
)
def test_pages_there_and_back_show_every_row_once_and_empty_ones_last(five, sort, expected, size):
    there, back = walked(five, sort, size)

    assert "".join(there) == expected
    assert "".join(back) == expected


def test_instants_survive_the_cursor_to_the_microsecond():
    for microsecond in range(5):
        CustomerFactory(first_seen_at=LONG_AGO + timedelta(microseconds=microsecond), name=str(microsecond))

    there, back = walked(Customer.objects.all(), "-first_seen_at", 2)

    assert there == back == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("cursor", ["abc", "a:b:c", "\x00", "é" * 300])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    with pytest.raises(BadRequest):
        keyset.page(Customer.objects.all(), sort="name", cursor=cursor)


def test_an_edited_cursor_is_refused(five):
    cursor = keyset.page(five, sort="name", size=2).next

    with pytest.raises(BadRequest):
        keyset.page(five, sort="name", cursor=("b" if cursor[0] == "a" else "a") + cursor[1:])


def test_a_cursor_of_another_order_is_refused(five):
    cursor = keyset.page(five, sort="name", size=2).next

    with pytest.raises(BadRequest):
        keyset.page(five, sort="-name", cursor=cursor)


def test_a_count_stops_at_its_cap(five):
    assert keyset.count(five, cap=4) == keyset.Count(4, is_capped=True)
    assert keyset.count(five, cap=5) == keyset.Count(5, is_capped=False)


def test_ordered_rows_stand_as_on_the_pages(five):
    assert [row.name for row in keyset.ordered(five, "-purchases__revenue")] == list("bdaec")


def test_that_there_are_many_is_taken_for_granted_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    CustomerFactory.create_batch(3)
    now = 1000.0
    monkeypatch.setattr(keyset, "COUNTED_UP_TO", 2)
    monkeypatch.setattr(keyset, "_many_until", {})
    monkeypatch.setattr(keyset, "monotonic", lambda: now)
    before = keyset.count_again("some", Customer.objects.all)

    Customer.objects.filter(pk=Customer.objects.values("pk")[:1]).delete()
    soon = keyset.count_again("some", Customer.objects.all)
    now += 61
    later = keyset.count_again("some", Customer.objects.all)

    assert before == soon == keyset.Count(2, is_capped=True)
    assert later == keyset.Count(2, is_capped=False)


def test_few_are_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "_many_until", {})
    before = keyset.count_again("few", Customer.objects.all)

    CustomerFactory()

    assert before == keyset.Count(0, is_capped=False)
    assert keyset.count_again("few", Customer.objects.all) == keyset.Count(1, is_capped=False)
