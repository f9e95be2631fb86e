"""Rows for tests. `CustomerFactory(email="a@b.example")`; facts take `customer`, and `at` as `occurred_at`."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from clm.accounts.models import Role, Team, User
from customers import summaries
from customers.models import Channel, Company, Consent, Customer, Event, Lead, Order, Refund, Touch

LONG_AGO = datetime(2025, 1, 15, 12, tzinfo=UTC)


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = factory.Sequence(lambda n: f"User {n}")
    role = Role.MARKETER


class CompanyFactory(DjangoModelFactory[Company]):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")


class ChannelFactory(DjangoModelFactory[Channel]):
    class Meta:
        model = Channel
        django_get_or_create = ("slug",)

    slug = "search"
    name = factory.LazyAttribute(lambda channel: channel.slug.title())


class CustomerFactory(DjangoModelFactory[Customer]):
    """The row alone: no identities and no profile changes; `customers.profiles.register` writes those too."""

    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n:05}")
    first_seen_at = LONG_AGO


class _Fact(DjangoModelFactory[Any]):
    class Meta:
        abstract = True

    customer = factory.SubFactory(CustomerFactory)
    original_customer = factory.SelfAttribute("customer")
    source = "test"
    key = factory.Sequence(lambda n: f"k{n}")
    occurred_at = LONG_AGO


class OrderFactory(_Fact):
    class Meta:
        model = Order

    currency = "EUR"
    gross = Decimal(100)
    rate = Decimal(1)


class RefundFactory(_Fact):
    """Of `to`, an order; the customer is the order's."""

    class Meta:
        model = Refund

    class Params:
        to = factory.SubFactory(OrderFactory)

    customer = factory.SelfAttribute("to.customer")
    order_id = factory.LazyAttribute(lambda refund: refund.to.root)
    amount = Decimal(10)
    currency = "EUR"
    rate = Decimal(1)


class EventFactory(_Fact):
    class Meta:
        model = Event

    name = "page.viewed"


class TouchFactory(_Fact):
    class Meta:
        model = Touch

    channel = factory.SubFactory(ChannelFactory)


class ConsentFactory(_Fact):
    class Meta:
        model = Consent

    purpose = "marketing"
    is_given = True


def bought(customer: Customer, *amounts: int, at: datetime = LONG_AGO) -> None:
    """Orders of these amounts at one instant, and the summary of the customer brought up to date."""
    for amount in amounts:
        OrderFactory(customer=customer, gross=Decimal(amount), occurred_at=at)
    summaries.refresh([customer.pk])


class LeadFactory(DjangoModelFactory[Lead]):
    """The row alone, without states; `customers.leads.opening.open_lead` writes those too."""

    class Meta:
        model = Lead

    customer = factory.SubFactory(CustomerFactory)
    original_customer = factory.SelfAttribute("customer")
    title = factory.Sequence(lambda n: f"Lead {n:05}")
    opened_at = LONG_AGO
