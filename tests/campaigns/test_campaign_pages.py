"""The pages of campaigns without a browser: drafts, review, life, people, messages, doubt."""

import re

import pytest
from django.test import Client

from campaigns import drafting
from campaigns.models import (
    CampaignVersion,
    Enrollment,
    Message,
    SendingRules,
    Suppression,
)
from campaigns.preflight import preflight
from clm.accounts.models import AuditEntry
from lifecycle.presets import install as install_model
from tests.campaigns.outreach import (
    BOUGHT,
    drafted,
    later,
    message_step,
    person,
    put,
    running,
    states,
    sweep,
    template,
    wait_step,
)
from tests.factories import ConsentFactory, bought

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in, marketer, stages) -> Client:
    return sign_in(marketer)


def test_the_review_counts_with_the_code_that_lets_in(stages, marketer) -> None:
    campaign = drafted(message_step(), exit_condition=BOUGHT)
    reached, unasked, gone, addressless, blocked, buyer = [person(n, consents=n != 2) for n in range(1, 7)]
    ConsentFactory(customer=gone, is_given=False)
    type(addressless).objects.filter(pk=addressless.pk).update(email="")
    Suppression.objects.create(address="person5@example.com", reason="person")
    bought(buyer, 10)
    for each in (reached, unasked, gone, addressless, blocked, buyer):
        put(each)

    facts = preflight(campaign, campaign.draft())

    assert (facts.present, facts.enter, facts.reachable) == (6, 4, 1)
    assert sorted((str(one.reason), one.number) for one in facts.exclusions) == [
        ("No consent", 1),
        ("The address must not be written to", 1),
        ("The customer has no e-mail address", 1),
    ]
    assert (Enrollment.objects.count(), Message.objects.count()) == (0, 0)


def test_more_than_a_thousand_are_named_by_their_number(client, monkeypatch) -> None:
    monkeypatch.setattr("campaigns.preflight.CONFIRMED_ABOVE", 1)
    campaign = drafted(message_step())
    for number in (1, 2):
        put(person(number))

    page = client.post(f"/campaigns/{campaign.pk}/start/", {"whom": "present", "typed": "3"}, follow=True)
    campaign.refresh_from_db()
    before = campaign.status
    client.post(f"/campaigns/{campaign.pk}/start/", {"whom": "present", "typed": "2"})
    campaign.refresh_from_db()

    assert "Type the number of customers, 2, to confirm." in page.content.decode()
    assert (before, campaign.status) == ("draft", "running")


def test_an_incomplete_campaign_says_all_that_is_missing_and_does_not_start(client) -> None:
    campaign = drafting.establish(name="Tips", by=None)
    drafting.add_step(campaign, "message", by=None)

    page = client.get(f"/campaigns/{campaign.pk}/flaws/").content.decode()
    client.post(f"/campaigns/{campaign.pk}/start/", {"whom": "newcomers"})

    assert "Choose what lets customers in" in page
    assert "Choose the template that it sends." in page
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_steps_are_added_moved_and_deleted(client) -> None:
    campaign = drafted(message_step(), wait_step(3))
    steps = f"/campaigns/{campaign.pk}/steps/"

    client.post(steps, {"kind": "exit"})
    client.post(f"{steps}2/move/", {"to": "up"})
    client.post(f"{steps}0/removal/")

    assert [(step.position, step.kind) for step in campaign.draft().steps.all()] == [(0, "exit"), (1, "wait")]
    assert client.post(steps, {"kind": "dance"}).status_code == 404
    assert client.get(f"{steps}9/").status_code == 404


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"wait_amount": "5", "wait_unit": "hours"}, 302),
        ({"wait_amount": "0", "wait_unit": "days"}, 422),
        ({"wait_amount": "-1", "wait_unit": "days"}, 422),
        ({"wait_amount": "366", "wait_unit": "days"}, 422),
        ({"wait_amount": "1e9", "wait_unit": "days"}, 422),
        ({"wait_amount": "5", "wait_unit": "weeks"}, 422),
        ({}, 422),
    ],
)
def test_a_wait_has_a_length(client, values, status) -> None:
    campaign = drafted(wait_step(3))

    answer = client.post(f"/campaigns/{campaign.pk}/steps/0/", values)

    step = campaign.draft().steps.get()
    assert answer.status_code == status
    assert (step.wait_amount, step.wait_unit) == ((5, "hours") if status == 302 else (3, "days"))


def test_who_enters_is_chosen_among_what_there_is(client) -> None:
    campaign = drafted(message_step())
    page = f"/campaigns/{campaign.pk}/entry/"

    answers = [
        client.post(page, {"kind": "stage_entered", "stages": ["swedish-six/loyalty"]}).status_code,
        client.post(page, {"kind": "stage_entered"}).status_code,
        client.post(page, {"kind": "stage_entered", "stages": ["swedish-six/x"]}).status_code,
        client.post(page, {"kind": "segment_entered", "segment": ""}).status_code,
        client.post(page, {"kind": "full_moon"}).status_code,
    ]

    assert answers == [302, 422, 422, 422, 422]
    assert campaign.draft().trigger == {
        "kind": "stage_entered",
        "model": "swedish-six",
        "stages": ["loyalty"],
    }


def test_stages_to_enter_by_stand_under_their_model_the_primary_one_first(client) -> None:
    install_model("danish-six", by=None)
    page = f"/campaigns/{drafted(message_step()).pk}/entry/"

    shown = client.get(page)
    chosen = client.post(page, {"kind": "stage_entered", "stages": ["danish-six/x"]})

    groups = dict(shown.context["form"].fields["stages"].choices)
    first, second = groups
    assert {value.partition("/")[0] for value, _name in groups[first]} == {"swedish-six"}
    assert {value.partition("/")[0] for value, _name in groups[second]} == {"danish-six"}
    assert re.findall(r"<legend[^>]*>([^<]+)</legend>", shown.content.decode())[-2:] == [first, second]
    assert f'value="{groups[second][0][0]}"' in shown.content.decode()
    assert chosen.status_code == 422


def test_editing_a_running_campaign_begins_a_draft_and_leaves_people_alone(client) -> None:
    campaign = running(message_step(), wait_step(3), message_step(template("Second")))
    put(person())
    sweep()

    client.post(f"/campaigns/{campaign.pk}/steps/1/", {"wait_amount": "9", "wait_unit": "days"})
    draft = campaign.draft()
    client.post(f"/campaigns/{campaign.pk}/start/")

    assert draft is not None
    assert CampaignVersion.objects.get(status="published").number == 2
    assert Enrollment.objects.get().version.number == 1
    assert Enrollment.objects.get().version.steps.get(position=1).wait_amount == 3


def test_a_draft_of_a_running_campaign_is_discarded(client) -> None:
    campaign = running(message_step())
    drafting.draft_of(campaign, by=None)

    client.post(f"/campaigns/{campaign.pk}/draft/removal/")

    assert (campaign.draft(), campaign.published().number) == (None, 1)


def test_pausing_resuming_and_finishing(client) -> None:
    campaign = running(message_step(), wait_step(3))
    put(person())
    sweep()
    statuses = []

    for act in ("pause", "resumption", "finish"):
        assert client.post(f"/campaigns/{campaign.pk}/{act}/").status_code == 302
        campaign.refresh_from_db()
        statuses.append(campaign.status)
        assert client.get(f"/campaigns/{campaign.pk}/").status_code == 200

    assert statuses == ["paused", "running", "finished"]
    assert Enrollment.objects.get().outcome == "campaign_finished"
    assert client.post(f"/campaigns/{campaign.pk}/steps/", {"kind": "exit"}).status_code == 404


def test_people_and_messages_say_why(client) -> None:
    campaign = running(message_step(), wait_step(3))
    put(person(1))
    put(person(2, consents=False))
    sweep()

    people = client.get(f"/campaigns/{campaign.pk}/people/?outcome=active").content.decode()
    sent = client.get(f"/campaigns/{campaign.pk}/messages/?state=suppressed").content.decode()

    assert people.count("Next: Wait 3 days") == 2
    assert ("No consent" in sent, "Sent</span>" in sent) == (True, False)
    assert client.get(f"/campaigns/{campaign.pk}/people/?outcome=x").status_code == 404
    assert client.get(f"/campaigns/{campaign.pk}/messages/?state=x").status_code == 404


def test_a_person_is_taken_out(client) -> None:
    campaign = running(message_step(), wait_step(3))
    put(person())
    sweep()

    client.post(f"/campaigns/{campaign.pk}/people/{Enrollment.objects.get().pk}/removal/")

    assert Enrollment.objects.get().outcome == "removed"


@pytest.mark.parametrize(("decision", "state"), [("again", "queued"), ("sent", "sent")])
def test_a_message_in_doubt_is_decided_by_a_person(client, decision, state) -> None:
    running(message_step(), wait_step(3))
    put(person())
    sweep()
    Message.objects.update(state="in_doubt", reason="no_answer", sent_at=None, settled_at=None)

    page = client.get("/messages/in-doubt/").content.decode()
    client.post("/messages/decision/", {"pk": [str(Message.objects.get().pk)], "decision": decision})

    assert "The mail server did not answer" in page
    assert states()[0][0] == state
    assert AuditEntry.objects.latest("pk").action.startswith("messages.")


def test_a_decision_that_is_none_changes_nothing(client) -> None:
    running(message_step())
    put(person())
    sweep()
    Message.objects.update(state="in_doubt", reason="no_answer", sent_at=None, settled_at=None)

    answer = client.post("/messages/decision/", {"pk": ["1", "x", "9" * 30], "decision": "maybe"})

    assert answer.status_code == 404
    assert states() == [("in_doubt", "no_answer")]


def test_addresses_are_blocked_and_allowed_again(client) -> None:
    wrong = client.post("/suppressions/", {"address": "ada"})
    client.post("/suppressions/", {"address": "Ada@Example.com"})
    row = Suppression.objects.live().get()
    client.post(f"/suppressions/{row.pk}/lifting/")

    assert (wrong.status_code, row.address, Suppression.objects.live().count()) == (422, "ada@example.com", 0)


RULES = {
    "cap_messages": "2",
    "cap_days": "10",
    "quiet_from": "20:00",
    "quiet_until": "09:00",
    "expires_after_hours": "48",
}


def test_the_rules_for_all_sending_are_changed(client) -> None:
    answer = client.post("/campaigns/rules/", RULES)

    rules = SendingRules.objects.current()
    assert answer.status_code == 302
    assert (rules.cap_messages, rules.cap_days, rules.quiet_from.hour, rules.expires_after_hours) == (
        2,
        10,
        20,
        48,
    )
    assert AuditEntry.objects.latest("pk").action == "sending.rules_changed"


@pytest.mark.parametrize(
    "change",
    [
        {"cap_messages": "0"},
        {"cap_messages": "99999"},
        {"cap_days": "366"},
        {"quiet_from": "25:00"},
        {"expires_after_hours": "0"},
        {"expires_after_hours": ""},
    ],
)
def test_rules_that_make_no_sense_are_refused(client, change) -> None:
    before = SendingRules.objects.current().cap_days

    assert client.post("/campaigns/rules/", RULES | change).status_code == 422
    assert SendingRules.objects.current().cap_days == before


def test_the_emergency_stop_holds_everything_until_it_is_lifted(client) -> None:
    running(message_step())
    put(person())

    client.post("/campaigns/rules/stop/")
    sweep()
    held = states()
    client.post("/campaigns/rules/stop/", {"go_on": "yes"})
    sweep()

    assert (held, states()) == ([("queued", "")], [("sent", "")])


def test_every_page_costs_the_same_for_any_number(client, django_assert_max_num_queries) -> None:
    campaign = running(message_step(), wait_step(3), message_step(template("Second")))
    for number in range(8):
        put(person(number))
    sweep()
    sweep(later(days=3, minutes=1))
    base = f"/campaigns/{campaign.pk}/"

    for page in (
        "/campaigns/",
        base,
        f"{base}edit/",
        f"{base}people/",
        f"{base}messages/",
        "/messages/in-doubt/",
        "/campaigns/rules/",
    ):
        with django_assert_max_num_queries(12, info=page):
            assert client.get(page).status_code == 200
