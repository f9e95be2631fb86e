"""What is told of customers themselves: events, touches, consents, profiles."""

from datetime import UTC, datetime

import pytest

from clm.accounts.models import User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.intake.taking import take_in
from customers.models import Arrival, Channel, Consent, Customer, Event, Identity, ProfileChange, Touch
from tests.customers.taken_in import JUNE, refused, took

pytestmark = pytest.mark.django_db


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


def test_what_holds_since_ever_is_no_first_sight() -> None:
    before = clock.now()

    took("customers", {"customer": "7", "name": "Ada", "country": "DK"})

    assert before <= Customer.objects.get().first_seen_at <= clock.now()
    assert Arrival.objects.get().since == BEGINNING


def test_refused_rows_make_nobody_known() -> None:
    took(
        "customers",
        {"customer": "1", "email": "ann@example.com"},
        {"customer": "2", "email": "bo@example.com"},
    )
    known = set(Identity.objects.values_list("value", flat=True))
    rows: list[dict[str, object]] = [
        {"customer": "X9", "email": "ann@example.com"},
        {"customer": "X8", "email": "cy@example.com"},
    ]

    taken = take_in("customers", enumerate(rows, start=1), source="crm", mode="create")
    claim = {"customer": "2", "email": "ann@example.com", "phone": "+4512345678"}
    problem = refused("customers", claim)

    assert ([one.row for one in taken.problems], taken.added, problem[0]) == ([1], 1, "email")
    assert set(Identity.objects.values_list("value", flat=True)) - known == {"X8", "cy@example.com"}
