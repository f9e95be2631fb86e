"""An earlier version used again, and a retired model brought back as it was."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from clm.accounts.models import AuditEntry, Job
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.difference import difference
from lifecycle.designing.restoring import CannotRestore, restore
from lifecycle.drafting import publish_as_read
from lifecycle.models import CurrentStage, LifecycleModel, ModelVersion, Rule, StagePeriod, VersionStatus
from lifecycle.presets import install
from lifecycle.publishing import CannotPublish, publish
from lifecycle.retiring import retire
from tests.lifecycle.shop import buyer, six_stages, stage_of, work_off
from tests.lifecycle.simulating.trying import drafted

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def danish(model: LifecycleModel) -> LifecycleModel:
    """A second model that was in force and is no more."""
    buyer(100)
    danish = install("danish-twelve", by=None)
    retire(danish, by=None)
    return danish


def changes(one: ModelVersion, other: ModelVersion) -> list[str]:
    return [str(change) for change in difference(blueprint_of(one), blueprint_of(other))]


def version(model: LifecycleModel, number: int) -> ModelVersion:
    return model.versions.select_related("model").get(number=number)


def test_an_earlier_version_is_a_draft_again_word_for_word(model, marketer):
    publish(drafted(model, churned=90, loyalty=90), by=None)
    told = changes(version(model, 2), version(model, 1))

    draft = restore(version(model, 1), by=marketer)

    assert (draft.number, draft.status) == (3, VersionStatus.DRAFT)
    assert changes(version(model, 1), draft) == []
    entry = AuditEntry.objects.get(action="version.restored")
    assert (entry.actor, entry.details["restored"], entry.details["changes"]) == (marketer, 1, told)
    assert len(told) > 1


def test_its_rules_are_the_same_rules(model):
    """So a rule that went and came back is compared with itself, also by who looks at a draft in work."""
    publish(drafted(model, churned=90), by=None)
    ours = {rule.stage.slug: rule.pk for rule in version(model, 2).rules.all()}

    draft = restore(version(model, 1), by=None)

    assert {rule.stage.slug: rule.origin_id for rule in draft.rules.all()} == ours


def test_what_is_in_work_or_in_force_is_not_restored(model):
    with pytest.raises(CannotRestore, match="is in force"):
        restore(version(model, 1), by=None)
    drafted(model, churned=90)
    with pytest.raises(CannotRestore, match="a draft of"):
        restore(version(model, 2), by=None)
    publish(version(model, 2), by=None)
    drafted(model, churned=60)
    with pytest.raises(CannotRestore, match="Publish or discard it first"):
        restore(version(model, 1), by=None)
    assert model.versions.count() == 3


def test_a_rule_that_can_be_asked_no_more_comes_along_and_is_named(model):
    Rule.objects.filter(version=version(model, 1), stage__slug="churned").update(
        condition={"condition": "in_segment", "parameters": {"segment": "gone"}}
    )
    draft = drafted(model, retention=90)
    Rule.objects.filter(version=draft, stage__slug="churned").update(
        condition={"condition": "purchased_within", "parameters": {"days": 9}}
    )
    publish(draft, by=None)

    again = restore(version(model, 1), by=None)

    with pytest.raises(CannotPublish, match="gone"):
        publish(again, by=None)


def test_a_retired_model_comes_back_as_it_was(danish, sign_in, marketer):
    client, page = sign_in(marketer), "/lifecycle/models/danish-twelve/"
    retired = client.get(page)
    assertContains(retired, "Bring back")
    assertNotContains(retired, "Stages follow new facts")

    opened = client.post(f"{page}versions/1/draft/", follow=True)

    assert opened.redirect_chain[-1][0] == f"{page}draft/publication/"
    assertContains(opened, "Its rules are those it had when it was retired.")
    assertContains(opened, "Publish and bring the model back")
    assertNotContains(opened, "Publish from now on")
    assertNotContains(client.get(page), "Bring back")
    read = opened.context["read"]
    client.post(f"{page}draft/publication/", {"read": read}, follow=True)
    assert Job.objects.latest("pk").kind == "lifecycle.replay"
    work_off()
    back = client.get(page)
    assertNotContains(back, "This model is retired")
    assertContains(back, "The history is worked out.")
    assert danish.published().number == 2
    assert CurrentStage.objects.filter(model=danish).exists()


def test_a_changed_draft_of_a_retired_model_has_one_button_too(danish, sign_in, marketer):
    client, page = sign_in(marketer), "/lifecycle/models/danish-twelve/"
    drafted(danish, churn=90)

    shown = client.get(f"{page}draft/publication/")

    assertContains(shown, "Publish and bring the model back")
    assertNotContains(shown, "Publish and work out the history again")
    assertNotContains(client.get(page), "Use again")


def test_the_list_of_versions_offers_earlier_ones_to_editors(model, sign_in, marketer, analyst):
    publish(drafted(model, churned=90), by=None)
    page = "/lifecycle/models/swedish-six/"

    assertContains(sign_in(marketer).get(page), "Use version 1 again")
    assertNotContains(sign_in(marketer).get(page), "Use version 2 again")
    assertNotContains(sign_in(analyst).get(page), "Use version 1 again")
    assert sign_in(analyst).post(f"{page}versions/1/draft/").status_code == 403
    assert sign_in(marketer).post(f"{page}versions/9/draft/").status_code == 404
    refused = sign_in(marketer).post(f"{page}versions/2/draft/", follow=True)
    assertContains(refused, "is in force.")
    assert not model.versions.filter(status=VersionStatus.DRAFT).exists()


def test_used_again_with_the_history_it_decides_over_all_of_it(model):
    """Any version over the whole history: as if the one between had never been."""
    customer = buyer(100)
    before = stage_of(customer)
    publish(drafted(model, churned=90, retention=90, loyalty=90), by=None, replay=True)
    work_off()
    assert (before, stage_of(customer)) == ("retention", "churned")

    restore(version(model, 1), by=None)
    publish_as_read(model, read="*", by=None, replay=True)
    work_off()

    assert stage_of(customer) == "retention"
    stays = StagePeriod.objects.live().filter(model=model, customer=customer)
    assert "churned" not in stays.values_list("stage__slug", flat=True)
