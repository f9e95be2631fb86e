"""Tickets: the way from opening to solving, the time of their targets, the history, merging, and whose they are."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clm.accounts.models import AuditEntry
from clm.base import clock
from clm.base.conditions import Asked, parse
from customers.intake.taking import take_in
from customers.merging.merge import merge as merge_customers
from customers.merging.merge import unmerge as unmerge_customers
from customers.models import Arrival, Customer, Ticket, TicketState
from customers.tickets import handling
from customers.tickets.opening import open_ticket
from customers.tickets.stepping import StaleTicket, TicketRefused
from customers.tickets.targets import BUILT_IN, Target, set_targets
from tests.customers.segmented import NOON, ZONE
from tests.factories import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team, company=CompanyFactory())


@pytest.fixture
def ticket(watch, owner, ada) -> Ticket:
    asked = {"subject": "  Where is\nmy parcel? ", "text": "Ordered\r\nlast week", "priority": "high"}
    return open_ticket(ada, by=owner, values=asked)


def steps(ticket: Ticket) -> list[tuple[str, str, str]]:
    rows = TicketState.objects.live().filter(ticket=ticket).order_by("occurred_at", "pk")
    return list(rows.values_list("step", "status", "note"))


def test_a_ticket_goes_from_opening_to_solved_and_back_while_its_time_stands_still(watch, owner, ada, ticket):
    Arrival.objects.all().delete()
    assert (ticket.subject, ticket.text) == ("Where is my parcel?", "Ordered\nlast week")
    assert (ticket.owner, ticket.team, ticket.company) == (owner, owner.team, ada.company)
    assert (ticket.answer_by, ticket.solve_by) == (NOON + 8 * HOUR, NOON + 48 * HOUR)
    assert ticket.due_at == ticket.answer_by

    watch(NOON + 9 * HOUR)
    assert list(Ticket.objects.overdue(clock.now())) == [ticket]
    ticket = handling.answer(ticket, by=owner, note="Tomorrow")
    assert (ticket.status, ticket.first_answered_at, ticket.due_at) == ("waiting", NOON + 9 * HOUR, None)
    watch(NOON + 60 * HOUR)
    assert not Ticket.objects.overdue(clock.now()).exists()
    ticket = handling.reopen(ticket, by=owner, note="Still nothing")
    assert (ticket.solve_by, ticket.due_at) == (NOON + 99 * HOUR, NOON + 99 * HOUR)
    ticket = handling.solve(ticket, by=owner, note="It came")
    assert (ticket.status, ticket.solved_at) == ("solved", NOON + 60 * HOUR)
    ticket = handling.close(ticket, by=owner)

    assert steps(ticket) == [
        ("opened", "open", ""),
        ("answered", "waiting", "Tomorrow"),
        ("reopened", "open", "Still nothing"),
        ("solved", "solved", "It came"),
        ("closed", "closed", ""),
    ]
    told = AuditEntry.objects.filter(action__startswith="ticket.").order_by("pk")
    assert [one.action for one in told] == [f"ticket.{step}" for step, _status, _note in steps(ticket)]
    assert Arrival.objects.filter(customer=ada).count() == 4


def test_a_step_that_is_not_possible_says_so_and_does_nothing(owner, ticket):
    with pytest.raises(TicketRefused, match="open already"):
        handling.reopen(ticket, by=owner)
    with pytest.raises(ValidationError, match="Write what was answered"):
        handling.answer(ticket, by=owner, note=" ")
    handling.solve(ticket, by=owner)
    for verb in (handling.solve, lambda *a, **k: handling.answer(*a, note="x", **k)):
        with pytest.raises(TicketRefused, match="Open it again first"):
            verb(ticket, by=owner)
    handling.close(ticket, by=owner)
    with pytest.raises(TicketRefused, match="closed already"):
        handling.close(ticket, by=owner)
    for wrong in ({"subject": " "}, {"subject": "a\x00b"}, {"colour": "red"}, {"type": "riddle"}):
        with pytest.raises(ValidationError):
            handling.change(ticket, by=owner, values=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="open")

    assert len(steps(ticket)) == 3


def test_changes_are_kept_and_a_stale_one_is_refused(owner, stranger, teammate, ticket):
    read_at = ticket.changed_at - HOUR
    with pytest.raises(StaleTicket):
        handling.change(ticket, by=owner, values={"type": "complaint"}, expected=read_at)
    with pytest.raises(ValidationError, match="does not see this customer"):
        handling.change(ticket, by=owner, values={"owner": stranger})

    changed = handling.change(ticket, by=owner, values={"type": "complaint", "priority": "urgent"})

    assert changed.answer_by == NOON + 2 * HOUR
    last = TicketState.objects.latest("pk")
    assert (last.step, last.type, last.priority, last.actor) == ("changed", "complaint", "urgent", owner)
    handling.change(ticket, by=owner, values={"subject": "Where?"})
    assert TicketState.objects.count() == 2  # a state does not say what it is called


def test_targets_hold_for_open_tickets_too(watch, administrator, owner, ada, ticket):
    with pytest.raises(ValidationError, match="later than the solution"):
        set_targets({"high": Target(5, 4)}, by=administrator)
    other = handling.solve(open_ticket(ada, by=owner, values={"subject": "Other"}), by=owner)

    set_targets({**BUILT_IN, "high": Target(1, None), "normal": Target(3, 3)}, by=administrator)

    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (ticket.answer_by, ticket.solve_by, ticket.due_at) == (NOON + HOUR, None, NOON + HOUR)
    assert other.solve_by == NOON + 120 * HOUR
    assert AuditEntry.objects.get(action="ticket_targets.changed").details["high"] == [1, None]


def test_the_same_sending_opens_one_and_a_merge_separates_again(owner, ada, ticket):
    again = [open_ticket(ada, by=owner, values={"subject": "Parcel"}, token="one") for _time in range(2)]
    assert again[0] == again[1]

    kept = handling.merge(again[0], ticket, by=owner)

    gone = Ticket.objects.get(pk=again[0].pk)
    assert (kept, gone.status, gone.merged_into) == (ticket, "closed", ticket)
    assert steps(ticket)[-1] == ("joined", "open", "Parcel")
    with pytest.raises(TicketRefused, match="merged already"):
        handling.merge(gone, ticket, by=owner)
    elsewhere = open_ticket(CustomerFactory(), by=None, values={"subject": "Mine"})
    with pytest.raises(ValidationError, match="another customer's"):
        handling.merge(ticket, elsewhere, by=owner)
    assert handling.reopen(gone, by=owner).merged_into is None


def test_who_sees_the_customer_sees_the_ticket_and_merging_customers_takes_it_along(
    owner, stranger, manager, ada, ticket
):
    assert not Ticket.objects.visible_to(stranger).exists()
    other = CustomerFactory(owner=stranger)

    made = merge_customers(ada, other, by=manager)
    ticket.refresh_from_db()
    assert ticket.customer == other
    assert list(Ticket.objects.visible_to(stranger)) == list(Ticket.objects.counted_for(stranger)) == [ticket]
    handling.answer(ticket, by=manager, note="Seen")
    unmerge_customers(made, by=manager)

    assert set(TicketState.objects.live().values_list("customer", flat=True)) == {ada.pk}
    assert set(Ticket.objects.values_list("customer", flat=True)) == {ada.pk}


ITEM = {"key": "T-1", "email": "ada@example.com", "subject": "Broken", "type": "complaint"}


def sent(marketer, **more) -> tuple[list[str], list[str]]:
    taken = take_in("tickets", [(0, ITEM | more)], source="desk", by=marketer, detailed=True)
    return [one.what for one in taken.outcomes], [problem.reason for problem in taken.problems]


def test_another_system_sends_its_tickets_as_often_as_it_likes(watch, marketer):
    past = {"opened_at": "2026-03-01T10:00:00Z", "first_answered_at": "2026-03-02T12:00:00Z"}
    past |= {"closed_at": "2026-03-03T10:00:00Z", "status": "solved", "person": "Ada Lovelace"}

    assert sent(marketer, **past) == (["added"], [])
    assert sent(marketer, **past) == (["unchanged"], [])
    ticket = Ticket.objects.get(source="desk", key="T-1")
    assert (ticket.status, ticket.solved_at.day, ticket.closed_at) == ("solved", 3, None)
    assert [(step, status) for step, status, _note in steps(ticket)] == [
        ("opened", "open"),
        ("answered", "open"),
        ("solved", "solved"),
    ]
    assert ticket.customer.name == "Ada Lovelace"
    assert ticket.customer.first_seen_at == ticket.opened_at
    assert sent(marketer, status="waiting", note="Sent again", priority="urgent") == (["amended"], [])
    assert sent(marketer, key="T-2", subject="") == ([], ["A new ticket needs a subject."])
    assert sent(marketer, status="lost")[1] != []

    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("waiting", "urgent")
    assert steps(ticket)[-1] == ("answered", "waiting", "Sent again")
    assert Ticket.objects.count() == Customer.objects.count() == 1


def test_a_condition_asks_what_was_so_then_and_says_why(watch, owner, ada, ticket):
    watch(NOON + 24 * HOUR)
    handling.solve(ticket, by=owner)
    asked = {"type": ["question"], "priority": ["high", "urgent"], "opened_within_days": 3}
    open_then = parse({"condition": "ticket", "parameters": {**asked, "status": ["open"]}})
    two = parse({"condition": "ticket", "parameters": {"at_least": 2}})

    def whom(node, at):
        return list(Customer.objects.filter(node.to_q(Asked(ZONE.key, at))))

    assert whom(open_then, NOON + HOUR) == [ada]
    assert whom(open_then, NOON + 25 * HOUR) == whom(two, NOON + 25 * HOUR) == []
    assert open_then.sentence() == (
        "has a ticket, type question, priority high or urgent, status open, opened in the last 3 days"
    )
    assert two.sentence() == "has at least 2 tickets"
    evidence = two.condition.evidence(ada, Asked(ZONE.key, NOON + 25 * HOUR), holds=False)
    assert (evidence.have, evidence.missing) == ("1 such ticket", "1 more ticket")
    assert [row.url for row in evidence.rows] == [f"/tickets/{ticket.pk}/"]
