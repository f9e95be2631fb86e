"""What can't be asked is refused where it is saved, and still read where it is stored."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clm.accounts.models import User
from clm.base.conditions import InvalidCondition, parse, vet
from customers.models import Segment
from customers.profile_choices import value_choices
from customers.segments.keeping import create
from lifecycle.designing.blueprint import RulePlan, blueprint_of_preset
from lifecycle.designing.checking import BadBlueprint, check
from lifecycle.models import LifecycleModel, Stage
from lifecycle.presets import shipped
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def leaf(name: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": name, "parameters": parameters}


@pytest.mark.parametrize("name", ["in_stage", "was_in_stage"])
def test_a_stage_that_does_not_exist_is_named_with_those_that_do(name: str) -> None:
    model = LifecycleModel.objects.create(slug="ours", labels={"en": "Ours"})
    Stage.objects.create(model=model, slug="reach", labels={"en": "Reach"}, position=1)
    nowhere = leaf(name, model="nope", stages=["nirvana"])
    unknown = {"all": [leaf("open_lead"), {"not": leaf(name, model="ours", stages=["reach", "nirvana"])}]}

    with pytest.raises(InvalidCondition, match=rf"^condition.{name}.model: .*“nope”.*ours"):
        vet(nowhere)
    with pytest.raises(InvalidCondition, match=rf"^condition.all\[1\].not.{name}.stages: .*“nirvana”.*reach"):
        vet(unknown)

    assert parse(unknown).sentence()


def test_a_draft_asks_for_its_own_stages_alone() -> None:
    plan = blueprint_of_preset(shipped()["swedish-six"])
    slug = plan.stages[1].slug
    asks = RulePlan(plan.stages[0].slug, {}, leaf("in_stage", model=plan.slug, stages=[slug]))
    check(replace(plan, rules=(asks,), moves=()))  # the model is in no table yet

    rest = tuple(stage for stage in plan.stages if stage.slug != slug)
    with pytest.raises(BadBlueprint, match=f"no stage “{slug}”") as refused:
        check(replace(plan, stages=rest, rules=(asks,), moves=()))

    assert refused.value.faults[0].path == ("rules", 0, "condition", "in_stage", "stages")


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        (leaf("field", field="country", operator="at_least", value="5"), "“at_least” does not fit country"),
        (leaf("field", field="name", operator="at_least", value="5"), "“at_least” does not fit name"),
        (leaf("field", field="owner", operator="is", value="abc"), "“abc” does not fit owner"),
        (leaf("field", field="country", operator="is", value="Danmark"), "“Danmark” does not fit country"),
        (leaf("field", field="company", operator="is", value="7"), "“7” does not fit company"),
        (leaf("field", field="team", operator="is", value="7"), "“7” does not fit team"),
        (
            leaf("field", field="language", operator="is", value="Klingonish"),
            "“Klingonish” does not fit language",
        ),
        (leaf("field", field="language", operator="is_not", value="qq"), "“qq” does not fit language"),
        (leaf("purchase_days", at_least=5, at_most=2), "2 is less than 5"),
        (leaf("nps_score", at_least=9, at_most=2), "2 is less than 9"),
        (leaf("random_bucket", first=9, last=2), "2 is less than 9"),
    ],
)
def test_what_nobody_can_be_is_no_segment(marketer: User, tree: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        create(by=marketer, name="Nobody", kind="dynamic", conditions=tree)

    assert not Segment.objects.exists()
    assert parse(tree).sentence()


@pytest.mark.parametrize("value", ["da", "en-GB", "pt_BR"])
def test_languages_are_told_by_name_whatever_country_stands_behind(value: str) -> None:
    CustomerFactory(language="pt_BR")
    offered = dict(value_choices("language"))

    tree = vet(leaf("field", field="language", operator="is", value=value))

    told = {"da": "Danish", "en-GB": "British English", "pt_BR": "Brazilian Portuguese"}[value]
    assert tree.sentence() == f"language is {told}"
    assert (offered["da"], offered["pt_BR"]) == ("Danish", "Brazilian Portuguese")
    assert "en-GB" not in offered  # nobody has it
