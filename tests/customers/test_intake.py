"""Rows from outside: whose they are, which came before, and what is wrong with them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clm.accounts.models import AuditEntry
from customers.intake.ordinals import Ordinals
from customers.intake.taking import take_in
from customers.models import Arrival, Customer, Identity, Order, PurchaseSummary
from tests.customers.taken_in import JUNE, Raw, order, refused, took

pytestmark = pytest.mark.django_db


def test_an_order_of_an_unknown_customer_makes_the_customer() -> None:
    assert took("orders", order()) == {"added": 1, "customers_added": 1}

    customer = Customer.objects.get()
    made = Order.objects.get()
    assert customer.external_id == "7"
    assert customer.first_seen_at == JUNE
    assert Identity.objects.get().value == "7"
    assert (made.customer, made.original_customer, made.net, made.rate) == (
        customer,
        customer,
        Decimal("12.5"),
        1,
    )
    assert Arrival.objects.get().since == JUNE
    assert PurchaseSummary.objects.get().revenue == Decimal("12.5")
    assert AuditEntry.objects.filter(action="orders.taken_in").count() == 1


def test_the_same_order_again_changes_nothing() -> None:
    took("orders", order())
    Arrival.objects.all().delete()

    assert took("orders", order(amount="12.5000")) == {"unchanged": 1}

    assert Order.objects.count() == 1
    assert not Arrival.objects.exists()


def test_an_amended_order_supersedes_and_keeps_its_root() -> None:
    took("orders", order())
    first = Order.objects.get()

    assert took("orders", order(amount="20", occurred_at=(JUNE - timedelta(days=2)).isoformat())) == {
        "amended": 1
    }

    live = Order.objects.live().get()
    assert live.root == first.pk
    assert live.net == 20
    first.refresh_from_db()
    assert first.superseded_at == live.recorded_at
    assert PurchaseSummary.objects.get().revenue == 20
    assert Customer.objects.get().first_seen_at == JUNE - timedelta(days=2)
    assert Order.objects.known(first.recorded_at).get().net == Decimal("12.5")


def test_an_order_that_moves_to_another_customer_wakes_both() -> None:
    took("orders", order(), order("A2", customer="8"))
    Arrival.objects.all().delete()

    took("orders", order(customer="8"))

    revenue = dict(PurchaseSummary.objects.values_list("customer__external_id", "revenue"))
    assert revenue == {"7": 0, "8": 25}
    assert Arrival.objects.count() == 2


def test_two_rows_of_one_key_in_a_batch_leave_the_last() -> None:
    assert took("orders", order(), order(amount="9")) == {"added": 1, "amended": 1, "customers_added": 1}

    assert Order.objects.live().get().net == 9


def test_rows_without_a_key_are_new_each_time() -> None:
    row = order()
    del row["key"]

    took("orders", row)
    took("orders", row)

    assert Order.objects.live().count() == 2


def test_equal_rows_of_a_file_are_real_and_come_in_once() -> None:
    row = order()
    del row["key"]
    for _again in range(2):
        ordinals = Ordinals()
        for _chunk in range(2):
            take_in("orders", [(1, row), (2, row)], source="shop", ordinals=ordinals)

    assert Order.objects.count() == 4


def test_sources_do_not_share_ids() -> None:
    took("orders", order())

    assert took("orders", order(), source="till") == {"added": 1, "customers_added": 1}


@pytest.mark.parametrize("email", ["Ann@Example.com", " ann@example.com "])
def test_an_email_in_another_spelling_is_the_same_customer(email: str) -> None:
    took("customers", {"email": "ann@example.com", "name": "Ann"})

    assert took("orders", order(customer="", email=email)) == {"added": 1}


def test_an_external_id_is_learned_through_the_email() -> None:
    took("customers", {"email": "ann@example.com"})
    took("orders", order(email="ann@example.com"))

    assert took("orders", order("A2")) == {"added": 1}
    assert Customer.objects.count() == 1


def test_two_ids_of_one_source_stay_two_customers() -> None:
    took("orders", order(email="ann@example.com"))

    assert took("orders", order("A2", customer="8", email="ann@example.com")) == {
        "added": 1,
        "customers_added": 1,
    }


def test_a_phone_is_shared_by_a_household() -> None:
    took("orders", order(phone="+4512345678"), order("A2", customer="8", phone="004512345678"))

    assert Customer.objects.count() == 2
    assert took("orders", order("A3", customer="", phone="+45 12 34 56 78")) == {"added": 1}


def test_a_batch_knows_its_own_newcomers() -> None:
    rows = [order(email="ann@example.com"), order("A2", customer="", email="ann@example.com"), order("A3")]

    assert took("orders", *rows) == {"added": 3, "customers_added": 1}


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        ({"amount": "-5"}, "amount", "refund"),
        ({"amount": "1e15"}, "amount", "too large"),
        ({"amount": "NaN"}, "amount", "too large"),
        ({"amount": "1.23456"}, "amount", "four decimals"),
        ({"amount": ""}, "amount", "every row needs it"),
        ({"discount": "13"}, "amount", "more than the amount"),
        ({"currency": "XXX"}, "currency", "ISO 4217"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "occurred_at", "calendar"),
        ({"occurred_at": "0000-00-00"}, "occurred_at", "calendar"),
        ({"occurred_at": "9999-12-31T00:00:00Z"}, "occurred_at", "future"),
        ({"occurred_at": "2026-06-30T12:00:00"}, "occurred_at", "needs a time zone"),
        ({"customer": "", "email": "a@b"}, "email", "not a valid"),
        ({"customer": "a\x00b"}, "customer", "NUL"),
        ({"customer": "\ud800"}, "customer", "surrogate"),
        ({"customer": ["7"]}, "customer", "text"),
        ({"customer": ""}, "customer", "names no customer"),
        ({"status": "maybe"}, "status", "one of"),
        ({"key": "x" * 201}, "key", "at most 200"),
    ],
)
def test_a_row_that_makes_no_sense_says_where_and_why(changes: Raw, field: str, part: str) -> None:
    name, reason = refused("orders", order(**changes))

    assert name == field
    assert part in reason
    assert not Customer.objects.exists()


def test_a_bad_row_does_not_stop_the_others() -> None:
    taken = take_in("orders", [(4, order()), (5, order("A2", amount="x")), (6, order("A3"))], source="shop")

    assert taken.added == 2
    assert [(problem.row, problem.field) for problem in taken.problems] == [(5, "amount")]


def test_outcomes_name_the_row_that_lives() -> None:
    took("orders", order())

    taken = take_in("orders", [(0, order()), (1, order("A2"))], source="shop", detailed=True)

    assert [(outcome.row, outcome.what) for outcome in taken.outcomes] == [(0, "unchanged"), (1, "added")]
    assert {outcome.pk for outcome in taken.outcomes} == set(
        Order.objects.live().values_list("pk", flat=True)
    )
