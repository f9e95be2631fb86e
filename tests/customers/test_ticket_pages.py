"""The pages of tickets without a browser: what they let through, how much they ask, what they refuse."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, Ticket, TicketTarget
from customers.tickets import handling
from customers.tickets.opening import open_ticket
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)


@pytest.fixture
def ticket(owner, ada) -> Ticket:
    return open_ticket(ada, by=owner, values={"subject": "Where is my parcel?", "priority": "urgent"})


def asked(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 200, address
    return len(queries)


def test_every_page_asks_no_more_for_many_tickets_than_for_few(sign_in, owner, ada, ticket):
    client = sign_in(owner)
    pages = [*(f"/tickets/?tab={tab}" for tab in ("mine", "overdue", "nobodys", "open", "all")),
             "/tickets/filters/", f"/tickets/{ticket.pk}/", f"/customers/{ada.pk}/tickets/",
             f"/customers/{ada.pk}/", f"/customers/{ada.pk}/timeline/?only=tickets"]  # fmt: skip
    few = {page: asked(client, page) for page in pages}
    rows = [Ticket(customer=ada, original_customer=ada, owner=owner, subject=f"No. {number}", source="t",
                   key=str(number), answer_by="2020-01-01T00:00Z", opened_at="2020-01-01T00:00Z")
            for number in range(110)]  # fmt: skip
    Ticket.objects.bulk_create(rows)

    many = {page: asked(client, page) for page in pages}

    assert all(many[page] <= MOST_QUERIES and many[page] <= few[page] + 1 for page in pages), (few, many)
    for sort in ("due", "-opened", "changed"):
        after, seen = "", []
        for _page in range(3):
            listing = client.get("/tickets/", {"tab": "all", "sort": sort, "after": after}).context["listing"]
            seen += [row.pk for row in listing.page.rows]
            after = listing.page.next
        assert (after, sorted(seen)) == ("", sorted(Ticket.objects.values_list("pk", flat=True)))
    found = client.get("/tickets/?tab=all&q=no.+10&priority=normal&overdue=yes&opened_to=2020-01-02").context
    assert {row.subject for row in found["listing"].page.rows} == {
        "No. 10",
        *(f"No. 10{n}" for n in range(10)),
    }
    assert client.get("/tickets/?tab=all&priority=loud").context["listing"].page.rows == []


def test_a_ticket_is_opened_answered_and_settled_by_its_pages(sign_in, owner, ada):
    client = sign_in(owner)
    typed = {"subject": "Broken cup", "text": "In two", "type": "complaint", "priority": "high"}
    address = f"/customers/{ada.pk}/tickets/new/"
    assert client.get(address).context["form"].initial["owner"] == owner.pk
    assert client.post(address, typed | {"subject": " "}).status_code == 422

    for _time in range(2):
        client.post(address, typed | {"owner": owner.pk, "token": "0e5b5c3e-7f9b-4b6e-9d0a-0f6f3a2b1c4d"})

    ticket = Ticket.objects.get()
    home = f"/tickets/{ticket.pk}/"
    assert client.post(f"{home}answer/", {"note": "", "then": "open"}).status_code == 422
    client.post(f"{home}answer/", {"note": "Sent another", "then": "waiting"})
    client.post(f"{home}reopening/", {"note": "Broken as well"})
    client.post(f"{home}answer/", {"note": "Money back", "then": "solved"})
    assert client.post(f"{home}answer/", {"note": "And more", "then": "open"}).status_code == 409
    assert client.post(f"{home}solution/", {}).status_code == 409
    client.post(f"{home}closing/", {"note": "Done"})
    page = client.get(home).content.decode()

    for said in ("Sent another", "Broken as well", "Money back", "Done", "In two", "Ticket opened again"):
        assert said in page
    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at is None) == ("closed", False)
    assert "Money back" in client.get(f"/customers/{ada.pk}/timeline/?only=tickets").content.decode()


def test_an_edit_that_comes_too_late_shows_both_and_a_merge_leads_on(sign_in, owner, ada, ticket):
    client = sign_in(owner)
    read = client.get(f"/tickets/{ticket.pk}/edit/").context["form"].initial
    handling.change(ticket, by=owner, values={"priority": "low"})
    typed = {name: value or "" for name, value in read.items()} | {"subject": "Parcel"}

    stale = client.post(f"/tickets/{ticket.pk}/edit/", typed)
    assert stale.status_code == 409
    assert ("Priority", "Low", "Urgent") in stale.context["conflicts"]
    again = typed | {"expected": stale.context["form"].data["expected"], "priority": "normal"}
    assert client.post(f"/tickets/{ticket.pk}/edit/", again).status_code == 302

    other = open_ticket(ada, by=owner, values={"subject": "Parcel, again"})
    answer = client.post(f"/tickets/{other.pk}/merging/", {"into": ticket.pk})
    assert answer.headers["Location"] == f"/tickets/{ticket.pk}/"
    assert f'href="/tickets/{ticket.pk}/">Parcel' in client.get(f"/tickets/{other.pk}/").content.decode()
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.priority) == ("Parcel", "normal")


def test_targets_are_set_and_a_wrong_one_is_told_beside_its_field(sign_in, administrator):
    client = sign_in(administrator)
    shown = client.get("/tickets/settings/").context["form"]
    assert shown["urgent-answer"].value() == 2

    wrong = client.post("/tickets/settings/", {"high-answer": "5", "high-solve": "4"})
    assert wrong.status_code == 422
    assert "high-answer" in wrong.context["form"].errors
    assert not TicketTarget.objects.exists()
    assert client.post("/tickets/settings/", {"high-answer": "5"}).status_code == 302

    kept = TicketTarget.objects.get(priority="high")
    assert (kept.answer_within_hours, kept.solve_within_hours) == (5, None)


def test_the_search_of_a_rep_counts_only_customers_of_tickets_they_see(
    sign_in, owner, marketer, ada, ticket, monkeypatch
):
    monkeypatch.setattr("customers.searching.MOST_FOUND", 2)
    for other in CustomerFactory.create_batch(4, name="Ada Adasdotter"):
        open_ticket(other, by=marketer, values={"subject": "Another"})
    Customer.objects.filter(pk=ada.pk).update(name="Ada Adasdotter")

    client = sign_in(owner)

    assert client.get("/tickets/?tab=all&q=adasdotter").context["listing"].page.rows == [ticket]
    assert [row["id"] for row in client.get("/api/v1/tickets/?q=adasdotter").json()["results"]] == [ticket.pk]
