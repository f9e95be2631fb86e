"""What is done by columns and by sets is what is done row by row."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from clm.base import clock
from customers.intake.columns import Table, parse_table
from customers.intake.dates import DateFormat
from customers.intake.kinds import kind_named
from customers.intake.parsing import parse
from customers.intake.reading import Reading, SheetNumber
from customers.intake.taking import take_in
from customers.models import Arrival, Customer, Identity, ProfileChange
from tests.customers.taken_in import Raw, took

READING = Reading(
    latest=datetime(2026, 7, 1, tzinfo=UTC),
    date_format=DateFormat.DAY_FIRST,
    decimal_mark=",",
    currency="EUR",
)
COLUMNS = {
    "customers": [
        "customer",
        "email",
        "phone",
        "first_name",
        "kind",
        "country",
        "fields.size",
        "fields.shoe",
    ],
    "orders": ["customer", "email", "key", "occurred_at", "amount", "status", "is_test"],
    "rates": ["currency", "on", "rate"],
}
WRITTEN = (
    *("", " ", "7", "Ann@Example.com", "0045 12 34 56 78", "DK", "Denmark", "person", "paid", "yes", "EUR"),
    *("30/06/2026", "31/12/2030", "1.234", "12,50", "no such", "a\x00b", "-3", "x" * 201),
)
CELLS = st.one_of(st.sampled_from(WRITTEN), st.sampled_from(["1.234", "7", "30/06/2026"]).map(SheetNumber))


@given(data=st.data(), kind=st.sampled_from(sorted(COLUMNS)))
@settings(max_examples=60, deadline=None)
def test_columns_are_read_as_rows_are(data: Any, kind: str) -> None:
    names = data.draw(st.lists(st.sampled_from(COLUMNS[kind]), min_size=1, unique=True))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=6))
    table = Table(range(2, len(rows) + 2), {name: [row[n] for row in rows] for n, name in enumerate(names)})

    by_columns = parse_table(kind_named(kind), table, READING)

    raws = [(number, dict(zip(names, row, strict=True))) for number, row in enumerate(rows, start=2)]
    by_rows = parse(kind_named(kind), raws, READING)
    assert by_columns.problems == by_rows.problems
    assert [(row.number, [*row.values.items()]) for row in by_columns.rows] == [
        (row.number, [*row.values.items()]) for row in by_rows.rows
    ]


PEOPLE: list[Raw] = [
    {"customer": "1"},
    {"customer": "2", "first_name": "Ann", "last_name": "Lee", "country": "DK", "kind": "person"},
    {"email": "b@example.com", "name": 'Tab\tand "back\\slash"\nand more', "company": "Acme", "kind": "firm"},
    {"phone": "+4520000001", "last_name": "Ek", "zone": "Europe/Copenhagen", "language": "da"},
    {"customer": "5", "email": "e@example.com", "phone": "+4520000001"},
    {"customer": "6", "fields": {"size": 42, "vip": True, "none": None, "text": "a\\b"}},
]


@pytest.mark.django_db
def test_newcomers_are_told_as_a_set_as_they_are_one_by_one() -> None:

    took("customers", *PEOPLE)
    as_a_set = _told()
    Identity.objects.all().delete()
    took("customers", *PEOPLE, *PEOPLE)
    one_by_one = _told(after=len(PEOPLE))

    assert as_a_set == one_by_one
    assert as_a_set[2][1]["name"] == 'Tab\tand "back\\slash"\nand more'
    assert [name for name, _value in as_a_set[5][2]] == ["fields.size", "fields.text", "fields.vip"]
    assert Arrival.objects.count() == 2 * (len(PEOPLE) - 1)  # of the first there is nothing to know


def _told(after: int = 0) -> list[tuple[set[tuple[str, str]], dict[str, Any], list[tuple[str, Any]]]]:
    """Of each customer: what it is known by, its columns, its first values."""
    apart = ("id", "first_seen_at", "created_at", "changed_at")
    return [
        (
            set(Identity.objects.live().filter(customer=customer).values_list("kind", "value")),
            {name: value for name, value in values.items() if name not in apart},
            sorted(
                ProfileChange.objects.live()
                .filter(customer=customer, occurred_at__year=1900)
                .values_list("field", "value")
            ),
        )
        for customer, values in [(row["id"], row) for row in Customer.objects.order_by("pk").values()[after:]]
    ]


@pytest.mark.django_db
def test_a_newcomer_whose_first_row_is_refused_is_who_the_next_row_says() -> None:
    took("customers", {"customer": "1", "email": "ann@example.com"})

    rows = [{"customer": "2", "email": "ann@example.com", "country": "DK"}, {"customer": "2", "name": "Bo"}]
    taken = take_in("customers", enumerate(rows, start=1), source="shop")

    assert (taken.added, [problem.row for problem in taken.problems]) == (1, [1])
    customer = Customer.objects.get(external_id="2")
    assert (customer.name, customer.country, customer.email) == ("Bo", "", "")
    assert [change.field for change in ProfileChange.objects.filter(customer=customer)] == ["name"]


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Identity, ProfileChange])
def test_nobody_is_written_of_and_nobody_goes_whom_rows_name(model: Any) -> None:
    took("customers", {"customer": "1", "name": "Ann"})
    row, customer = model.objects.get(), Customer.objects.get()

    with pytest.raises(IntegrityError, match="not there"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(customer=customer.pk + 1)
    row.pk, row.customer_id, row.superseded_at = None, customer.pk + 1, clock.now()
    with pytest.raises(IntegrityError, match="not there"), transaction.atomic():
        row.save(force_insert=True)
    with (
        pytest.raises(IntegrityError, match="still name"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM customers_customer")

    assert (model.objects.get().customer_id, Customer.objects.count()) == (customer.pk, 1)


@pytest.mark.django_db
def test_the_many_who_come_once_are_told_before_the_few_who_come_twice() -> None:
    """Each stands behind the one before in the index of values, until the few are put between."""
    took(
        "customers",
        {"customer": "1", "country": "DK"},
        {"customer": "1", "country": "SE"},
        {"customer": "2", "country": "DK"},
        {"customer": "3", "country": "DK"},
    )

    told = ProfileChange.objects.order_by("pk").values_list("customer__external_id", "value")
    assert [*told] == [("2", "DK"), ("3", "DK"), ("1", "DK"), ("1", "SE")]


@pytest.mark.django_db
def test_rows_of_known_and_unknown_customers_stand_in_one_batch() -> None:
    took("customers", {"customer": "1", "email": "ann@example.com"})

    taken = took(
        "customers",
        {"customer": "2", "email": "bo@example.com"},
        {"email": "ann@example.com", "phone": "+4512345678"},
        {"customer": "1", "country": "DK"},
        {"email": "bo@example.com", "country": "SE"},
    )

    assert taken == {"added": 1, "amended": 3, "customers_added": 1}
    known = Customer.objects.order_by("external_id").values_list("external_id", "phone", "country")
    assert [*known] == [("1", "+4512345678", "DK"), ("2", "", "SE")]


@pytest.mark.django_db
def test_an_identity_is_looked_for_by_its_value_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('customers_identity_names_one_customer'::regclass)")
        (definition,) = cursor.fetchone()

    assert "(value, kind, source)" in definition
