"""Profiles, signals and customers for the tests of scoring."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Arrival, Customer, IdealProfile, ProfileChange, Scoring
from customers.scoring import keeping
from tests.factories import CustomerFactory, EventFactory

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def weighs(weight: int, field: str = "country", value: str = "DK", operator: str = "is") -> dict[str, Any]:
    parameters = {"field": field, "operator": operator, "value": value}
    return {"weight": weight, "conditions": {"condition": "field", "parameters": parameters}}


def bought(weight: int, at_least: int = 1) -> dict[str, Any]:
    return {"weight": weight, "conditions": {"condition": "orders", "parameters": {"at_least": at_least}}}


def profile(*tests: dict[str, Any], name: str = "Danes", **more: Any) -> IdealProfile:
    return keeping.create_profile(by=None, name=name, tests=list(tests) or [weighs(10)], **more)


def signals(*given: dict[str, Any], **more: Any) -> Scoring:
    return keeping.change_scoring(by=None, values={"signals": list(given), **more})


def viewed(points: int = 10, most: int = 10, **more: Any) -> dict[str, Any]:
    return {"event": "page.viewed", "points": points, "most": most, **more}


def from_country(country: str, **more: Any) -> Customer:
    customer = CustomerFactory(country=country, **more)
    ProfileChange.objects.create(
        customer=customer,
        original_customer=customer,
        field="country",
        value=country,
        occurred_at=BEGINNING,
    )
    return customer


def did(customer: Customer, *, days_ago: int = 0, **more: Any) -> None:
    at = clock.now() - timedelta(days=days_ago)
    EventFactory(customer=customer, occurred_at=at, **more)
    Arrival.objects.note([customer.pk], since=at)
