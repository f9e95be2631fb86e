"""Two rules that would chase a customer round are told of before they are published."""

from typing import Any

import pytest

from clm.accounts.models import User
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.chases import chases
from lifecycle.models import LifecycleModel, Rule
from lifecycle.publishing import open_draft
from tests.lifecycle.shop import six_stages
from tests.lifecycle.test_pulled import while_in

pytestmark = pytest.mark.django_db
BOUGHT = {"condition": "purchased_within", "parameters": {"days": 180}}
CLICKED = {"condition": "event", "parameters": {"names": ["email.clicked"], "within_days": 30}}


def all_of(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(parts)}


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    open_draft(model, by=None)
    return model


def told(model: LifecycleModel, engagement: dict[str, Any], retention: dict[str, Any]) -> list[str]:
    """Of a draft with these two rules; what leads to retention comes first."""
    draft = open_draft(model, by=None)
    Rule.objects.filter(version=draft).exclude(stage__slug__in=["engagement", "retention"]).delete()
    for slug, condition in (("engagement", engagement), ("retention", retention)):
        Rule.objects.filter(version=draft, stage__slug=slug).update(condition=condition, labels={"en": slug})
    return chases(blueprint_of(draft))


def test_no_preset_has_any(model: LifecycleModel):
    assert chases(blueprint_of(model.published())) == []


@pytest.mark.parametrize(
    ("engagement", "retention", "chase"),
    [
        (all_of(BOUGHT, while_in("retention", days=0)), all_of(BOUGHT, while_in("engagement", days=0)), True),
        (while_in("retention", days=1), {"not": while_in("retention", days=0)}, True),
        (all_of(CLICKED, while_in("retention")), all_of(BOUGHT, while_in("engagement")), True),
        (all_of({"not": BOUGHT}, while_in("retention")), all_of(BOUGHT, while_in("engagement")), False),
        (all_of(CLICKED, while_in("retention")), BOUGHT, False),
        (while_in("discovery"), all_of(BOUGHT, while_in("engagement")), False),
        (while_in("retention", days=30), while_in("engagement", days=30), False),
    ],
    ids=[
        "the same facts", "asked the other way round", "facts that may both be", "facts that exclude each other",
        "the first one keeps them", "a way onward", "rounds that take their time",
    ],
)  # fmt: skip
def test_a_chase_is_what_facts_can_bring_about(
    model: LifecycleModel, engagement: dict[str, Any], retention: dict[str, Any], chase: bool
):
    found = told(model, engagement, retention)

    assert bool(found) == chase
    assert not chase or found[0].startswith(
        "“retention” and “engagement” may send the same customers back and forth between Retention and Engagement"
    )


def test_the_designer_and_the_api_tell_it(model: LifecycleModel, sign_in: Any, marketer: User):
    told(model, while_in("retention"), while_in("engagement"))
    client = sign_in(marketer)

    pages = [
        client.get(f"/lifecycle/models/swedish-six/draft/{page}").text for page in ("rules/", "publication/")
    ]
    answer = client.get("/api/v1/lifecycle-models/swedish-six/differences/?after=draft").json()

    assert all("may send the same customers back and forth" in page for page in pages)
    assert [text.partition(" may ")[0] for text in answer["warnings"]] == ["“retention” and “engagement”"]
