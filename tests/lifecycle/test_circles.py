"""Models may ask for one another's stages, but not in a circle."""

import pytest
from django.core.exceptions import ValidationError

from customers.models import Segment
from customers.segments import keeping
from lifecycle.models import LifecycleModel, Rule, VersionStatus
from lifecycle.presets import install
from lifecycle.publishing import CannotPublish, open_draft, publish

pytestmark = pytest.mark.django_db


def asks(model: LifecycleModel, tree: dict[str, object]) -> None:
    """Publish the model with a first rule that asks so."""
    draft = open_draft(model, by=None)
    rule = Rule.objects.filter(version=draft).earliest("priority")
    rule.condition = tree
    rule.save()
    publish(draft, by=None)


def in_stage(model: str, stage: str, condition: str = "in_stage") -> dict[str, object]:
    return {"condition": condition, "parameters": {"model": model, "stages": [stage]}}


@pytest.fixture
def six(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


@pytest.fixture
def five(db: None) -> LifecycleModel:
    return install("german-five", by=None)


def test_one_model_may_ask_for_the_stages_of_another(six, five):
    asks(six, in_stage("german-five", "loyalty"))

    assert six.published().number == 2


@pytest.mark.parametrize("condition", ["in_stage", "was_in_stage"])
def test_two_models_that_ask_for_one_another_are_refused_by_name(six, five, condition: str):
    asks(six, in_stage("german-five", "loyalty"))

    with pytest.raises(CannotPublish) as refusal:
        asks(five, in_stage("swedish-six", "loyalty", condition))

    assert (
        "Five stages: Reach to Loyalty, with Conversion → Six stages: Discovery to Advocacy → "
        "Five stages: Reach to Loyalty, with Conversion" in str(refusal.value)
    )
    assert five.published().number == 1


def test_a_circle_of_three_is_found(six, five):
    dutch = install("dutch-six", by=None)
    asks(six, in_stage("german-five", "loyalty"))
    asks(five, in_stage("dutch-six", "purchase"))

    with pytest.raises(CannotPublish, match="in a circle"):
        asks(dutch, {"not": {"all": [in_stage("swedish-six", "loyalty")]}})

    assert dutch.versions.filter(status=VersionStatus.DRAFT).exists()


def test_a_component_counts_as_well(six):
    twelve = install("danish-twelve", by=None)
    draft = open_draft(twelve, by=None)
    beside = draft.component_rules.earliest("component__position")
    beside.condition = in_stage("swedish-six", "loyalty")
    beside.save()
    publish(draft, by=None)

    with pytest.raises(CannotPublish, match="in a circle"):
        asks(six, in_stage("danish-twelve", "loyalty"))


def test_a_circle_by_a_segment_is_found(six, five):
    Segment.objects.create(
        name="Loyal", slug="loyal", kind="dynamic", conditions=in_stage("swedish-six", "loyalty")
    )
    asks(six, in_stage("german-five", "loyalty"))

    with pytest.raises(CannotPublish, match="in a circle"):
        asks(five, {"condition": "in_segment", "parameters": {"segment": "loyal"}})


def test_asking_for_the_own_stage_is_no_circle_but_by_a_segment_it_is(six):
    Segment.objects.create(
        name="Loyal", slug="loyal", kind="dynamic", conditions=in_stage("swedish-six", "loyalty")
    )

    asks(six, in_stage("swedish-six", "loyalty"))
    with pytest.raises(CannotPublish, match="in a circle"):
        asks(six, {"condition": "in_segment", "parameters": {"segment": "loyal"}})

    assert six.published().number == 2


def in_segment(segment: Segment) -> dict[str, object]:
    return {"condition": "in_segment", "parameters": {"segment": segment.slug}}


def test_a_later_change_of_a_segment_does_not_close_a_circle_by_a_model(six, five, marketer):
    bought = {"condition": "orders", "parameters": {"at_least": 1}}
    buyers = keeping.create(by=marketer, name="Buyers", kind="dynamic", conditions=bought)
    outer = keeping.create(by=marketer, name="Outer", kind="dynamic", conditions=in_segment(buyers))
    asks(five, in_segment(outer))
    asks(six, in_stage("german-five", "loyalty"))

    with pytest.raises(ValidationError) as refusal:
        keeping.change(buyers, by=marketer, values={"conditions": in_stage("swedish-six", "loyalty")})

    assert refusal.value.message_dict["conditions"][0] == (
        "This segment and rules of a lifecycle model would ask for one another in a circle: "
        "the segment “Buyers” → Six stages: Discovery to Advocacy → Five stages: Reach to Loyalty, with Conversion → "
        "the segment “Outer” → the segment “Buyers”. Take such a test out of one of them."
    )
    buyers.refresh_from_db()
    assert (buyers.conditions, buyers.revision) == (bought, 1)


def test_a_segment_may_ask_for_stages_of_a_model_that_does_not_rest_on_it(six, five, marketer):
    bought = {"condition": "orders", "parameters": {"at_least": 1}}
    buyers = keeping.create(by=marketer, name="Buyers", kind="dynamic", conditions=bought)
    asks(five, in_segment(buyers))

    keeping.change(buyers, by=marketer, values={"conditions": in_stage("swedish-six", "loyalty")})

    assert buyers.revision == 1
    assert Segment.objects.get().revision == 2


def test_a_model_that_closes_a_circle_by_a_segment_is_told_which(six, marketer):
    loyal = keeping.create(
        by=marketer, name="Loyal", kind="dynamic", conditions=in_stage("swedish-six", "loyalty")
    )

    with pytest.raises(CannotPublish, match="Advocacy → the segment “Loyal” → Six stages"):
        asks(six, in_segment(loyal))
