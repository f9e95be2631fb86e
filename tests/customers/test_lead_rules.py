"""Who gets a new lead, and what a team expects of itself: a first contact in time, a next action."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers import profiles
from customers.leads import pursuing
from customers.leads.assigning import _next
from customers.leads.opening import open_lead
from customers.leads.opening_many import PastLead, open_many
from customers.leads.pipeline_editing import Expectations, save_pipeline
from customers.leads.pipeline_forms import StepRows
from customers.leads.pipelines import built_in
from customers.leads.rule_editing import put_first, save_rule
from customers.models import Channel, Lead, LeadAssignmentRule, LeadState, LeadStep
from tests.factories import CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db

API = "/api/v1/lead-rules/"


@pytest.fixture
def rule(administrator, owner, teammate, north) -> LeadAssignmentRule:
    """Of Olga and Tom in turn."""
    return save_rule(
        LeadAssignmentRule(), {"name": "North", "team": north, "way": "round_robin"}, by=administrator
    )


def opened(by: User | None = None, **values: object) -> Lead:
    return open_lead(by=by, customer=CustomerFactory(country="DK"), values=values)


def test_leads_go_round_and_say_by_which_rule(rule, manager, owner, teammate):
    leads = [opened(manager) for _number in range(3)]

    assert [lead.owner for lead in leads] == [owner, teammate, owner]
    assert {lead.team for lead in leads} == {owner.team}
    entry = AuditEntry.objects.filter(action="lead.assigned").earliest("pk")
    assert entry.details == {"owner": owner.pk, "rule": rule.pk, "rule_name": "North"}


def test_a_change_of_a_rule_leaves_whose_turn_it_is(rule, manager, administrator, owner, teammate):
    read_before = LeadAssignmentRule.objects.get(pk=rule.pk)
    assert opened(manager).owner == owner

    save_rule(read_before, {"name": "The north"}, by=administrator)

    assert opened(manager).owner == teammate


def test_a_rule_that_is_switched_off_meanwhile_gives_nothing(rule, administrator):
    save_rule(rule, {"is_active": False}, by=administrator)
    rule.is_active = True  # as it was read a moment before

    assert _next(rule) is None
    rule.delete()
    rule.pk = 1
    assert _next(rule) is None


def test_a_manager_who_empties_the_owner_leaves_it_to_the_rules(rule, sign_in, manager, owner, north, south):
    manager.team = south
    manager.save()
    client, customer = sign_in(manager), CustomerFactory()

    client.post(f"/leads/new/?customer={customer.pk}", {"title": "Ten", "owner": "", "team": south.pk})

    lead = Lead.objects.get(title="Ten")
    assert (lead.owner, lead.team) == (owner, north)


def test_whoever_has_the_fewest_gets_the_next(rule, administrator, owner, teammate):
    save_rule(rule, {"way": "least_open"}, by=administrator)
    LeadFactory.create_batch(2, owner=owner)
    LeadFactory(owner=teammate, status="lost", lost_reason="x", closed_at=clock.now())

    assert [opened().owner for _number in range(3)] == [teammate, teammate, owner]


def test_a_rule_is_for_its_countries_and_sources_and_the_first_decides(
    rule, administrator, stranger, owner, south
):
    fair = Channel.objects.create(slug="fair", name="Fair")
    fairs = save_rule(
        LeadAssignmentRule(),
        {"name": "Fairs", "team": south, "way": "round_robin", "countries": ["DK"], "channels": [fair]},
        by=administrator,
    )
    assert opened(channel=fair).owner == owner

    put_first(fairs, by=administrator)

    assert opened(channel=fair).owner == stranger
    assert opened().owner != stranger
    assert (
        open_lead(by=None, customer=CustomerFactory(country="SE"), values={"channel": fair}).owner != stranger
    )


def test_a_rule_with_conditions_is_for_customers_for_whom_they_hold(
    rule, administrator, sign_in, owner, teammate, south, stranger, marketer
):
    client = sign_in(administrator)
    built = {
        "name": "Germans",
        "team": south.pk,
        "way": "round_robin",
        "is_active": "on",
        "conditions-0-join": "all",
    }
    leaf = {"conditions-0.0-condition": "field", "conditions-0.0-p-field": "language", "conditions-0.0-p-operator": "is", "conditions-0.0-p-value": "de"}  # fmt: skip
    tree = {"condition": "field", "parameters": {"field": "language", "operator": "is", "value": "de"}}
    worked_on = client.post("/leads/rules/new/", built | {"conditions-do": "add 0"})
    saved = client.post("/leads/rules/new/", built | leaf)
    germans = LeadAssignmentRule.objects.get(name="Germans")
    put_first(germans, by=administrator)
    german, other = (
        profiles.register(by=None, values={"name": "Ada", "country": "DK", "language": language})
        for language in ("de", "da")
    )

    by_hand = [open_lead(by=None, customer=one, values={}).owner for one in (german, other)]
    at = clock.now() - timedelta(days=1)
    open_many([PastLead(german.pk, at), PastLead(other.pk, at)], by=None)

    assert (worked_on.status_code, saved.status_code, germans.conditions) == (200, 302, {"all": [tree]})
    assert by_hand == [stranger, owner]
    assert [lead.owner for lead in Lead.objects.order_by("pk")[2:]] == [stranger, teammate]
    assert "by conditions" in client.get("/leads/settings/").content.decode()
    with pytest.raises(ValidationError) as refused:
        save_rule(
            germans,
            {"conditions": {"condition": "in_segment", "parameters": {"segment": "none"}}},
            by=administrator,
        )
    assert "conditions" in refused.value.message_dict


def test_who_was_named_and_who_opens_it_come_before_the_rules(rule, manager, owner, stranger):
    assert opened(manager, owner=stranger).owner == stranger
    assert opened(manager, owner=None).owner is None
    assert opened(stranger).owner == stranger
    assert AuditEntry.objects.filter(action="lead.assigned").count() == 0


def test_leads_that_come_by_the_file_are_shared_out_too(rule, administrator, owner, teammate, stranger):
    LeadFactory(owner=owner)
    save_rule(rule, {"way": "least_open", "countries": ["DK"]}, by=administrator)
    danish, swedish = CustomerFactory(country="DK"), CustomerFactory(country="SE")
    at = clock.now() - timedelta(days=1)
    lost = [(LeadStep.LOST, at)]

    open_many(
        [
            *(PastLead(danish.pk, at) for _number in range(3)),
            PastLead(swedish.pk, at),
            PastLead(danish.pk, at, lost, lost_reason="Dear"),
            PastLead(danish.pk, at, owner_id=stranger.pk),
        ],
        by=None,
    )

    owners = [lead.owner for lead in Lead.objects.order_by("pk")[1:]]
    assert owners == [teammate, owner, teammate, None, None, stranger]
    assert {state.owner for state in LeadState.objects.filter(step="opened", owner=owner)} == {owner}
    assert Lead.objects.filter(owner=teammate, team=teammate.team).count() == 2


def test_a_team_without_reps_passes_and_who_left_is_left_out(rule, administrator, owner, teammate):
    User.objects.filter(pk__in=[owner.pk, teammate.pk]).update(is_active=False)

    assert opened().owner is None


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_go_to_two_reps(rule, owner, teammate):
    customers = [CustomerFactory() for _number in range(4)]
    barrier, owners = threading.Barrier(4), []

    def run(customer) -> None:
        barrier.wait()
        owners.append(open_lead(by=None, customer=customer, values={}).owner_id)
        connection.close()

    threads = [threading.Thread(target=run, args=[customer]) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(owners) == sorted([owner.pk, teammate.pk] * 2)


def test_rules_are_kept_by_page_and_api(sign_in, administrator, north, south):
    client = sign_in(administrator)
    Channel.objects.create(slug="fair", name="Fair")

    page = client.post(
        "/leads/rules/new/",
        {"name": "Nordic", "team": north.pk, "way": "least_open", "countries": ["DK"], "is_active": "on"},
    )
    twice = client.post("/leads/rules/new/", {"name": "Nordic", "team": north.pk, "way": "least_open"})
    made_one = client.post(
        API, {"name": "Fairs", "team": south.pk, "channels": ["fair"]}, content_type="application/json"
    )
    bad = client.post(
        API, {"name": "X", "team": south.pk, "countries": ["XX"]}, content_type="application/json"
    )
    rule = LeadAssignmentRule.objects.get(name="Nordic")
    address, said = f"{API}{rule.pk}/", {"content_type": "application/json"}
    read = client.get(address)["ETag"]
    blind = client.patch(address, {"is_active": False}, **said)
    paused = client.patch(address, {"is_active": False}, headers={"If-Match": read}, **said)
    late = client.patch(address, {"is_active": True}, headers={"If-Match": read}, **said)

    assert (page.status_code, twice.status_code, made_one.status_code, bad.status_code) == (
        302,
        422,
        201,
        400,
    )
    assert (blind.status_code, late.status_code) == (428, 412)
    assert late.json()["current"]["is_active"] is False
    assert made_one.json()["channels"] == ["fair"]
    assert [one["name"] for one in client.get(API).json()["results"]] == ["Fairs", "Nordic"]
    assert (paused.json()["is_active"], paused.json()["countries"]) == (False, ["DK"])
    shown = client.get("/leads/settings/").content.decode()
    assert "paused" in shown
    assert "Denmark" in shown
    client.post(f"/leads/rules/{made_one.json()['id']}/first/")
    assert [one.name for one in LeadAssignmentRule.objects.all()] == ["Fairs", "Nordic"]
    first = client.post(f"{address}first/")
    in_order = client.get(f"{API}?ordering=position").json()["results"]
    assert (first.status_code, first.json()["id"]) == (200, rule.pk)
    assert [one["name"] for one in in_order] == ["Nordic", "Fairs"]
    assert client.get(made_one.headers["Location"]).json()["name"] == "Fairs"
    client.post(f"/leads/rules/{rule.pk}/removal/")
    assert client.delete(f"{API}{made_one.json()['id']}/").status_code == 204
    assert LeadAssignmentRule.objects.count() == 0


def test_a_rule_that_another_changed_is_not_overwritten_unseen(rule, sign_in, administrator, north):
    client, address = sign_in(administrator), f"/leads/rules/{rule.pk}/"
    read = client.get(address).context["form"]["expected"].value()
    typed = {"name": "Mine", "team": north.pk, "way": "round_robin", "is_active": "on"}
    save_rule(rule, {"name": "Theirs"}, by=administrator)

    late, blind = client.post(address, typed | {"expected": read}), client.post(address, typed)

    assert (late.status_code, blind.status_code) == (409, 409)
    assert "Somebody changed it meanwhile" in late.content.decode()
    assert LeadAssignmentRule.objects.get().name == "Theirs"
    again = client.post(address, typed | {"expected": late.context["form"]["expected"].value()})
    assert (again.status_code, LeadAssignmentRule.objects.get().name) == (302, "Mine")


def expect_of(team, administrator, **expected) -> None:
    save_pipeline(team, StepRows.of(built_in()).rows, Expectations(**expected), by=administrator)


def test_a_late_first_contact_is_marked_in_list_board_and_day(sign_in, administrator, owner, stranger):
    expect_of(owner.team, administrator, respond_within_hours=4)
    five = clock.now() - timedelta(hours=5)
    late = LeadFactory(owner=owner, team=owner.team, opened_at=five, next_action="Call")
    LeadFactory(owner=owner, team=owner.team, opened_at=clock.now() - timedelta(hours=3), next_action="Call")
    LeadFactory(owner=stranger, team=stranger.team, opened_at=five)
    client = sign_in(owner)

    pages = [client.get(address) for address in ("/leads/", "/leads/board/", "/")]
    found = client.get("/leads/?tab=unanswered").context["listing"].page.rows

    assert [page.content.decode().count("first contact late") for page in pages] == [1, 1, 0]
    assert [lead.pk for lead in pages[2].context["agenda"].unanswered] == [late.pk]
    assert [lead.pk for lead in found] == [late.pk]
    assert [row["id"] for row in client.get("/api/v1/leads/?unanswered=yes").json()["results"]] == [late.pk]
    pursuing.contact(late, by=owner)
    assert "first contact late" not in client.get("/leads/").content.decode()


def test_until_then_the_lead_says_by_when(sign_in, administrator, owner):
    expect_of(owner.team, administrator, respond_within_hours=4)
    lead = LeadFactory(owner=owner, team=owner.team, opened_at=clock.now() - timedelta(hours=3))
    client = sign_in(owner)

    assert "First contact by" in client.get(f"/leads/{lead.pk}/").content.decode()
    pursuing.contact(lead, by=owner)
    assert "First contact by" not in client.get(f"/leads/{lead.pk}/").content.decode()


def test_where_a_next_action_is_required_forms_ask_for_it(sign_in, administrator, owner, stranger):
    expect_of(owner.team, administrator, demands_next_action=True)
    mine, theirs = LeadFactory(owner=owner, team=owner.team), LeadFactory(owner=stranger, team=stranger.team)
    LeadFactory(owner=owner, team=owner.team, status="lost", lost_reason="No", closed_at=clock.now())
    client = sign_in(owner)
    steps = ("contact", "qualification", "proposal", "edit")

    refused = [client.post(f"/leads/{mine.pk}/{step}/", {"currency": "EUR"}) for step in steps]
    refused.append(client.post("/leads/new/", {"name": "Bo", "currency": "EUR"}))

    assert [one.status_code for one in refused] == [422] * 5
    assert [list(one.context["form"].errors) for one in refused] == [["next_action"]] * 5
    assert Lead.objects.get(pk=mine.pk).status == "new"
    assert client.post(f"/leads/{mine.pk}/contact/", {"next_action": "Call"}).status_code == 302
    assert sign_in(stranger).post(f"/leads/{theirs.pk}/contact/").status_code == 302


def test_a_missing_next_action_is_marked_and_listed_where_it_is_required(
    sign_in, administrator, owner, stranger
):
    expect_of(owner.team, administrator, demands_next_action=True)
    bare = LeadFactory(owner=owner, team=owner.team)
    LeadFactory(owner=owner, team=owner.team, next_action="Call")
    LeadFactory(owner=stranger, team=stranger.team)
    client = sign_in(owner)

    page = client.get("/leads/?tab=unplanned")

    assert [lead.pk for lead in page.context["listing"].page.rows] == [bare.pk]
    assert "next action missing" in page.content.decode()
    assert "unanswered" not in page.context["listing"].tabs
    assert [row["id"] for row in client.get("/api/v1/leads/?unplanned=yes").json()["results"]] == [bare.pk]
