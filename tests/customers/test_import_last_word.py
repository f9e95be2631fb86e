"""Whatever comes in, and from how many at once: the last word of every key is live."""

import os
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.intake.taking import take_in
from customers.models import Customer, Order, PurchaseSummary


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_rows_leave_them_once() -> None:
    rows = [
        (
            n,
            {
                "key": f"A{n}",
                "customer": str(n % 5),
                "occurred_at": "2026-01-05T00:00:00Z",
                "amount": "1",
                "currency": "EUR",
            },
        )
        for n in range(200)
    ]
    barrier, errors = Barrier(4), []

    def write(order: int) -> None:
        barrier.wait()
        try:
            take_in("orders", rows if order % 2 else rows[::-1], source="shop")
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert Order.objects.live().count() == 200
    assert Order.objects.count() == 200
    assert Customer.objects.count() == 5
    assert sum(PurchaseSummary.objects.values_list("orders", flat=True)) == 200


Version = tuple[int, int, int]
VERSIONS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=8
)


@pytest.mark.django_db
@settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(files=st.lists(VERSIONS, min_size=1, max_size=4), again=st.integers(0, 3))
def test_whatever_comes_in_the_last_word_of_every_key_is_live(files: list[list[Version]], again: int) -> None:
    with transaction.atomic():
        _play(files, again=bool(again))
        transaction.set_rollback(True)


def _play(files: list[list[Version]], *, again: bool) -> None:
    last: dict[str, tuple[str, int]] = {}
    for file in files:
        _take(file)
        last |= {f"K{key}": (f"c{customer}", amount) for key, customer, amount in file}

    assert _live() == last
    if again:
        _take(files[-1])
    assert _live() == last
    assert Order.objects.filter(superseded_at=None).values("root").distinct().count() == len(last)
    assert dict(
        PurchaseSummary.objects.filter(revenue__gt=0).values_list("customer__external_id", "revenue")
    ) == _sums(last)


def _take(file: list[Version]) -> None:
    rows = (
        (
            n,
            {
                "key": f"K{key}",
                "customer": f"c{customer}",
                "amount": str(amount),
                "currency": "EUR",
                "occurred_at": "2026-01-05T00:00:00Z",
            },
        )
        for n, (key, customer, amount) in enumerate(file)
    )
    assert take_in("orders", rows, source="shop").problems == []


def _live() -> dict[str, tuple[str, int]]:
    found = Order.objects.live().values_list("key", "customer__external_id", "net")
    return {key: (customer, int(net)) for key, customer, net in found}


def _sums(last: dict[str, tuple[str, int]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for customer, amount in last.values():
        sums[customer] = sums.get(customer, Decimal(0)) + amount
    return {customer: amount for customer, amount in sums.items() if amount}
