"""Whoever keeps a copy asks for what changed since the last time, and for what an address or a name belongs to."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from clm.base import clock
from customers.merging.merge import merge
from customers.models import Company, Customer, Import, Lead, Segment, Task, Ticket
from customers.segments import keeping
from customers.tasks_doing import plan
from customers.tickets.opening import open_ticket
from tests.factories import CompanyFactory, CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db
Api = Callable[..., Client]
BEFORE = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)


def made(name: str, by: User) -> Any:
    customer = CustomerFactory()
    makers: dict[str, Callable[[], Any]] = {
        "customers": lambda: customer,
        "companies": CompanyFactory,
        "leads": lambda: LeadFactory(customer=customer),
        "tasks": lambda: plan(customer, by=by, values={"title": "Call"}),
        "tickets": lambda: open_ticket(customer, by=by, values={"subject": "Where is it?"}),
        "segments": lambda: keeping.create(by=by, name=f"Some {customer.pk}", kind="static"),
    }
    return makers[name]()


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("customers", Customer),
        ("companies", Company),
        ("leads", Lead),
        ("tasks", Task),
        ("tickets", Ticket),
        ("segments", Segment),
    ],
)
def test_what_changed_since_is_told_in_that_order(api: Api, marketer: User, name: str, model: Any) -> None:
    old, one, other = (made(name, marketer) for _number in range(3))
    model.objects.filter(pk=old.pk).update(changed_at=BEFORE)
    model.objects.filter(pk=other.pk).update(changed_at=clock.now())
    client, address = api(marketer), f"/api/v1/{name}/"

    def asked(**more: str) -> list[int]:
        told = client.get(address, {"ordering": "changed_at"} | more)
        assert told.status_code == 200, told.json()
        return [row["id"] for row in told.json()["results"]]

    assert asked() == [old.pk, one.pk, other.pk]
    assert asked(changed_since="2026-02-01T00:00:00Z") == [one.pk, other.pk]
    assert asked(changed_since=BEFORE.isoformat()) == [old.pk, one.pk, other.pk]
    assert client.get(address, {"changed_since": "yesterday"}).json()["errors"][0]["attr"] == "changed_since"


def test_small_lists_are_narrowed_too(api: Api, marketer: User, administrator: User, owner: User) -> None:
    client = api(marketer)
    gone, kept, other = CustomerFactory(), CustomerFactory(), CustomerFactory()
    done = merge(gone, kept, by=marketer)
    keeping.create(by=marketer, name="Old friends", kind="static")
    keeping.create(by=marketer, name="Buyers", kind="dynamic", conditions={"condition": "open_lead"})
    run = Import.objects.create(kind="orders", source="shop", file_name="orders.csv")
    Import.objects.create(kind="events", source="web", file_name="events.csv")

    def found(query: str, field: str = "id") -> list[Any]:
        told = client.get(f"/api/v1/{query}")
        assert told.status_code == 200, told.json()
        return [row[field] for row in told.json()["results"]]

    assert found(f"customer-merges/?customer={gone.pk}") == [done.pk]
    assert found(f"customer-merges/?customer={kept.pk}") == [done.pk]
    assert found(f"customer-merges/?customer={other.pk}") == found(f"duplicates/?customer={kept.pk}") == []
    assert found("segments/?q=friend", "slug") == found("segments/?kind=static", "slug") == ["old-friends"]
    assert found("segments/?slug=buyers", "name") == ["Buyers"]
    assert found("imports/?kind=orders") == found("imports/?source=shop&status=draft") == [run.pk]
    assert found("imports/?status=done") == []
    assert found("users/?role=rep") == found(f"users/?email={owner.email.upper()}") == [owner.pk]
    for query in ("segments/?kind=odd", "imports/?status=odd", "users/?role=odd", "duplicates/?customer=x"):
        assert client.get(f"/api/v1/{query}").status_code == 400
