"""Money from outside: rates, refunds and spend."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from clm.accounts.models import ExchangeRate, Organisation
from customers.models import Order, PurchaseSummary, Refund
from metrics.models import Spend
from tests.customers.taken_in import JUNE, Raw, order, refused, took

pytestmark = pytest.mark.django_db


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


def test_spend_lies_at_the_start_of_its_local_day() -> None:
    organisation = Organisation.objects.current()
    organisation.zone = "Europe/Copenhagen"
    organisation.save()

    took("spend", {"on": "2026-06-30", "channel": "Ads", "amount": "100", "currency": "EUR", "key": "s1"})

    assert Spend.objects.get().occurred_at == datetime(2026, 6, 29, 22, tzinfo=UTC)
