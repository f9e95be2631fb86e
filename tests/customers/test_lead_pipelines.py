"""Steps of a team's own: named, ordered, each with a meaning; leads stay where they are meant to be."""

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import AuditEntry
from customers.leads.moving import move
from customers.leads.opening import open_lead
from customers.leads.pipeline_editing import Expectations, StepDraft, drop_pipeline, save_pipeline
from customers.leads.pipelines import Pipelines
from customers.models import Lead, LeadPipeline, LeadState, PipelineStep
from tests.factories import CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db

STEPS = [
    StepDraft("", "new"),
    StepDraft("Called", "contacted"),
    StepDraft("Met", "contacted"),
    StepDraft("", "qualified"),
    StepDraft("Offer", "proposal"),
    StepDraft("", "lost"),
    StepDraft("Signed", "won"),
]
API = "/api/v1/lead-pipelines/"


@pytest.fixture
def pipeline(administrator, north) -> LeadPipeline:
    save_pipeline(north, STEPS, Expectations(4, True), by=administrator)
    return Pipelines.read().of(north.pk)


@pytest.fixture
def lead(owner) -> Lead:
    return open_lead(by=owner, customer=CustomerFactory(owner=owner), values={"title": "Ten"})


def names(pipeline: LeadPipeline) -> list[str]:
    return [str(step) for step in pipeline.steps]


def drafts(pipeline: LeadPipeline) -> list[StepDraft]:
    return [StepDraft(step.name, step.status, step.pk) for step in pipeline.steps]


def test_steps_are_kept_in_order_with_the_ends_last(pipeline, north, south):
    assert names(pipeline) == ["New", "Called", "Met", "Qualified", "Offer", "Signed", "Lost"]
    assert (pipeline.respond_within_hours, pipeline.demands_next_action) == (4, True)
    assert names(Pipelines.read().of(south.pk)) == [
        "New",
        "Contacted",
        "Qualified",
        "Proposal",
        "Won",
        "Lost",
    ]
    entry = AuditEntry.objects.get(action="lead_pipeline.changed")
    assert (entry.subject_label, entry.details["respond_within_hours"]) == ("North", 4)


def test_a_lead_s_page_shows_the_steps_of_its_team(pipeline, sign_in, owner, lead):
    met = next(step for step in pipeline.steps if step.name == "Met")
    Lead.objects.filter(pk=lead.pk).update(team=pipeline.team, status="contacted", place=met)

    shown = sign_in(owner).get(f"/leads/{lead.pk}/").context

    assert [str(step) for step in shown["path"]] == ["New", "Called", "Met", "Qualified", "Offer", "Signed"]
    assert shown["path"][shown["reached"]] == met


def test_a_file_with_chosen_columns_tells_the_steps_of_each_team(pipeline, sign_in, marketer, owner, south):
    met = next(step for step in pipeline.steps if step.name == "Met")
    LeadFactory(title="One", team=pipeline.team, status="contacted", place=met, owner=owner)
    LeadFactory(title="Two", team=pipeline.team, status="proposal", owner=owner)
    LeadFactory(title="Three", team=south, status="proposal", owner=owner)

    answer = sign_in(marketer).get("/leads/export/?tab=all&cols=status")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert sorted(line.split(",")[1:] for line in lines) == [
        ["Lead", "Status"],
        ["One", "Met"],
        ["Three", "Proposal"],
        ["Two", "Offer"],
    ]


def test_renaming_and_exchanging_keeps_the_leads_where_they_are(pipeline, owner, lead, administrator):
    met = pipeline.steps[2]
    move(lead, met, by=owner)
    changed = drafts(pipeline)
    changed[1], changed[2] = (
        StepDraft("Called", "contacted", met.pk),
        StepDraft("Met", "contacted", changed[1].pk),
    )

    save_pipeline(pipeline.team, changed, Expectations(), by=administrator)

    shown = Pipelines.read().step_of(Lead.objects.get())
    assert (shown.pk, str(shown)) == (met.pk, "Called")
    assert LeadState.objects.latest("pk").place_id == met.pk


def test_a_step_that_is_given_up_leaves_its_leads_in_the_first_of_their_status(
    pipeline, owner, lead, administrator
):
    move(lead, pipeline.steps[2], by=owner)

    save_pipeline(
        pipeline.team,
        [one for one in drafts(pipeline) if one.name != "Met"],
        Expectations(),
        by=administrator,
    )

    assert str(Pipelines.read().step_of(Lead.objects.get())) == "Called"
    assert PipelineStep.objects.get(name="Met").removed_at is not None


def test_a_pipeline_that_is_dropped_leaves_the_leads_their_status(pipeline, owner, lead, administrator):
    move(lead, pipeline.steps[2], by=owner)

    drop_pipeline(pipeline.team, by=administrator)

    left = Lead.objects.get()
    assert (left.status, left.place, str(Pipelines.read().step_of(left))) == ("contacted", None, "Contacted")
    assert AuditEntry.objects.filter(action="lead_pipeline.dropped").exists()


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (STEPS[1:], "No step means “New”"),
        ([*STEPS, StepDraft("Also signed", "won")], "Only one step can mean “Won”"),
        ([*STEPS, StepDraft("met", "contacted")], "Two steps are called “met”"),
        ([*STEPS, StepDraft("x" * 41, "new")], "more than 40 characters"),
        ([*STEPS, StepDraft("x", "hot")], "There is no status “hot”"),
        (STEPS + [StepDraft(str(n), "new") for n in range(6)], "12 steps at most"),
        ([*STEPS, StepDraft("a\x00b", "new")], "can't be kept"),
        ([StepDraft(one.name, one.status, 7) for one in STEPS], "Name each id once"),
    ],
)
def test_what_can_not_be_a_pipeline_is_refused(administrator, north, steps, reason):
    with pytest.raises(ValidationError, match=reason):
        save_pipeline(north, steps, Expectations(), by=administrator)

    assert LeadPipeline.objects.count() == 0


def test_the_page_changes_nothing_until_it_is_saved(sign_in, administrator, north):
    client, address = sign_in(administrator), f"/leads/pipelines/{north.pk}/"
    rows = client.get(address).context["rows"].rows
    typed = {f"step-{n}-status": row.status for n, row in enumerate(rows)} | {"step-1-name": "Called"}

    added = client.post(address, typed | {"do": "add"}).context["rows"].rows
    up = client.post(address, typed | {"do": "up-1"}).context["rows"].rows
    short = client.post(address, {"step-0-status": "new"})
    assert LeadPipeline.objects.count() == 0
    saved = client.post(address, typed | {"respond_within_hours": "8"})

    assert [row.status for row in added] == [
        "new",
        "contacted",
        "qualified",
        "proposal",
        "contacted",
        "won",
        "lost",
    ]
    assert [row.name for row in up][:2] == ["Called", ""]
    assert (short.status_code, saved.status_code) == (422, 302)
    assert "Every status needs one." in short.content.decode()
    assert names(Pipelines.read().of(north.pk))[:2] == ["New", "Called"]
    assert "8 hours" in client.get("/leads/settings/").content.decode()
    assert client.post(f"{address}removal/").status_code == 302
    assert LeadPipeline.objects.count() == 0


def test_the_page_tells_who_saves_over_what_somebody_else_saved(sign_in, administrator, pipeline, north):
    client, address = sign_in(administrator), f"/leads/pipelines/{north.pk}/"
    page = client.get(address)
    typed = {f"step-{n}-status": row.status for n, row in enumerate(page.context["rows"].rows)}
    typed |= {"step-1-name": "Phoned", "step-2-name": "Met", "read": page.context["read"]}
    save_pipeline(north, drafts(pipeline), Expectations(12), by=administrator)

    reordered = client.post(address, typed | {"do": "up-1"})
    stale = client.post(address, typed)
    before = names(Pipelines.read().of(north.pk))
    again = client.post(address, typed | {"read": stale.context["read"]})

    assert reordered.context["read"] == page.context["read"]
    assert (stale.status_code, "Phoned" in before) == (409, False)
    assert "Somebody changed it meanwhile." in stale.content.decode()
    assert 'value="Phoned"' in stale.content.decode()
    assert (again.status_code, names(Pipelines.read().of(north.pk))[1]) == (302, "Phoned")


def test_the_api_reads_and_writes_them(sign_in, administrator, owner, lead, north):
    client, body = (
        sign_in(administrator),
        {"steps": [{"status": one.status, "name": one.name} for one in STEPS]},
    )

    def written(key, content, read):
        headers = {"If-Match": read} if read else {}
        return client.put(f"{API}{key}/", content, content_type="application/json", headers=headers)

    read = client.get(f"{API}{north.pk}/").headers["ETag"]
    blind = written(north.pk, body, None)
    put = written(north.pk, body | {"respond_within_hours": 4}, read)
    stale = written(north.pk, body | {"respond_within_hours": 8}, read)
    bad = written("others", {"steps": []}, "*")
    listed = client.get(API).json()["pipelines"]
    met = put.json()["steps"][2]
    moved = sign_in(owner).post(
        f"/api/v1/leads/{lead.pk}/move/", {"step": met["id"]}, content_type="application/json"
    )
    wrong = sign_in(owner).post(
        f"/api/v1/leads/{lead.pk}/move/", {"step": 10**9}, content_type="application/json"
    )

    assert (put.status_code, put.json()["respond_within_hours"], bad.status_code) == (200, 4, 400)
    assert (blind.status_code, stale.status_code, stale.json()["current"]) == (428, 412, put.json())
    assert put.headers["ETag"] == client.get(f"{API}{north.pk}/").headers["ETag"] != read
    assert [one["key"] for one in listed] == [str(north.pk), "others"]
    assert (moved.json()["status"], moved.json()["step"], wrong.status_code) == ("contacted", met["id"], 400)
    assert client.delete(f"{API}{north.pk}/").status_code == 204
    assert LeadPipeline.objects.count() == 0
