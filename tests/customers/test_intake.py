"""Taking facts and customers in: idempotent, amended by key, one customer for one identity."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clm.accounts.models import AuditEntry, ExchangeRate, Organisation, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.intake.ordinals import Ordinals
from customers.intake.taking import take_in
from customers.models import (
    Arrival,
    Channel,
    Consent,
    Customer,
    Event,
    Identity,
    Order,
    ProfileChange,
    PurchaseSummary,
    Refund,
    Touch,
)
from metrics.models import Spend

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 30, 12, tzinfo=UTC)
Raw = dict[str, object]


def order(key: str = "A1", **changes: object) -> Raw:
    raw: Raw = {
        "key": key,
        "customer": "7",
        "occurred_at": JUNE.isoformat(),
        "amount": "12.50",
        "currency": "EUR",
    }
    return raw | changes


def took(kind: str, *rows: Raw, source: str = "shop") -> dict[str, int]:
    taken = take_in(kind, enumerate(rows, start=1), source=source)
    assert taken.problems == []
    return {name: count for name, count in taken.counts().items() if count}


def refused(kind: str, row: Raw) -> tuple[str, str]:
    taken = take_in(kind, [(1, row)], source="shop")
    assert taken.changed == 0
    (problem,) = taken.problems
    return problem.field, problem.reason


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


def test_foreign_money_takes_the_rate_of_its_local_day() -> None:
    organisation = Organisation.objects.current()
    organisation.zone = "Pacific/Auckland"
    organisation.save()
    took(
        "rates",
        {"currency": "USD", "on": "2026-06-30", "rate": "0.9"},
        {"currency": "USD", "on": "2026-07-01", "rate": "0.8"},
    )

    took("orders", order(currency="USD"))

    assert Order.objects.get().net_reporting == Decimal("10")


def test_money_without_a_rate_is_kept_and_counted_and_converted_when_it_comes_again() -> None:
    assert took("orders", order(currency="DKK")) == {"added": 1, "customers_added": 1, "unconverted": 1}
    assert PurchaseSummary.objects.get().unconverted == 1
    ExchangeRate.objects.create(currency="DKK", on=date(2026, 1, 1), rate=Decimal("0.13"))

    assert took("orders", order(currency="DKK")) == {"amended": 1}

    assert PurchaseSummary.objects.get().revenue == Decimal("1.625")


def test_rates_are_corrected_by_the_day() -> None:
    row = {"currency": "USD", "on": "2026-06-30", "rate": "0.9"}

    assert took("rates", row) == {"added": 1}
    assert took("rates", row) == {"unchanged": 1}
    assert took("rates", row | {"rate": "0.8"}) == {"amended": 1}
    assert refused("rates", row | {"currency": "EUR"})[0] == "currency"


def test_a_refund_follows_its_order() -> None:
    took("orders", order())
    root = Order.objects.get().pk
    took("orders", order(amount="20"))

    assert took("refunds", {"order": "A1", "key": "R1", "occurred_at": JUNE.isoformat(), "amount": "5"}) == {
        "added": 1
    }

    refund = Refund.objects.get()
    assert (refund.order_id, refund.currency) == (root, "EUR")
    assert PurchaseSummary.objects.get().revenue == 15


@pytest.mark.parametrize(
    ("changes", "field"), [({"order": "none"}, "order"), ({"currency": "USD"}, "currency")]
)
def test_a_refund_without_its_order_is_refused(changes: Raw, field: str) -> None:
    took("orders", order())

    name, _reason = refused(
        "refunds", {"order": "A1", "occurred_at": JUNE.isoformat(), "amount": "5", **changes}
    )

    assert name == field


def test_events_keep_their_properties() -> None:
    row = {"customer": "7", "name": "cart.abandoned", "occurred_at": JUNE.isoformat(), "key": "e1"}

    took("events", row | {"properties": {"value": 12}, "properties.colour": "red"})

    assert Event.objects.get().properties == {"value": 12, "colour": "red"}
    assert took("events", row | {"properties": {"value": 12, "colour": "red"}}) == {"unchanged": 1}
    assert refused("events", row | {"name": "Cart Abandoned"})[0] == "name"
    assert refused("events", row | {"properties": {"deep": {"er": 1}}})[0] == "properties"


def test_touches_make_their_channel_once() -> None:
    row = {"customer": "7", "channel": "Paid Search", "occurred_at": JUNE.isoformat()}

    took("touches", row | {"key": "t1"}, row | {"key": "t2", "channel": "paid search"})

    assert Channel.objects.get().slug == "paid-search"
    assert Touch.objects.count() == 2


def test_an_empty_consent_never_means_yes() -> None:
    row = {"customer": "7", "purpose": "marketing", "occurred_at": JUNE.isoformat(), "is_given": ""}

    assert refused("consents", row)[0] == "is_given"
    took("consents", row | {"is_given": "no"})
    assert Consent.objects.get().is_given is False


def test_spend_lies_at_the_start_of_its_local_day() -> None:
    organisation = Organisation.objects.current()
    organisation.zone = "Europe/Copenhagen"
    organisation.save()

    took("spend", {"on": "2026-06-30", "channel": "Ads", "amount": "100", "currency": "EUR", "key": "s1"})

    assert Spend.objects.get().occurred_at == datetime(2026, 6, 29, 22, tzinfo=UTC)


def test_a_customer_is_known_since_ever_until_something_changes() -> None:
    before = clock.now()
    took(
        "customers",
        {
            "customer": "7",
            "email": "ann@example.com",
            "first_name": "Ann",
            "last_name": "Lee",
            "country": "Denmark",
        },
    )

    assert took("customers", {"customer": "7", "country": "SE"}) == {"amended": 1}
    assert took("customers", {"customer": "7", "country": "SE", "name": ""}) == {"unchanged": 1}

    customer = Customer.objects.get()
    assert (customer.name, customer.country) == ("Ann Lee", "SE")
    changes = ProfileChange.objects.filter(field="country").order_by("pk")
    assert [change.value for change in changes] == ["DK", "SE"]
    assert changes[0].occurred_at == BEGINNING
    assert changes[1].occurred_at > before


def test_own_fields_are_merged() -> None:
    took("customers", {"customer": "7", "fields.size": "38"})

    took("customers", {"customer": "7", "fields": {"vip": True}})

    assert Customer.objects.get().fields == {"size": "38", "vip": True}
    assert ProfileChange.objects.filter(field="fields.vip").get().value is True


def test_the_email_of_another_customer_is_not_taken(owner: User) -> None:
    took("customers", {"customer": "7", "email": "ann@example.com"}, {"customer": "8"})

    field, reason = refused("customers", {"customer": "8", "email": "ann@example.com", "name": "Bo"})

    assert field == "email"
    assert "another customer" in reason
    assert Customer.objects.get(external_id="8").name == ""


def test_owners_must_exist_and_companies_are_made(owner: User) -> None:
    took(
        "customers",
        {"customer": "7", "owner": owner.email.upper(), "company": "Acme"},
        {"customer": "8", "company": "Acme"},
    )

    assert Customer.objects.get(external_id="7").owner == owner
    assert Customer.objects.filter(company__name="Acme").count() == 2
    assert refused("customers", {"customer": "9", "owner": "nobody@example.com"})[0] == "owner"


def test_customer_since_is_an_event_and_first_sight() -> None:
    row = {"customer": "7", "since": "2020-05-01T00:00:00Z"}

    took("customers", row)

    assert Customer.objects.get().first_seen_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert Event.objects.get().name == "customer.created"
    assert took("customers", row) == {"unchanged": 1}
    assert Event.objects.count() == 1


def test_outcomes_name_the_row_that_lives() -> None:
    took("orders", order())

    taken = take_in("orders", [(0, order()), (1, order("A2"))], source="shop", detailed=True)

    assert [(outcome.row, outcome.what) for outcome in taken.outcomes] == [(0, "unchanged"), (1, "added")]
    assert {outcome.pk for outcome in taken.outcomes} == set(
        Order.objects.live().values_list("pk", flat=True)
    )


def test_what_holds_since_ever_is_no_first_sight() -> None:
    before = clock.now()

    took("customers", {"customer": "7", "name": "Ada", "country": "DK"})

    assert before <= Customer.objects.get().first_seen_at <= clock.now()
    assert Arrival.objects.get().since == BEGINNING
