"""The designer: new models, stages, rules, components and moves of a draft, and where people of a vanished stage go."""

from dataclasses import replace

import pytest
from django.test import Client

from clm.accounts.models import AuditEntry
from lifecycle.admission import MoveSet, admit
from lifecycle.designing import steps
from lifecycle.designing.blueprint import RulePlan, blueprint_of
from lifecycle.designing.editing import fingerprint, in_work
from lifecycle.models import (
    Cause,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Stage,
    StagePeriod,
    VersionStatus,
)
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of, work_off

PAGE = "/lifecycle/models/swedish-six/"
BOUGHT = {
    "conditions-0-join": "all",
    "conditions-0.0-condition": "purchased_within",
    "conditions-0.0-p-days": "10",
}


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def client(sign_in, marketer, model) -> Client:
    return sign_in(marketer)


def read(slug: str = "swedish-six") -> str:
    return fingerprint(in_work(LifecycleModel.objects.get(slug=slug)))


def draft(slug: str = "swedish-six"):
    version = ModelVersion.objects.filter(model__slug=slug, status=VersionStatus.DRAFT).first()
    return version and blueprint_of(version)


def press(client: Client, path: str, **values: object):
    return client.post(f"{PAGE}draft/{path}", {"read": read()} | values)


def stage_fields(**values: object) -> dict[str, object]:
    return {"name_en": "Regulars", "kind": "active", "colour": "9", "minimum_stay": "0"} | values


def test_a_model_begins_empty_and_is_published_beside_the_others(client, marketer):
    answer = client.post("/lifecycle/models/new/", {"name": "Key accounts", "slug": "", "start": ""})

    assert answer["Location"] == "/lifecycle/models/key-accounts/draft/stages/"
    plan = draft("key-accounts")
    assert [(one.slug, one.is_initial, one.kind) for one in plan.stages] == [("new", True, "aware")]
    assert AuditEntry.objects.get(action="model.founded").actor == marketer
    page = client.get("/lifecycle/models/key-accounts/draft/publication/").content.decode()
    assert "This model was never in force." in page

    client.post("/lifecycle/models/key-accounts/draft/publication/", {"read": read("key-accounts")})

    assert LifecycleModel.objects.get(slug="key-accounts").published().number == 1
    assert LifecycleModel.objects.primary().slug == "swedish-six"


def test_a_model_begins_as_a_copy_under_its_own_name_and_key(client):
    client.post("/lifecycle/models/new/", {"name": "Ours", "slug": "ours", "start": "preset:danish-twelve"})

    plan = draft("ours")
    assert plan.labels == {"en": "Ours"}
    assert len(plan.stages) == 8
    assert len(plan.components) == 4
    assert not Stage.objects.settled().filter(model__slug="ours").exists()


@pytest.mark.parametrize(("slug", "told"), [("swedish-six", "already"), ("new", "already"), ("å b", "valid")])
def test_a_key_that_is_taken_or_none_is_refused(client, slug, told):
    answer = client.post("/lifecycle/models/new/", {"name": "Again", "slug": slug, "start": ""})

    assert answer.status_code == 422
    assert told in str(answer.context["form"].errors["slug"])
    assert LifecycleModel.objects.count() == 1


def test_discarding_the_only_draft_of_a_model_takes_the_model_with_it(client):
    client.post("/lifecycle/models/new/", {"name": "Trial", "slug": "", "start": "preset:danish-twelve"})

    answer = client.post("/lifecycle/models/trial/draft/removal/")

    assert answer["Location"] == "/lifecycle/models/"
    assert not LifecycleModel.objects.filter(slug="trial").exists()


def test_an_added_stage_is_only_in_the_draft_until_it_is_published(client):
    press(client, "new-stage/", **stage_fields(name_da="Stamkunder", other_kinds=["loyal"]))

    added = draft().stage("regulars")
    assert (added.labels, added.kind, added.other_kinds, added.colour) == (
        {"en": "Regulars", "da": "Stamkunder"},
        "active",
        ("loyal",),
        9,
    )
    assert not Stage.objects.settled().filter(slug="regulars").exists()
    client.post(f"{PAGE}draft/removal/")
    assert not Stage.objects.filter(slug="regulars").exists()


def test_a_renamed_stage_keeps_its_name_until_it_is_published(client):
    fields = stage_fields(name_en="Fans", kind="loyal", colour="5")

    press(client, "stages/loyalty/", **fields)

    assert str(stage("loyalty")) == "Loyalty"
    client.post(f"{PAGE}draft/publication/", {"read": read()})
    renamed = stage("loyalty")
    assert (str(renamed), renamed.other_kinds, renamed.colour) == ("Fans", [], 5)


def test_stages_move_up_and_down_and_another_becomes_the_first(client):
    press(client, "stages/engagement/place/", by="up")
    press(client, "stages/engagement/", **stage_fields(name_en="Engagement", kind="engaged", is_initial="on"))

    stages = draft().stages
    assert [one.slug for one in stages][:2] == ["engagement", "discovery"]
    assert [one.slug for one in stages if one.is_initial] == ["engagement"]
    assert Stage.objects.get(model__slug="swedish-six", is_initial=True).slug == "discovery"
    client.post(f"{PAGE}draft/publication/", {"read": read()})
    assert Stage.objects.get(model__slug="swedish-six", is_initial=True).slug == "engagement"


@pytest.mark.parametrize(
    ("by", "place"), [("3", 4), ("-1", 0), ("-99", 0), ("99", 6), ("0", 1), ("1e3", 1), ("٣", 1), ("", 1)]
)
def test_a_dragged_stage_lands_so_many_places_further(client, by, place):
    press(client, "stages/engagement/place/", by=by)

    shown = draft() or blueprint_of(LifecycleModel.objects.get(slug="swedish-six").published())
    order = [one.slug for one in shown.stages]
    assert order.index("engagement") == place
    others = [slug for slug in order if slug != "engagement"]
    assert others == ["discovery", "conversion", "retention", "loyalty", "advocacy", "churned"]


def test_what_was_dragged_over_another_order_is_not_done_but_told(client):
    was = read()
    press(client, "stages/engagement/place/", by="down")

    answer = client.post(f"{PAGE}draft/stages/churned/place/", {"read": was, "by": "-3"})

    assert answer.status_code == 409
    assert [one.slug for one in draft().stages][-1] == "churned"


def test_the_first_stage_is_not_taken_out(client):
    answer = press(client, "stages/discovery/retirement/")

    assert answer.status_code == 422
    assert "Make another stage the first one" in answer.content.decode()
    assert draft() is None


def test_nothing_is_published_while_people_of_a_vanished_stage_have_nowhere_to_go(client):
    stays = buyer(400)
    press(client, "stages/churned/retirement/")

    refused = client.post(f"{PAGE}draft/publication/", {"read": read()}, follow=True)

    assert "Choose the stage where the customers who are there go." in refused.content.decode()
    assert LifecycleModel.objects.get(slug="swedish-six").published().number == 1
    assert stage_of(stays) == "churned"


def test_a_rule_is_added_changed_moved_and_deleted(client):
    press(client, "new-rule/", stage="engagement", name_en="Just bought", **BOUGHT)
    added = draft().rules[-1]
    assert (added.stage, added.labels, added.condition["all"][0]["parameters"]) == (
        "engagement",
        {"en": "Just bought"},
        {"days": 10},
    )

    press(client, f"rules/{added.key}/place/", by="up")
    assert draft().rules[-2].key == added.key
    press(client, f"rules/{added.key}/", stage="loyalty", name_en="Just bought", **BOUGHT)
    assert draft().rule(added.key).stage == "loyalty"
    changes = client.get(f"{PAGE}draft/publication/").context["changes"]
    assert "Rule “Just bought”" in [change.name for change in changes]
    press(client, f"rules/{added.key}/removal/")
    assert draft().rule(added.key) is None


def test_a_rule_without_a_test_is_not_saved(client):
    answer = press(client, "new-rule/", stage="engagement", name_en="Empty", **{"conditions-0-join": "all"})

    assert answer.status_code == 422
    assert "Add at least one test." in answer.content.decode()
    assert draft() is None


def test_only_exceptions_of_the_matrix_are_stored(client):
    form = client.get(f"{PAGE}draft/moves/?source=person").context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}

    answer = client.post(
        f"{PAGE}draft/moves/?source=person",
        fields | {"move.discovery.advocacy": "forbidden", "move.churned.loyalty": "with_reason"},
    )

    assert answer.status_code == 302
    assert [(move.from_stage, move.to_stage, move.source, move.policy) for move in draft().moves] == [
        ("churned", "loyalty", "person", "with_reason"),
        ("discovery", "advocacy", "person", "forbidden"),
    ]
    assert EdgePolicy.objects.count() == 2


def test_of_two_who_publish_the_second_is_told(client):
    press(client, "stages/loyalty/", **stage_fields(name_en="Fans", kind="loyal"))
    seen = read()

    client.post(f"{PAGE}draft/publication/", {"read": seen})
    answer = client.post(f"{PAGE}draft/publication/", {"read": seen}, follow=True)

    assert "There is no draft to publish: it was published or discarded meanwhile." in answer.content.decode()
    assert AuditEntry.objects.filter(action="version.published", details__version=2).count() == 1


def test_the_designer_is_for_those_who_edit_models(sign_in, analyst, model):
    client = sign_in(analyst)

    answers = [client.get(f"{PAGE}draft/{path}/") for path in ("stages", "rules", "moves", "components")]

    assert {answer.status_code for answer in answers} == {403}


def test_a_replay_sends_who_was_moved_by_hand_into_a_vanished_stage_to_its_heir(client, marketer):
    customer = buyer(400)
    admit(MoveSet([customer.pk], stage("engagement"), "Said so"), source="person", actor=marketer)
    press(client, "stages/engagement/retirement/")
    plan = draft()
    for rule in plan.rules:
        press(client, f"rules/{rule.key}/removal/")

    client.post(
        f"{PAGE}draft/publication/", {"read": read(), "heir-engagement": "discovery", "history": "yes"}
    )
    work_off()

    assert stage_of(customer) == "discovery"
    causes = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    assert [(one.stage.slug, one.cause) for one in causes] == [
        ("discovery", Cause.INITIAL),
        ("engagement", Cause.PERSON),
        ("discovery", Cause.PERSON),
    ]


def test_a_customer_first_seen_enters_where_the_version_in_force_says(client):
    fields = stage_fields(name_en="Engagement", kind="engaged", is_initial="on")
    press(client, "stages/engagement/", **fields)
    client.post(f"{PAGE}draft/publication/", {"read": read(), "history": "yes"})
    work_off()

    customer = buyer(3)

    first = StagePeriod.objects.live().filter(customer=customer).earliest("entered_at")
    assert first.stage.slug in ("engagement", "conversion")
    assert not StagePeriod.objects.live().filter(customer=customer, stage__slug="discovery").exists()


@pytest.mark.parametrize("path", ["moves/?source=person", "", "stages/churned/retirement/"])
def test_a_test_that_is_no_more_is_told_and_stands_in_the_way_of_publishing_alone(client, path):
    rule = ModelVersion.objects.get(number=1).rules.get(stage__slug="loyalty")
    rule.condition = {"condition": "horoscope"}
    rule.save()
    form = client.get(f"{PAGE}draft/{path}").context["form"] if "churned" not in path else None
    fields = {name: form[name].value() or "0" for name in form.fields} if form else {"read": read()}
    fields = {name: "" if name.startswith("move.") else value for name, value in fields.items()}
    fields |= {name: 9 for name in fields if name.startswith("stay-")}
    fields |= {"move.churned.loyalty": "forbidden"} if "moves" in path else {}

    answer = client.post(f"{PAGE}draft/{path}", fields)
    published = client.post(f"{PAGE}draft/publication/", {"read": read()}, follow=True)

    assert answer.status_code == 302
    assert (
        published.content.decode().count("There is no condition “horoscope”") >= 2
    )  # said, and beside the rule
    assert draft() is not None


def test_a_stage_goes_with_the_rules_that_are_for_who_is_there(client, model):
    def asks(*stages: str) -> dict[str, object]:
        parameters = {"model": model.slug, "stages": list(stages), "for_days": 90}
        return {"condition": "in_stage", "parameters": parameters}

    bought = {"condition": "purchased_within", "parameters": {"days": 9}}
    plan = blueprint_of(model.published())
    tests = {
        "both": asks("engagement", "conversion"),
        "only": asks("engagement"),
        "and": {"all": [bought, asks("engagement")]},
        "or": {"any": [bought, asks("engagement")]},
        "not": {"not": asks("engagement")},
    }
    rules = [RulePlan("loyalty", {"en": name}, test) for name, test in tests.items()]

    left = steps.retire_stage(replace(plan, rules=tuple(rules)), "engagement")

    assert {rule.labels["en"]: rule.condition for rule in left.rules} == {
        "both": asks("conversion"),
        "or": {"any": [bought]},
        "not": {"not": asks("engagement")},
    }
    press(client, "stages/engagement/retirement/")
    assert [rule for rule in draft().rules if rule.stage in ("discovery", "engagement")] == []
