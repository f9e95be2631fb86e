"""Many tickets changed at once, each by its verb, and given back; views of the list; the search that finds them."""

import pytest

from clm.accounts.models import BulkChange, SavedView
from customers.models import Ticket, TicketState
from customers.tickets import handling
from customers.tickets.opening import open_ticket
from tests.api.conftest import api
from tests.factories import CustomerFactory

__all__ = ["api"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets(owner) -> list[Ticket]:
    return [
        open_ticket(CustomerFactory(name=f"Ada {subject}", owner=owner, team=owner.team), by=owner, values={"subject": subject})
        for subject in ("Parcel", "Invoice", "Grinder")
    ]  # fmt: skip


def do(client, action: str, tickets: list[Ticket], **values: object):
    body = {"pk": [one.pk for one in tickets], "query": "tab=all"} | values
    return client.post(f"/bulk/tickets/{action}/", body, follow=True)


def undo(client) -> None:
    client.post(f"/bulk/changes/{BulkChange.objects.latest('pk').pk}/undo/")


def now(tickets: list[Ticket], *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(Ticket.objects.get(pk=one.pk), name) for name in names) for one in tickets]


def test_each_is_changed_by_its_verb_and_put_back_unless_somebody_changed_it(
    sign_in, owner, teammate, stranger, tickets
):
    client = sign_in(owner)

    do(client, "assign", tickets, owner=teammate.pk, team="")
    assert now(tickets, "owner", "team") == [(teammate, owner.team)] * 3
    undo(client)
    assert now(tickets, "owner", "team") == [(owner, owner.team)] * 3

    do(client, "priority", tickets, priority="urgent")
    assert now(tickets, "priority") == [("urgent",)] * 3
    handling.change(tickets[2], by=owner, values={"subject": "Grinder, broken"})
    undo(client)
    assert now(tickets, "priority") == [("normal",), ("normal",), ("urgent",)]

    do(client, "assign", tickets, owner=stranger.pk, team="")  # who sees none of the customers
    assert BulkChange.objects.latest("pk").refused == 3
    assert now(tickets, "owner") == [(owner,)] * 3


def test_what_is_settled_by_mistake_is_as_it_was(sign_in, owner, tickets):
    client, names = sign_in(owner), ("status", "first_answered_at", "solved_at", "closed_at", "merged_into")
    parcel, invoice, grinder = tickets
    handling.answer(invoice, by=owner, note="Soon")
    handling.close(grinder, by=owner)
    before = now(tickets, *names)

    do(client, "status", tickets, status="solved", note="A strike")

    change = BulkChange.objects.get()
    assert (change.changed, change.refused) == (2, 1)
    assert change.rows.refused().get().refusal == "The ticket is closed. Open it again first."
    assert [status for status, *_rest in now(tickets, *names)] == ["solved", "solved", "closed"]
    assert TicketState.objects.filter(step="solved", note="A strike").count() == 2
    undo(client)
    assert now(tickets, *names) == before
    assert Ticket.objects.get(pk=parcel.pk).due_at is not None

    second = open_ticket(grinder.customer, by=owner, values={"subject": "Again"})
    handling.reopen(grinder, by=owner)
    handling.merge(second, grinder, by=owner)
    do(client, "status", [second], status="open", note="")
    assert now([second], "status", "merged_into") == [("open", None)]
    undo(client)
    assert now([second], "status", "merged_into") == [("closed", grinder)]


def test_programs_change_many_and_nobody_changes_those_of_others(api, sign_in, owner, stranger, tickets):
    asked = {
        "list": "tickets",
        "action": "priority",
        "filter": "tab=all&q=Parcel",
        "values": {"priority": "low"},
    }

    made = api(owner).post("/api/v1/bulk-changes/", asked)
    wrong = api(owner).post("/api/v1/bulk-changes/", asked | {"values": {"priority": "loud"}})
    do(sign_in(stranger), "priority", tickets, priority="urgent")

    assert (made.status_code, made.json()["changed"], wrong.status_code) == (201, 1, 400)
    assert now(tickets, "priority") == [("low",), ("normal",), ("normal",)]


def test_the_list_has_views_and_a_bar_and_begins_with_the_view_that_one_chose(sign_in, owner, tickets):
    client = sign_in(owner)
    client.post("/views/tickets/", {"name": "Urgent ones", "query": "tab=all&priority=urgent"})
    view = SavedView.objects.get()

    client.post(f"/views/{view.pk}/default/")
    begun = client.get("/tickets/")
    page = client.get("/tickets/?tab=all")

    assert begun.headers["Location"] == f"/tickets/?priority=urgent&tab=all&view={view.pk}"
    assert [str(action.label) for action in page.context["bulk"].actions] == ["Assign", "Priority", "Status"]
    assert page.content.decode().count('name="pk"') == 3


def test_a_ticket_is_found_by_its_subject_and_by_the_key_of_another_system(sign_in, owner, stranger, tickets):
    Ticket.objects.filter(pk=tickets[1].pk).update(source="desk", key="ZD-4711")
    own_key = Ticket.objects.get(pk=tickets[0].pk).key

    def found(user, text):
        groups = sign_in(user).get("/search/", {"q": text}).context["groups"]
        return [
            (hit.kind, str(hit.label), hit.note)
            for group in groups
            for hit in group.hits
            if hit.kind == "ticket"
        ]

    assert found(owner, "parc") == [("ticket", "Parcel", "Ada Parcel")]
    assert found(owner, "zd-47") == [("ticket", "Invoice", "Ada Invoice")]
    assert found(owner, "grinnder") == [("ticket", "Grinder", "Ada Grinder")]
    assert found(owner, own_key[:8]) == []
    assert found(stranger, "parcel") == found(stranger, "ZD-4711") == []
