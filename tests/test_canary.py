"""What belongs to another team shows nowhere: not in a page, list, search, export or answer of any route there is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.advancing import advance
from campaigns.enrolling import enroll
from campaigns.models import Message
from clm.accounts.models import AuditEntry, Job, Role, User
from clm.accounts.roles import change_role, changeable
from clm.base import clock
from customers.intake.taking import take_in
from customers.leads.opening import open_lead
from customers.models import Company, Customer
from customers.segments import filling, keeping
from customers.tickets.handling import answer
from customers.tickets.opening import open_ticket
from tests.campaigns.outreach import message_step, put, running
from tests.campaigns.surveyed import answered
from tests.lifecycle.shop import six_stages
from tests.test_permissions import ROUTES

WORD = "Zebrafish"
# Not there, no such method, not for the role; or somewhere else, for one who would be merged with themselves.
SAME = [(404, 404), (405, 405), (403, 403), (302, 302)]
# Parts of the word only: pages repeat what was searched for.
QUESTIONS = ["", "?q=zebr", "?customer={pk}"]
MORE_QUESTIONS = ["?q=ebra", "?format=csv", "?page_size=200"]
# Whatever the question: there is no such method, or the role may not.
REFUSED = (405, 403)


@pytest.fixture
def canary(stranger: User, marketer: User) -> Customer:
    """A customer of the stranger with everything a customer can have, each part named with the word."""
    who = {
        "customer": f"{WORD}-1",
        "email": f"{WORD.lower()}@example.com",
        "occurred_at": "2026-03-01T00:00:00Z",
    }
    take_in(
        "orders",
        [(0, who | {"key": f"{WORD}-o", "amount": "10", "currency": "EUR", "channel": "fair"})],
        source="shop",
    )
    take_in("events", [(0, who | {"name": "page.viewed", "properties": {"page": WORD}})], source="shop")
    customer = Customer.objects.get()
    company = Company.objects.create(name=f"{WORD} Ltd", domain=f"{WORD.lower()}.example")
    Customer.objects.update(
        name=f"Ada {WORD}", company=company, owner=stranger, team=stranger.team, fields={"pet": WORD}
    )
    open_lead(by=stranger, customer=customer, person={"name": WORD}, values={"title": f"{WORD} licences"})
    ticket = open_ticket(customer, by=stranger, values={"subject": f"{WORD} bites", "text": WORD})
    answer(ticket, by=stranger, note=f"Fed the {WORD}")
    Job.objects.create(kind="import", title=f"Import of {WORD}.csv", owner=marketer)
    AuditEntry.objects.record("customer.created", customer, by=marketer)
    written_to(customer, marketer)
    return customer


def written_to(customer: Customer, by: User) -> None:
    """Asked, answered, sent a message by a campaign, and in a segment that everybody sees."""
    six_stages()
    campaign = running(message_step())
    put(customer)
    enroll()
    advance()
    Message.objects.filter(campaign=campaign).update(words=f"550 no {WORD} here")
    doubtful = Message.objects.filter(campaign=campaign)
    doubtful.update(state="in_doubt", reason="no_answer", handed_at=clock.now())
    answered(customer, 3, at=clock.now(), text=f"{WORD} is slow")
    segment = keeping.create(by=by, name="Everybody's", kind="static")
    filling.add(segment, Customer.objects.all(), by=by)


@pytest.mark.parametrize(
    "questions", [QUESTIONS, pytest.param(MORE_QUESTIONS, marks=pytest.mark.nightly)], ids=["some", "more"]
)
def test_another_teams_customer_shows_nowhere(
    canary: Customer,
    teammate: User,
    administrator: User,
    sign_in: Callable[[User], Client],
    questions: list[str],
) -> None:
    change_role(Role.REP, changeable(Role.REP), by=administrator)  # all that can be given to reps
    client, seen = sign_in(teammate), []

    for route in ROUTES:
        for question in questions:
            path = route.path.replace("/1/", f"/{canary.pk}/") + question.format(pk=canary.pk)
            answer = client.get(path)
            if WORD.lower() in _said(answer):
                seen.append(path)
            if answer.status_code in REFUSED:
                break

    assert seen == []


def _said(answer: Any) -> str:
    whole = answer.getvalue() if answer.streaming else answer.content
    return whole.decode(errors="replace").lower()  # type: ignore[no-any-return]


def test_the_owner_of_the_canary_does_see_it(
    canary: Customer, stranger: User, sign_in: Callable[[User], Client]
) -> None:
    """Else the test above would prove nothing."""
    found = sign_in(stranger).get("/search/", {"q": WORD}).content.decode()

    assert f"Ada {WORD}" in found
    assert f"{WORD} Ltd" in found


def test_a_foreign_customer_answers_as_a_missing_one(
    canary: Customer, teammate: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(teammate)

    for route in ROUTES:
        if "/customers/1/" in route.path:
            foreign = client.get(route.path.replace("/1/", f"/{canary.pk}/"))
            missing = client.get(route.path.replace("/1/", "/987654321/"))
            assert (foreign.status_code, missing.status_code) in SAME, route
            if route.is_api:
                assert foreign.content == missing.content
