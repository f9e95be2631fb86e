"""Many leads changed at once, each by its verb; one cell edited in its place; the history that says so."""

import pytest

from clm.accounts.models import AuditEntry, BulkChange
from customers.leads import pursuing
from customers.leads.history import history_of
from customers.leads.opening import open_lead
from customers.models import Lead
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def leads(owner) -> list[Lead]:
    return [
        open_lead(
            by=owner, customer=CustomerFactory(owner=owner), values={"title": title, "next_action": "Call"}
        )
        for title in ("Ten", "Twenty", "Thirty")
    ]


def do(client, action: str, leads: list[Lead], **values: object):
    body = {"pk": [one.pk for one in leads], "query": "tab=all"} | values
    return client.post(f"/bulk/leads/{action}/", body, follow=True)


def undo(client) -> None:
    client.post(f"/bulk/changes/{BulkChange.objects.latest('pk').pk}/undo/")


def now(leads: list[Lead], *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(Lead.objects.get(pk=one.pk), name) for name in names) for one in leads]


def test_each_is_changed_by_its_verb_and_put_back_unless_somebody_changed_it(sign_in, owner, teammate, leads):
    client = sign_in(owner)

    do(client, "assign", leads, owner=teammate.pk, team="")
    assert now(leads, "owner") == [(teammate,)] * 3
    undo(client)
    assert now(leads, "owner", "team") == [(owner, owner.team)] * 3

    do(client, "next", leads, next_action="Write", next_action_on="2026-12-24")
    pursuing.change(leads[2], by=owner, values={"value": 5})
    undo(client)
    assert now(leads, "next_action") == [("Call",), ("Call",), ("Write",)]

    do(client, "move", leads, status="qualified")
    assert now(leads, "status") == [("qualified",)] * 3
    undo(client)
    assert now(leads, "status", "qualified_at") == [("new", None)] * 3
    assert AuditEntry.objects.filter(action="lead.qualified").count() == 3


def test_a_move_that_is_taken_back_leaves_when_it_was_contacted_and_qualified(sign_in, owner, leads):
    client, names = sign_in(owner), ("status", "contacted_at", "qualified_at")
    pursuing.qualify(leads[0], by=owner)
    before = now(leads, *names)

    do(client, "move", leads, status="contacted")
    moved = now(leads, *names)
    undo(client)

    assert [status for status, _contacted, _qualified in moved] == ["contacted"] * 3
    assert now(leads, *names) == before


def test_the_lost_are_open_again_with_their_next_action_and_the_closed_refuse(sign_in, owner, leads):
    client = sign_in(owner)
    pursuing.lose(leads[0], by=owner, reason="Before")

    page = do(client, "lose", leads, lost_reason="Season is over")
    undo(client)

    assert (
        "The lead is lost. Open it again first." in page.content.decode()
        or BulkChange.objects.get().refused == 1
    )
    assert now(leads, "status", "lost_reason", "next_action") == [
        ("lost", "Before", ""), ("new", "", "Call"), ("new", "", "Call"),
    ]  # fmt: skip


def test_nothing_is_done_to_leads_of_others(sign_in, stranger, leads):
    do(sign_in(stranger), "lose", leads, lost_reason="Mine now")

    assert now(leads, "status") == [("new",)] * 3


def test_a_cell_is_edited_in_its_place(sign_in, owner, leads):
    client, lead = sign_in(owner), leads[0]
    address = f"/leads/{lead.pk}/cells/value/"
    read = client.get(address, headers=HTMX).context["form"]["expected"].value()

    wrong = client.post(address, {"value": "much", "currency": "EUR", "expected": read}, headers=HTMX)
    saved = client.post(address, {"value": "500", "currency": "EUR", "expected": read}, headers=HTMX)
    late = client.post(address, {"value": "900", "currency": "EUR", "expected": read}, headers=HTMX)
    again = client.post(
        address,
        {"value": "900", "currency": "EUR", "expected": late.context["form"]["expected"].value()},
        headers=HTMX,
    )

    assert [one.status_code for one in (wrong, saved, late, again)] == [422, 200, 409, 200]
    assert "€500.00" in saved.content.decode()
    assert "Now: €500.00" in late.content.decode()
    assert Lead.objects.get(pk=lead.pk).value == 900
    assert client.get(address).headers["Location"] == f"/leads/{lead.pk}/edit/"
    assert client.get(f"/leads/{lead.pk}/cells/status/", headers=HTMX).status_code == 404


def test_a_cell_of_another_is_not_there(sign_in, stranger, leads):
    address = f"/leads/{leads[0].pk}/cells/owner/"

    assert sign_in(stranger).get(address, headers=HTMX).status_code == 404
    assert sign_in(stranger).post(address, {"owner": stranger.pk}, headers=HTMX).status_code == 404


def test_the_history_tells_who_changed_what(owner, teammate, leads):
    lead = leads[0]
    pursuing.qualify(lead, by=teammate, note="Has a budget")
    pursuing.change(lead, by=owner, values={"owner": teammate, "value": 10})

    told = [(str(one.title), one.who, one.note, one.changes) for one in history_of(lead)]

    assert told == [
        ("Lead changed", "Olga", "", [("Owner", "Olga", "Tom"), ("Value", "–", "€10.00")]),
        ("Lead qualified", "Tom", "Has a budget", [("Step", "New", "Qualified")]),
        ("Lead opened", "Olga", "", [("Owner", "–", "Olga"), ("Next action", "–", "Call")]),
    ]
    assert [str(one.title) for one in history_of(lead, most=1)] == ["Lead changed"]
