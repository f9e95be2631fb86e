"""A model as a file: what is exported and read in again is the same to the byte; what can't be read says where."""

import os
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clm.accounts.models import AuditEntry
from clm.base import clock
from lifecycle.designing import file
from lifecycle.designing.blueprint import (
    SOURCES,
    Blueprint,
    ComponentPlan,
    MovePlan,
    RulePlan,
    StagePlan,
    blueprint_of,
    blueprint_of_preset,
)
from lifecycle.designing.editing import edit, in_work
from lifecycle.designing.founding import found
from lifecycle.designing.picture import picture_of
from lifecycle.flows import flows_of
from lifecycle.models import Kind, LifecycleModel, ModelVersion, Policy
from lifecycle.presets import shipped
from tests.lifecycle.shop import buyer, six_stages

PAGE = "/lifecycle/models/swedish-six/"
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
LABELS = st.dictionaries(
    st.sampled_from(["en", "da", "sv", "nl", "de", "original"]),
    NAMES.filter(str.strip),
    min_size=1,
    max_size=3,
)
LEAVES = st.one_of(
    st.builds(
        lambda days: {"condition": "purchased_within", "parameters": {"days": days}}, st.integers(0, 900)
    ),
    st.builds(
        lambda least: {"condition": "purchase_days", "parameters": {"at_least": least, "within_days": 365}},
        st.integers(1, 9),
    ),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda word, parts: {word: parts},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=4,
)


@st.composite
def blueprints(draw) -> Blueprint:
    slugs = draw(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=5, unique=True))
    first = draw(st.sampled_from(slugs))
    kinds = st.lists(st.sampled_from(Kind.values), min_size=1, max_size=3, unique=True)
    stages = []
    for slug in slugs:
        kind, *others = draw(kinds)
        stages.append(
            StagePlan(
                slug,
                draw(LABELS),
                kind,
                tuple(others),
                draw(st.integers(0, 12)),
                "",
                slug == first,
                draw(st.integers(0, 90)),
            )
        )
    edges = st.tuples(st.sampled_from(slugs), st.sampled_from(slugs), st.sampled_from(SOURCES))
    moves = draw(st.lists(edges.filter(lambda edge: edge[0] != edge[1]), max_size=4, unique=True))
    rules = draw(
        st.lists(
            st.builds(RulePlan, st.sampled_from(slugs), st.one_of(st.just({}), LABELS), TREES), max_size=5
        )
    )
    return Blueprint(
        "made",
        draw(LABELS),
        draw(st.one_of(st.just({}), LABELS)),
        tuple(stages),
        tuple(rules),
        tuple(ComponentPlan(slug, draw(LABELS), draw(TREES)) for slug in slugs[:1]),
        tuple(sorted(MovePlan(*edge, draw(st.sampled_from(Policy.values))) for edge in moves)),
    )


@settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(plan=blueprints(), other=blueprints())
def test_exported_read_in_and_exported_again_is_the_same_to_the_byte(db, plan, other):
    model = LifecycleModel.objects.filter(slug="made").first() or found("made", other, by=None).model
    text = file.render(plan)

    edit(model, lambda before: file.read(text), read="*", by=None)

    assert file.render(blueprint_of(in_work(LifecycleModel.objects.get(slug="made")))) == text


@pytest.mark.parametrize("slug", sorted(shipped()))
def test_every_ready_made_model_goes_through_a_file(db, slug):
    plan = blueprint_of_preset(shipped()[slug])

    assert file.render(file.read(file.render(plan))) == file.render(plan)


def good() -> str:
    return file.render(blueprint_of_preset(shipped()["swedish-six"]))


def nth_line(text: str, piece: str) -> int:
    return next(place for place, line in enumerate(text.splitlines(), start=1) if piece in line)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"days": 180', '"days": -5', "is at least"),
        ('"days": 180', '"days": "many"', "expected a whole number."),
        ('"condition": "purchase_days"', '"condition": "horoscope"', "there is no condition “horoscope”"),
        ('"stage": "loyalty"', '"stage": "gone"', "There is no stage “gone” in this version."),
        ('"colour": 3', '"colour": 77', "A colour is a number from 0 (grey) to 12."),
        ('"colour": 3', '"colour": true', "Expected a whole number."),
        ('"colour": 3', '"color": 3', "“color” is unknown here."),
        ('"slug": "retention"', '"slug": "loyalty"', "There are two stages “loyalty”"),
        ('"active"', '"happy"', "“happy” is no point of the shared axis"),
        ('"is_initial": true', '"is_initial": false', "Exactly one stage is the first one"),
        ('"format": 1', '"format": 2', "Only format 1 can be read."),
        ('"format": 1,', '"format": 1', "This is not JSON"),
        ('"format": 1,', '"format": 1, "format": 1,', "“format” stands here twice"),
        ('"icon": "heart"', '"icon": "\\ud800"', "Contains a character that can't be stored"),
        ('"icon": "heart"', '"icon": "\\u0000"', "Contains a character that can't be stored"),
        ('"colour": 3', '"colour": NaN', "A number here is too large"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_and_the_cure(db, old, new, told):
    text = good()
    assert old in text

    with pytest.raises(file.BadFile) as refused:
        file.read(text.replace(old, new, 1))

    line, _reason = next(fault for fault in refused.value.faults if told in fault[1])
    away = {"Exactly one", "This is not JSON", "There are two", "A number here"}
    if not any(each in told for each in away):
        assert line in (nth_line(text, old) - 1, nth_line(text, old))  # a test's fault: where the test begins
    assert str(refused.value).startswith("Line ")


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "7", '"x"', "{", "[" * 200_000, '{"format": 1}', "x" * 1_100_000]
)
def test_no_rubbish_is_more_than_a_refusal(db, text):
    with pytest.raises(file.BadFile):
        file.read(text)


def test_a_file_of_another_model_asks_for_the_stages_of_the_one_that_takes_it_in(db):
    six_stages()
    plan = blueprint_of_preset(shipped()["swedish-six"])
    asks = {"condition": "in_stage", "parameters": {"model": "swedish-six", "stages": ["loyalty"]}}
    plan = Blueprint(
        plan.slug, plan.labels, plan.description, plan.stages, (RulePlan("advocacy", {"en": "Own"}, asks),)
    )

    draft = found("copy", file.read(file.render(plan)), by=None)

    assert draft.rules.get().condition["parameters"]["model"] == "copy"


@pytest.fixture
def client(sign_in, marketer, db) -> Client:
    six_stages()
    return sign_in(marketer)


def exported(client: Client, query: str = "") -> str:
    return client.get(f"{PAGE}file/{query}").content.decode()


def test_a_bad_upload_names_the_line_and_changes_nothing(client):
    answer = client.post(f"{PAGE}draft/file/", {"content": "{\n}", "save": "yes"})

    assert answer.status_code == 422
    assert "Line 1: “format” is missing here; add it." in answer.content.decode()
    assert not ModelVersion.objects.filter(status="draft").exists()
    assert not AuditEntry.objects.filter(action="version.revised").exists()


def test_versions_that_are_not_there_are_not_found(client):
    for path in ("file/?version=9", "file/?version=x", "differences/?before=9", "differences/?after=0"):
        assert client.get(f"{PAGE}{path}").status_code == 404


def test_the_overview_tells_every_rule_and_draws_the_moves_that_happened(client):
    buyer(200, 3, name="Back again")

    page = client.get(f"{PAGE}overview/")

    told = page.content.decode()
    assert "When: last purchase over 180 days ago." in told
    picture = page.context["picture"]
    assert [(line.from_stage.slug, line.to_stage.slug, line.count) for line in picture.lines] != []
    assert {box.stage.slug: box.customers for box in picture.boxes}["retention"] == 1
    assert "Nobody moved" not in picture.in_words


def test_a_forbidden_move_is_dashed_in_the_drawing(client):
    plan = blueprint_of(in_work(LifecycleModel.objects.get(slug="swedish-six")))
    barred = replace(plan, moves=(MovePlan("churned", "loyalty", "person", "forbidden"),))

    picture = picture_of(barred, {}, {})

    assert [(arc.title, arc.policy) for arc in picture.exceptions] == [
        ("Churned to Loyalty: forbidden (Person)", "forbidden")
    ]
    assert picture.in_words.startswith("Nobody moved in the last twelve months. By their numbers, rules lead")


def test_a_move_that_needs_a_reason_is_dotted_and_one_line_tells_all_sources(client):
    plan = blueprint_of(in_work(LifecycleModel.objects.get(slug="swedish-six")))
    moves = (
        MovePlan("discovery", "conversion", "rule", "with_reason"),
        MovePlan("churned", "loyalty", "person", "with_reason"),
        MovePlan("churned", "loyalty", "api", "forbidden"),
    )

    picture = picture_of(replace(plan, moves=moves), {}, {})

    assert [(arc.title, arc.policy) for arc in picture.exceptions] == [
        ("Discovery to Conversion: only with a reason (Rule)", "with_reason"),
        (
            "Churned to Loyalty: forbidden (API)\nChurned to Loyalty: only with a reason (Person)",
            "forbidden",
        ),
    ]


def test_while_nobody_has_moved_the_drawing_tells_which_rules_lead_where(client):
    rules = client.get(f"{PAGE}overview/").context["plan"].rules

    page = client.get(f"{PAGE}overview/")

    picture, told = page.context["picture"], page.content.decode()
    assert picture.lines == []
    assert {way.box.stage.slug: way.places for way in picture.ways} == {
        slug: [place for place, rule in enumerate(rules, 1) if rule.stage == slug]
        for slug in {rule.stage for rule in rules}
    }
    assert "Where the rules lead" in told
    assert "Onward moves run down" not in told
    assert all(way.title in told and f">{way.numbers}</text>" in told for way in picture.ways)

    buyer(200, 3, name="Back again")
    cache.clear()

    page = client.get(f"{PAGE}overview/")
    assert page.context["picture"].ways == []
    assert "Moves that really happened" in page.content.decode()


def test_flows_count_moves_of_the_last_year_and_only_of_customers_one_sees(client, owner, administrator):
    buyer(500, 450, name="Mine", owner=owner)
    buyer(3, name="Not mine")
    model, now = LifecycleModel.objects.get(slug="swedish-six"), clock.now()

    everybody = flows_of(model, until=now, seen_by=administrator)
    mine = flows_of(model, until=now, seen_by=owner)

    assert sum(everybody.values()) >= sum(mine.values()) > 0
    assert all(left != went for left, went in everybody)
