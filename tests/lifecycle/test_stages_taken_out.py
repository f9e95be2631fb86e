"""A stage that a version has no more stands nowhere as if it were in use, and loses nothing that was said of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns.forms import TriggerForm
from campaigns.models import CampaignVersion
from campaigns.triggers import InvalidTrigger, trigger_of
from clm.accounts.models import User
from clm.base import clock
from clm.base.conditions import WITHIN, InvalidCondition, vet
from customers.models import Segment
from customers.segments import keeping
from customers.segments.computing import refresh
from lifecycle.clocks import lens_at
from lifecycle.comparing import compare
from lifecycle.conditions import InStage
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.checking import faulty
from lifecycle.designing.editing import fingerprint, in_work
from lifecycle.designing.founding import begin
from lifecycle.mapping import SUGGESTED, Picture, columns_of, draw, suggest
from lifecycle.models import CurrentStage, Kind, LifecycleModel, Stage, VersionStage
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from tests.customers.segmented import BOUGHT
from tests.factories import OrderFactory
from tests.lifecycle.shop import buyer, stage, work_off

pytestmark = pytest.mark.django_db

LEFT = ["discovery", "engagement", "conversion", "loyalty", "advocacy", "churned"]


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """The Swedish six stages, of which Retention was taken out again."""
    model = install("swedish-six", by=None)
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="retention").delete()
    draft.stage_uses.filter(stage__slug="retention").delete()
    publish(draft, by=None, heirs={"retention": "conversion"})
    work_off()
    return model


@pytest.fixture
def client(sign_in: Any, marketer: User) -> Client:
    client: Client = sign_in(marketer)
    return client


def drafted(model: LifecycleModel, slug: str = "regulars") -> Stage:
    """A stage that only the draft has."""
    draft = open_draft(model, by=None)
    made = Stage.objects.create(
        model=model, slug=slug, labels={"en": "Regulars"}, kind="loyal", position=9, is_drafted=True
    )
    VersionStage.objects.create(version=draft, stage=made, position=9)
    return made


def asks_for(slug: str, **more: int) -> dict[str, Any]:
    return {"condition": "in_stage", "parameters": {"model": "swedish-six", "stages": [slug], **more}}


def test_the_journey_map_shows_it_last_and_with_a_note(model: LifecycleModel, client: Client):
    page = client.get("/lifecycle/models/swedish-six/journey/").content.decode()
    told = client.get("/api/v1/lifecycle-models/swedish-six/journey/").json()["columns"]

    assert [column["stage"] for column in told] == [*LEFT, "retention"]
    assert [column["is_in_use"] for column in told] == [True] * 6 + [False]
    assert page.count("the version in force has this stage no more") == 1
    assert page.index('id="journey-churned"') < page.index('id="journey-retention"')


def test_the_journey_map_has_no_column_for_one_of_which_nothing_was_said(model: LifecycleModel):
    stage("retention").journey_map.delete()

    assert [column.stage.slug for column in columns_of(model)] == LEFT
    assert suggest(model, by=None) == []


def test_what_was_said_of_it_can_still_be_changed(model: LifecycleModel, marketer: User):
    draw(stage("retention"), Picture(thoughts="Back when"), read=None, by=marketer)

    assert columns_of(model)[-1].picture.thoughts == "Back when"


def test_nothing_is_warned_of_when_it_is_put_into_the_words_of_another_model(
    model: LifecycleModel, marketer: User
):
    twelve = install("danish-twelve", by=None)

    found = compare(model, twelve, seen_by=marketer)

    assert [one.slug for one in found.first.stages] == LEFT
    assert "retention" not in {one.slug for blur in found.mapping.blurs for one in blur.stages}


def test_a_past_day_is_put_into_the_words_of_another_model_by_the_stages_of_then(
    model: LifecycleModel, marketer: User
):
    twelve, yesterday = install("danish-twelve", by=None), clock.now() - timedelta(days=1)

    found = compare(model, twelve, seen_by=marketer, lens=lens_at(yesterday, None))

    assert [one.slug for one in found.first.stages] == [*LEFT[:3], "retention", *LEFT[3:]]
    blurred = [[one.slug for one in blur.stages] for blur in found.mapping.blurs if blur.into.slug == "sale"]
    assert blurred == [["conversion", "retention"]]


def test_where_somebody_still_is_it_stands_last_and_is_not_warned_of(model: LifecycleModel, marketer: User):
    twelve = install("danish-twelve", by=None)
    left_over = CurrentStage.objects.filter(customer=buyer(3), stage__model=model)
    assert left_over.update(stage=stage("retention")) == 1

    found = compare(model, twelve, seen_by=marketer)

    assert [one.slug for one in found.first.stages] == [*LEFT, "retention"]
    assert found.first.counts[stage("retention").pk] == 1
    assert "retention" not in {one.slug for blur in found.mapping.blurs for one in blur.stages}


def test_it_is_offered_last_and_what_only_a_draft_has_in_that_draft_alone(model: LifecycleModel):
    drafted(model)
    given = {"model": "swedish-six"}

    offered = InStage.offers("stages", given)
    in_the_draft = InStage.offers("stages", given | {WITHIN: "swedish-six"})
    in_another = InStage.offers("stages", given | {WITHIN: "danish-six"})

    assert [slug for slug, _label in offered] == [*LEFT, "retention"]
    assert [slug for slug, _label in in_the_draft] == [*LEFT, "regulars", "retention"]
    assert in_another == offered
    assert dict(offered)["retention"] == "Retention (not in use)"


def test_a_model_that_was_never_published_is_offered_in_its_own_draft_alone(model: LifecycleModel):
    begin("ours", "preset:dutch-six", by=None, labels={"en": "Ours"})

    assert InStage.offers("model", {}) == [("swedish-six", str(model))]
    assert [slug for slug, _label in InStage.offers("model", {WITHIN: "ours"})] == ["swedish-six", "ours"]


@pytest.mark.parametrize("place", ["new-rule/", "new-component/"])
def test_the_designer_offers_it_counts_it_and_takes_it(model: LifecycleModel, client: Client, place: str):
    drafted(model)
    address = f"/lifecycle/models/swedish-six/draft/{place}"
    sent = {
        "read": fingerprint(in_work(model)),
        "stage": "advocacy",
        "name_en": "Of regulars",
        "conditions-name": "conditions",
        "conditions-0-join": "all",
        "conditions-0.0-condition": "in_stage",
        "conditions-0.0-p-model": "swedish-six",
        "conditions-0.0-p-stages": ["regulars"],
        "conditions-0.0-p-for_days": "30",
    }

    being_built = client.post(address, sent | {"conditions-do": "test:0"}).content.decode()
    within = {"conditions-within": "swedish-six"}
    counted = client.post("/conditions/preview/", sent | within).content.decode()
    elsewhere = client.post("/conditions/preview/", sent).content.decode()
    saved = client.post(address, sent)

    assert 'name="conditions-within" value="swedish-six"' in being_built
    assert "Regulars" in being_built
    assert "Is in Regulars for at least 30 days." in counted
    assert "has no stage “regulars”" in elsewhere
    assert saved.status_code == 302
    plan = blueprint_of(in_work(model))
    told = [one.condition for one in (*plan.rules, *plan.components)]
    assert asks_for("regulars", for_days=30) in [part for tree in told for part in tree.get("all", [tree])]


def test_the_form_of_a_segment_neither_offers_nor_takes_it(model: LifecycleModel, client: Client):
    drafted(model)
    sent = {
        "name": "Regulars",
        "is_shared": "on",
        "conditions-0-join": "all",
        "conditions-0.0-condition": "in_stage",
        "conditions-0.0-p-model": "swedish-six",
    }

    offered = client.post("/conditions/", sent).content.decode()
    refused = client.post("/segments/new/", sent | {"conditions-0.0-p-stages": ["regulars"]})

    assert 'value="retention"' in offered
    assert "regulars" not in offered
    assert refused.status_code == 422
    assert not Segment.objects.exists()


def test_a_segment_asks_for_one_that_was_but_not_for_one_that_only_a_draft_has(
    model: LifecycleModel, client: Client
):
    drafted(model)

    vet(asks_for("retention"))
    with pytest.raises(InvalidCondition, match="has no stage “regulars”"):
        vet(asks_for("regulars"))
    answer = client.post(
        "/api/v1/segments/",
        {"name": "Regulars", "kind": "dynamic", "conditions": asks_for("regulars")},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "has no stage “regulars”" in answer.content.decode()


def test_the_rules_of_its_own_draft_may_ask_for_it(model: LifecycleModel):
    drafted(model)
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug="advocacy").update(condition=asks_for("regulars"))

    assert faulty(blueprint_of(draft)) == []


def test_a_segment_whose_stage_is_gone_says_so_and_asks_its_other_tests(
    model: LifecycleModel, client: Client, marketer: User
):
    made = drafted(model)
    kept = OrderFactory().customer
    tree = {"any": [asks_for("regulars"), BOUGHT]}
    segment = Segment.objects.create(name="Regulars", slug="regulars", kind="dynamic", conditions=tree)
    VersionStage.objects.filter(stage=made).delete()
    made.delete()

    refresh(segment)

    why = "The model “swedish-six” has no stage “regulars”."
    assert (segment.status, segment.count) == ("fresh", 1)
    assert segment.members().get() == kept
    assert why in segment.error
    assert why in client.get(f"/segments/{segment.pk}/").content.decode()
    assert "Conditions to mend" in client.get("/segments/").content.decode()
    assert why in client.get(f"/api/v1/segments/{segment.pk}/").json()["error"]

    keeping.change(segment, by=marketer, values={"conditions": asks_for("loyalty")})

    segment.refresh_from_db()
    assert (segment.status, segment.error) == ("fresh", "")
    assert "Conditions to mend" not in client.get("/segments/").content.decode()


def test_campaigns_offer_it_marked_and_last_and_none_that_only_a_draft_has(model: LifecycleModel):
    drafted(model)

    offered = [name for _slug, name in TriggerForm(trigger={}).fields["stages"].choices]

    assert offered[-1] == "Retention (not in use)"
    assert "Regulars" not in offered
    assert len(offered) == len(LEFT) + 1
    trigger = {"kind": "stage_entered", "model": model.slug}
    left = trigger_of(CampaignVersion(trigger=trigger | {"stages": ["retention"]}))
    assert [str(one) for one in left.stages] == ["Retention"]
    with pytest.raises(InvalidTrigger, match="has no stage “regulars”"):
        trigger_of(CampaignVersion(trigger=trigger | {"stages": ["regulars"]}))


def test_a_draft_that_nobody_has_is_no_error_of_the_builder(client: Client):
    sent = {
        "conditions-0-join": "all",
        "conditions-0.0-condition": "in_stage",
        "conditions-0.0-p-model": "swedish-six",
        "conditions-within": "\x00" + "x" * 300,
    }

    assert client.post("/conditions/", sent).status_code == 200
    assert client.post("/conditions/preview/", sent).status_code == 200


def test_suggestions_go_by_the_kind_that_the_draft_gives_the_stage(model: LifecycleModel):
    made = drafted(model)
    VersionStage.objects.filter(stage=made).update(kind=Kind.CHURNED)

    suggest(model, by=None)

    made.refresh_from_db()
    assert made.journey_map.thoughts == SUGGESTED[Kind.CHURNED].thoughts != SUGGESTED[Kind.LOYAL].thoughts
