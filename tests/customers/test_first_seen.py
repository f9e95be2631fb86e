"""When a customer was first seen, as it is known now and as it was known once."""

from datetime import datetime, timedelta

import pytest

from clm.base import clock
from clm.base.conditions import Asked, Node, parse
from customers.importing.undoing import see_first
from customers.models import Customer
from tests.factories import CustomerFactory, EventFactory, OrderFactory, TouchFactory

pytestmark = pytest.mark.django_db


def at_least(days: int) -> Node:
    return parse({"condition": "first_seen", "parameters": {"days": days}})


def holds(customer: Customer, days: int, *, as_of: datetime, known_at: datetime | None = None) -> bool:
    asked = Asked(zone="UTC", as_of=as_of, known_at=known_at)
    return Customer.objects.filter(at_least(days).to_q(asked), pk=customer.pk).exists()


def late_fact(customer: Customer, days_ago: int) -> datetime:
    """An event of long ago comes in now. Gives the instant just before it was known."""
    before = clock.now()
    EventFactory(customer=customer, occurred_at=before - timedelta(days=days_ago))
    see_first([customer.pk])
    return before


def test_a_late_fact_changes_what_is_known_now_and_not_what_was_known(db: None):
    customer = CustomerFactory(first_seen_at=clock.now())
    before = late_fact(customer, 50)
    now = clock.now()

    assert holds(customer, 30, as_of=now)
    assert not holds(customer, 30, as_of=now, known_at=before)

    late_fact(customer, 90)
    assert holds(customer, 80, as_of=now)
    assert not holds(customer, 30, as_of=now, known_at=before)
    assert holds(customer, 30, as_of=now, known_at=now)


def test_a_fact_that_was_superseded_counts_for_as_long_as_it_was_known(db: None):
    customer = CustomerFactory(first_seen_at=clock.now())
    event = EventFactory(customer=customer, occurred_at=clock.now() - timedelta(days=50))
    known = clock.now()
    type(event).objects.filter(pk=event.pk).supersede()
    see_first([customer.pk])
    now = clock.now()

    assert holds(customer, 30, as_of=now, known_at=known)
    assert not holds(customer, 30, as_of=now, known_at=now)
    assert not holds(customer, 30, as_of=now)


def test_the_facts_and_the_column_say_the_same_of_the_present(db: None):
    now = clock.now()
    customers = [CustomerFactory(first_seen_at=now) for _each in range(4)]
    OrderFactory(customer=customers[0], occurred_at=now - timedelta(days=40))
    OrderFactory(customer=customers[1], occurred_at=now - timedelta(days=20))
    EventFactory(customer=customers[1], occurred_at=now - timedelta(days=60))
    TouchFactory(customer=customers[2], occurred_at=now - timedelta(days=5))
    see_first([customer.pk for customer in customers])
    now = clock.now()

    for customer in customers:
        for days in (0, 1, 5, 6, 20, 40, 41, 60, 61):
            by_column = holds(customer, days, as_of=now)
            assert holds(customer, days, as_of=now, known_at=now) == by_column, (customer, days)


def test_why_names_the_days_as_they_were_known(db: None):
    customer = CustomerFactory(first_seen_at=clock.now())
    before = late_fact(customer, 50)
    now = clock.now()
    customer.refresh_from_db()

    def have(known_at: datetime | None) -> str:
        asked = Asked(zone="UTC", as_of=now, known_at=known_at)
        verdict = at_least(30).explain(Customer.objects.filter(pk=customer.pk), asked)
        assert verdict is not None
        assert verdict.evidence is not None
        return verdict.evidence.have

    assert have(None) == "first seen 50 days ago"
    assert have(before) == "first seen 0 days ago"


def test_the_instants_at_which_the_answer_may_change_are_those_known_then(db: None):
    customer = CustomerFactory(first_seen_at=clock.now())
    before = late_fact(customer, 50)

    def instants(known_at: datetime | None) -> set[datetime]:
        queries = at_least(30).changes(zone="UTC", known_at=known_at)
        return {at for query in queries for owner, at in query if owner == customer.pk}

    customer.refresh_from_db()
    assert customer.first_seen_at in instants(None)
    assert customer.first_seen_at in instants(clock.now())
    assert customer.first_seen_at not in instants(before)
