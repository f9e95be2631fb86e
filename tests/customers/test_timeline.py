"""One timeline over everything: every entry once, and few questions however many kinds of entry there are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.base import timeline
from customers import interactions, profiles, tasks_doing
from customers.leads.opening import open_lead
from customers.models import Company, Customer, Task
from tests.customers.imports import HEADER, imported, undone
from tests.factories import (
    LONG_AGO,
    ConsentFactory,
    CustomerFactory,
    EventFactory,
    OrderFactory,
    RefundFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(owner) -> Customer:
    """Of every kind some, one after the other, and all of them at one instant, too."""
    customer = CustomerFactory(name="Ada Lovelace", owner=owner)
    for number in range(4):
        at = (
            [LONG_AGO + timedelta(hours=number * 10 + step) for step in range(8)]
            if number
            else [LONG_AGO] * 8
        )
        order = OrderFactory(customer=customer, occurred_at=at[0])
        RefundFactory(to=order, occurred_at=at[1])
        EventFactory(customer=customer, occurred_at=at[2])
        TouchFactory(customer=customer, occurred_at=at[3])
        ConsentFactory(customer=customer, occurred_at=at[4])
        for step, kind in ((5, "note"), (6, "call"), (7, "meeting")):
            values = {"text": "Said", "occurred_at": at[step]}
            interactions.record(customer, kind, by=owner, values=values)
        profiles.change(customer, by=owner, values={"country": ("DK", "SE")[number % 2]})
        open_lead(by=owner, customer=customer, values={})
        task = tasks_doing.plan(customer, by=owner, values={"title": "Call"})
        Task.objects.filter(pk=task.pk).update(
            planned_at=at[5] + timedelta(minutes=5), done_at=at[6] + timedelta(minutes=5)
        )
    return customer


@pytest.mark.parametrize("most", [1, 3, 10, 30])
def test_every_entry_comes_once_in_order(ada, most):
    shown, before = [], None

    while True:
        stretch = timeline.read("customer", ada, before=before, most=most)
        shown += stretch.entries
        before = stretch.next
        if before is None:
            break

    every = [
        entry.key
        for key, source in timeline.sources("customer").items()
        if not source.part_of
        for entry in timeline.read("customer", ada, only=key, most=1000).entries
    ]
    assert len(shown) == len(every) >= 4 * 11
    assert sorted(entry.key for entry in shown) == sorted(every)
    assert [entry.at for entry in shown] == sorted((entry.at for entry in shown), reverse=True)


def test_a_stretch_asks_at_most_twelve_questions_whatever_happened(sign_in, owner, ada):
    client, before = sign_in(owner), ""
    client.get(f"/customers/{ada.pk}/timeline/")

    while True:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(
                f"/customers/{ada.pk}/timeline/", {"before": before}, headers={"HX-Request": "true"}
            )
        assert len(asked) <= 12, before
        before = page.context["next_before"]
        if not before or before <= (LONG_AGO + timedelta(hours=9)).isoformat():  # then all of one instant
            break


def test_a_kind_alone(ada):
    read = {
        kind: len(timeline.read("customer", ada, only=kind).entries)
        for kind in ("notes", "calls", "meetings", "interactions", "tasks")
    }

    assert read == {"notes": 4, "calls": 4, "meetings": 4, "interactions": 12, "tasks": 8}


def test_who_came_with_a_file_is_told_once_for_each_file_that_something_stays_of(sign_in, marketer):
    people = imported("id,name,company\nC-1,Ada,Engines\n", "customers")
    orders = imported(HEADER + "A1,C-1,2026-01-05,10,EUR\nA2,C-1,2026-01-06,11,EUR\n")
    firms = imported("company_id,name,domain\nF-1,Engines,engines.example\n", "companies")
    ada, engines = Customer.objects.get(), Company.objects.get()

    told = timeline.read("customer", ada, only="imports").entries
    page = sign_in(marketer).get(f"/companies/{engines.pk}/timeline/").content.decode()

    assert [(one.key, one.title, one.detail) for one in told] == [
        (f"import-{orders.pk}-orders", "Came with the file “file.csv”", "Orders · shop"),
        (f"import-{people.pk}-customers", "Came with the file “file.csv”", "Customers · shop"),
    ]
    assert "Companies · shop" in page
    undone(orders)
    undone(firms)
    assert [one.key for one in timeline.read("customer", ada, only="imports").entries] == [
        f"import-{people.pk}-customers"
    ]
    assert timeline.read("customer", ada, only="imports", before=LONG_AGO).entries == []
