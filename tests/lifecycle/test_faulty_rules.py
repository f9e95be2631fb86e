"""A rule that asks for what is gone: in nobody's way while the draft is changed, told wherever it is to decide."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Team, User
from customers.models import Segment
from lifecycle.designing import steps
from lifecycle.designing.blueprint import RulePlan, blueprint_of
from lifecycle.designing.checking import BadBlueprint
from lifecycle.designing.editing import edit, in_work
from lifecycle.designing.file import document
from lifecycle.drafting import publish_as_read
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, VersionStatus
from lifecycle.publishing import CannotPublish
from lifecycle.simulating.asking import CannotSimulate, Question, simulate
from tests.api.conftest import api
from tests.factories import TeamFactory
from tests.lifecycle.shop import six_stages

__all__ = ["api"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PAGE = "/lifecycle/models/swedish-six/"
RULES = "/api/v1/lifecycle-models/swedish-six/"


def of_team(team: Team) -> dict[str, Any]:
    return {"condition": "field", "parameters": {"field": "team", "operator": "is", "value": str(team.pk)}}


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """Two rules of the draft ask for a team and a segment that are no more."""
    model = six_stages()
    team, segment = TeamFactory(), Segment.objects.create(name="Old", slug="old", kind="static")
    asks = {"condition": "in_segment", "parameters": {"segment": "old"}}
    for rule in (
        RulePlan("loyalty", {"en": "Northerners"}, of_team(team)),
        RulePlan("loyalty", {"en": "Old ones"}, asks),
    ):
        edit(model, partial(steps.add_rule, rule=rule), read="*", by=None)
    team.delete()
    segment.delete()
    return model


def draft_of(model: LifecycleModel) -> ModelVersion:
    return model.versions.get(status=VersionStatus.DRAFT)


def key_of(model: LifecycleModel, name: str) -> int:
    return next(rule.key for rule in blueprint_of(in_work(model)).rules if rule.labels.get("en") == name)


def test_everything_else_of_the_draft_is_changed(model: LifecycleModel):
    key = key_of(model, "Northerners")

    edit(model, lambda plan: replace(plan, labels={"en": "Ours"}), read="*", by=None)
    edit(model, lambda plan: steps.move_rule(plan, key, -2), read="*", by=None)
    edit(model, lambda plan: steps.remove_rule(plan, plan.rules[0].key), read="*", by=None)

    assert draft_of(model).labels == {"en": "Ours"}
    other = RulePlan("loyalty", {}, of_team(Team(pk=999)))
    for step in (partial(steps.change_rule, key=key, rule=other), partial(steps.add_rule, rule=other)):
        with pytest.raises(BadBlueprint, match="does not fit team"):
            edit(model, step, read="*", by=None)


def test_a_change_that_makes_another_rule_faulty_is_refused(model: LifecycleModel):
    here = {
        "condition": "in_stage",
        "parameters": {"model": "swedish-six", "stages": ["churned"], "for_days": 0},
    }
    rule = RulePlan("loyalty", {}, {"not": here})
    edit(model, lambda plan: steps.add_rule(plan, rule), read="*", by=None)

    with pytest.raises(BadBlueprint, match="no stage “churned”"):
        edit(model, lambda plan: steps.retire_stage(plan, "churned"), read="*", by=None)


def test_neither_simulated_nor_published_and_each_fault_is_named(model: LifecycleModel):
    with pytest.raises(CannotPublish) as unpublished:
        publish_as_read(model, read="*", by=None, replay=False)
    with pytest.raises(CannotSimulate) as untried:
        simulate(draft_of(model), Question(), by=None)

    told = [one.told for one in unpublished.value.faulty]
    assert [one.name for one in unpublished.value.faulty] == ["Northerners", "Old ones"]
    assert [one.rule for one in unpublished.value.faulty] == [
        key_of(model, "Northerners"),
        key_of(model, "Old ones"),
    ]
    assert str(unpublished.value) == " ".join(told)
    assert untried.value.told() == told
    assert draft_of(model).published_at is None
    assert not Simulation.objects.exists()


def test_pages_tell_the_fault_beside_the_rule_and_link_to_it(
    model: LifecycleModel, sign_in: SignIn, administrator: User
):
    client, key = sign_in(administrator), key_of(model, "Northerners")
    link = f'href="{PAGE}draft/rules/{key}/"'

    pages = [
        client.get(f"{PAGE}{page}").content.decode()
        for page in ("draft/", "draft/publication/", "draft/rules/")
    ]
    tried = client.post(f"{PAGE}draft/publication/simulation/")
    asked = client.post(f"{PAGE}draft/simulation/", {"version": draft_of(model).pk, "span": "now"})

    for page in [*pages, tried.content.decode(), asked.content.decode()]:
        assert link in page
        assert "does not fit team" in page
    assert (tried.status_code, asked.status_code) == (422, 422)
    assert "Old ones" in tried.content.decode()


def test_over_the_api_the_draft_is_written_and_refused_where_it_is_to_decide(
    model: LifecycleModel, administrator: User, api: Callable[[User], Any]
):
    program, plan = api(administrator), blueprint_of(in_work(model))
    etag = program.get(f"{RULES}draft/").headers["ETag"]
    given = document(plan) | {"name": {"en": "Ours"}}

    written = program.put(f"{RULES}draft/", given, headers={"If-Match": etag})
    published = program.post(f"{RULES}publications/", {}, headers={"If-Match": written.headers["ETag"]})
    tried = program.post("/api/v1/lifecycle/simulations/", {"model": "swedish-six", "span": "now"})

    assert written.status_code == 200
    assert published.status_code == 409
    place = len(plan.rules) - 2
    assert [fault["attr"] for fault in published.json()["faults"]] == [
        f"rules.{place}.condition.field.value",
        f"rules.{place + 1}.condition.in_segment.segment",
    ]
    assert tried.status_code == 400
    assert [error["attr"] for error in tried.json()["errors"]] == ["version", "version"]
