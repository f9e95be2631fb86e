"""Runs of components over the API, by both clocks, of customers whom the caller sees."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.models import Customer
from lifecycle.presets import install
from tests.api.conftest import api
from tests.lifecycle.shop import buyer
from tests.lifecycle.test_beside import happened, panel_of

__all__ = ["api"]
pytestmark = pytest.mark.django_db
RUNS = "/api/v1/component-periods/"


@pytest.fixture
def customer(owner: User) -> Customer:
    """Bought 100 days ago; asked for help 60 days ago and wrote a review 10 days ago. Another asked for help too."""
    install("danish-twelve", by=None)
    customer = buyer(100, owner=owner)
    happened(customer, ticket_opened=60, review_posted=10)
    happened(buyer(50, name="Bo Dal"), ticket_opened=5)
    return customer


def runs(client: Client, **asked: Any) -> list[tuple[str, bool]]:
    """The component, and whether it is under way; the oldest first."""
    answer = client.get(RUNS, {"ordering": "started_at", **asked})
    assert answer.status_code == 200, answer.json()
    return [(one["component"], one["ended_at"] is None) for one in answer.json()["results"]]


def test_the_runs_of_a_customer_are_told_with_their_model(api: Any, marketer: User, customer: Customer):
    client: Client = api(marketer)

    told = client.get(RUNS, {"customer": customer.pk, "component": "support"}).json()["results"]

    assert runs(client, customer=customer.pk) == [("support", False), ("feedback", True)]
    assert len(runs(client, model="danish-twelve")) == 3
    assert runs(client, model="none") == []
    (support,) = told
    assert (support["customer"], support["model"]) == (customer.pk, "danish-twelve")
    assert support["started_at"] < support["ended_at"] < support["recorded_at"]
    assert support["superseded_at"] is None


def test_as_of_an_instant_only_what_was_under_way(api: Any, marketer: User, customer: Customer):
    client: Client = api(marketer)
    then = (clock.now() - timedelta(days=55)).isoformat()

    assert runs(client, customer=customer.pk, as_of=then) == [("support", False)]
    assert runs(client, customer=customer.pk, as_of=clock.now().isoformat()) == [("feedback", True)]


def test_what_came_later_was_not_known_then(api: Any, marketer: User, customer: Customer):
    client: Client = api(marketer)
    asked, known_at = {"customer": customer.pk, "component": "support"}, clock.now()
    happened(customer, ticket_opened=55)

    (before,) = client.get(RUNS, asked | {"known_at": known_at.isoformat()}).json()["results"]
    (now,) = client.get(RUNS, asked).json()["results"]

    assert before["started_at"] == now["started_at"]
    assert before["ended_at"] < now["ended_at"]
    assert before["superseded_at"] is None
    shown = panel_of(customer, known_at=known_at).beside[0]
    assert shown.last.pk == before["id"]


def test_a_rep_sees_runs_of_their_own_customers(api: Any, owner: User, stranger: User, customer: Customer):
    assert runs(api(owner)) == [("support", False), ("feedback", True)]
    assert runs(api(stranger)) == []
