"""The board: every lead in the column of its step, counted and summed, moved forwards and back."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry
from clm.base import clock
from customers.leads import pursuing
from customers.leads.moving import move
from customers.leads.opening import open_lead
from customers.leads.pipelines import Pipelines, built_in
from customers.leads.stepping import LeadRefused, StaleLead
from customers.models import Lead, LeadPipeline, LeadState, LeadStep, PipelineStep
from tests.factories import CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lead(owner) -> Lead:
    return open_lead(
        by=owner, customer=CustomerFactory(name="Ada", owner=owner), values={"title": "Ten", "value": 100}
    )


@pytest.fixture
def southern(south) -> LeadPipeline:
    """Two steps for contacted leads."""
    pipeline = LeadPipeline.objects.create(team=south)
    steps = [("", "new"), ("Called", "contacted"), ("Met", "contacted"), ("", "qualified"), ("", "proposal"),
             ("Signed", "won"), ("", "lost")]  # fmt: skip
    for position, (name, status) in enumerate(steps):
        PipelineStep.objects.create(pipeline=pipeline, name=name, status=status, position=position)
    return Pipelines.read().of(south.pk)


def to(status: str) -> PipelineStep:
    return next(step for step in built_in().steps if step.status == status)


def board(client, **query):
    return client.get("/leads/board/", query).context["board"]


def test_columns_count_and_sum_what_is_in_them(sign_in, owner, lead):
    LeadFactory.create_batch(25, owner=owner, value=10, currency="EUR", rate=1, status="contacted")
    long_ago = clock.now() - timedelta(days=40)
    LeadFactory(owner=owner, status="lost", lost_reason="Dear", closed_at=long_ago)
    LeadFactory(owner=owner, status="lost", lost_reason="Dear", closed_at=clock.now())

    shown = board(sign_in(owner))

    numbers = {one.step.key: (one.number, one.total, len(one.cards)) for one in shown.columns}
    assert numbers == {
        "new": (1, 100, 1), "contacted": (25, 250, 20), "qualified": (0, 0, 0), "proposal": (0, 0, 0),
        "won": (0, 0, 0), "lost": (1, 0, 1),
    }  # fmt: skip
    assert shown.in_play == (26, 350, 0)
    more = sign_in(owner).get("/leads/board/", {"step": "contacted", "after": shown.columns[1].after})
    assert len(more.context["board"].columns[0].cards) == 5


def test_more_cards_are_those_that_were_not_shown_in_the_order_of_the_next_action(sign_in, owner):
    for number in range(45):
        LeadFactory(owner=owner, next_action_on=f"2026-01-{1 + number % 28:02}" if number % 3 else None)
    client, after, seen = sign_in(owner), "", []

    for _page in range(3):
        query = {"step": "new", "after": after} if after else {}
        column = board(client, **query).columns[0]
        seen += column.cards
        after = column.after

    assert after == ""
    ordered = sorted(seen, key=lambda one: (one.next_action_on is None, one.next_action_on or 0, one.pk))
    assert [one.pk for one in seen] == [one.pk for one in ordered]
    assert len({one.pk for one in seen}) == 45


def test_the_board_asks_no_more_for_many_leads(sign_in, owner, southern):
    client = sign_in(owner)
    LeadFactory.create_batch(2, owner=owner)
    board(client)
    with CaptureQueriesContext(connection) as few:
        board(client)
    LeadFactory.create_batch(50, owner=owner, status="qualified")

    with CaptureQueriesContext(connection) as many:
        board(client)

    assert len(many) <= len(few) <= 12


def test_each_team_has_its_own_columns(sign_in, owner, stranger, southern):
    LeadFactory(owner=stranger, team=stranger.team, status="contacted", place=southern.steps[2])
    LeadFactory(owner=stranger, team=stranger.team, status="contacted", place=None)
    LeadFactory(owner=owner, team=owner.team, status="contacted")

    south, north = board(sign_in(stranger)), board(sign_in(owner))

    assert [(str(one.step), one.number) for one in south.columns] == [
        ("New", 0), ("Called", 1), ("Met", 1), ("Qualified", 0), ("Proposal", 0), ("Signed", 0), ("Lost", 0),
    ]  # fmt: skip
    assert [(str(one.step), one.number) for one in north.columns][:3] == [
        ("New", 0), ("Contacted", 1), ("Qualified", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "step"), [("contacted", "contacted"), ("qualified", "qualified"), ("proposal", "proposed")]
)
def test_forwards_is_the_step_it_stands_for(owner, lead, status, step):
    moved = move(lead, to(status), by=owner)

    assert moved.status == status
    assert (moved.contacted_at is None, moved.qualified_at is None) == (
        status != "contacted",
        status == "contacted",
    )
    assert LeadState.objects.filter(lead=lead).latest("pk").step == step
    assert AuditEntry.objects.latest("pk").action == f"lead.{step}"


def test_back_is_a_move_and_takes_back_what_it_had_become(owner, lead):
    pursuing.qualify(lead, by=owner)

    moved = move(lead, to("new"), by=owner)

    assert (moved.status, moved.qualified_at) == ("new", None)
    assert LeadState.objects.filter(lead=lead).latest("pk").step == LeadStep.MOVED


def test_a_lost_lead_is_open_where_it_was_put(owner, lead):
    pursuing.lose(lead, by=owner, reason="Dear")

    moved = move(lead, to("qualified"), by=owner)

    assert (moved.status, moved.lost_reason, moved.closed_at) == ("qualified", "", None)
    assert LeadState.objects.filter(lead=lead).latest("pk").step == LeadStep.REOPENED


def test_what_was_changed_meanwhile_and_what_asks_for_more_stays(owner, lead):
    read = lead.changed_at
    pursuing.change(lead, by=owner, values={"title": "Eleven"})

    with pytest.raises(StaleLead):
        move(lead, to("contacted"), by=owner, expected=read)
    for status in ("won", "lost"):
        with pytest.raises(LeadRefused):
            move(lead, to(status), by=owner)

    assert Lead.objects.get().status == "new"
    assert LeadState.objects.count() == 1


def test_moving_by_the_page_answers_with_the_card_or_with_what_is_asked(sign_in, owner, lead):
    client, address = sign_in(owner), f"/leads/{lead.pk}/move/?tab=mine"

    where = client.get(address)
    moved = client.post(address, {"to": "contacted", "version": lead.changed_at.isoformat()}, headers=HTMX)
    late = client.post(address, {"to": "qualified", "version": lead.changed_at.isoformat()}, headers=HTMX)
    why = client.post(address, {"to": "lost"}, headers=HTMX)
    whose = client.post(address, {"to": "won"}, headers=HTMX)
    lost = client.post(address, {"to": "lost", "lost_reason": "Too dear"})

    assert [step.key for step in where.context["choices"]] == [
        "contacted",
        "qualified",
        "proposal",
        "won",
        "lost",
    ]
    assert (moved.status_code, late.status_code) == (200, 409)
    assert 'data-step="contacted"' in moved.content.decode()
    assert "Somebody changed this lead" in late.headers["HX-Trigger"]
    assert (why.status_code, whose.status_code) == (422, 422)
    assert "lost_reason" in why.content.decode()
    assert 'name="into"' in whose.content.decode()
    assert lost.headers["Location"] == "/leads/board/?tab=mine"
    taken = json.loads(moved.headers["HX-Trigger"])["toast"]["action"]["detail"]
    assert client.post(taken["url"], {"undo": taken["undo"]}, headers=HTMX).status_code == 409  # lost since
    assert client.post(address, {"undo": "made up"}, headers=HTMX).status_code == 409
    assert Lead.objects.get().lost_reason == "Too dear"


def test_a_move_and_a_loss_are_taken_back_from_the_toast_with_what_was_planned(sign_in, owner, lead):
    client, address = sign_in(owner), f"/leads/{lead.pk}/move/"
    pursuing.change(lead, by=owner, values={"next_action": "Call", "next_action_on": date(2026, 12, 1)})
    before = Lead.objects.values().get()

    for wanted in ({"to": "qualified"}, {"to": "lost", "lost_reason": "Too dear"}):
        moved = client.post(address, wanted, headers=HTMX)
        detail = json.loads(moved.headers["HX-Trigger"])["toast"]["action"]["detail"]
        back = client.post(detail["url"], {"undo": detail["undo"]}, headers=HTMX)
        again = client.post(detail["url"], {"undo": detail["undo"]}, headers=HTMX)

        assert (back.status_code, again.status_code) == (200, 409)
        assert Lead.objects.values().get() | {"changed_at": None} == before | {"changed_at": None}
    assert "action" not in json.loads(back.headers["HX-Trigger"])["toast"]


def test_the_board_shows_and_moves_nothing_of_others(sign_in, stranger, lead):
    client = sign_in(stranger)

    assert "Ada" not in client.get("/leads/board/?tab=all").content.decode()
    assert client.post(f"/leads/{lead.pk}/move/", {"to": "contacted"}).status_code == 404
    assert Lead.objects.get().status == "new"


def test_values_without_a_rate_are_left_out_and_counted(sign_in, owner, lead):
    LeadFactory(owner=owner, team=owner.team, value=10, currency="EUR", rate=1)
    LeadFactory(owner=owner, team=owner.team, value=10, currency="NOK")

    page = sign_in(owner).get("/leads/board/")

    column = page.context["board"].columns[0]
    assert (column.total, column.unconverted) == (110, 1)
    assert page.content.decode().count("without 1 whose rate is not known") == 2
