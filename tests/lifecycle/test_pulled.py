"""Rules that send a customer back and forth: parked, both rules named wherever one looks, released by hand."""

from datetime import timedelta
from typing import Any

import pytest

from clm.accounts.jobs import drive
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Parking, Rule, StagePeriod
from lifecycle.publishing import open_draft, publish
from lifecycle.replay import replay
from tests.factories import CustomerFactory
from tests.lifecycle.shop import six_stages, stage_of

pytestmark = pytest.mark.django_db
MODEL = "/lifecycle/models/swedish-six/"


def while_in(*stages: str, days: int = 1) -> dict[str, Any]:
    return {
        "condition": "in_stage",
        "parameters": {"model": "swedish-six", "stages": list(stages), "for_days": days},
    }


def rule(slug: str, name: str, condition: dict[str, Any]) -> Rule:
    found = Rule.objects.get(stage__slug=slug, version__model__slug="swedish-six")
    found.condition, found.labels = condition, {"en": name}
    found.save()
    return found


@pytest.fixture
def model(db: None) -> LifecycleModel:
    """After a day in Engagement on to Retention, and after a day there back."""
    model = six_stages()
    Rule.objects.exclude(stage__slug__in=["engagement", "retention"]).delete()
    rule("engagement", "Cools down", while_in("discovery", "retention"))
    rule("retention", "Warms up", while_in("engagement"))
    return model


@pytest.fixture
def customer(model: LifecycleModel) -> Customer:
    customer: Customer = CustomerFactory(name="Ada Berg", first_seen_at=clock.now() - timedelta(days=9))
    work_out(model)
    return customer


def work_out(model: LifecycleModel) -> None:
    version = model.published()
    assert version is not None
    list(replay(version))


def both(model: LifecycleModel) -> list[int]:
    return sorted(Rule.objects.filter(version__model=model).values_list("pk", flat=True))


def test_who_goes_round_day_by_day_is_parked_with_both_rules(model: LifecycleModel, customer: Customer):
    parking = Parking.objects.get()

    assert (parking.customer, parking.reason, sorted(parking.rules)) == (customer, "day-by-day", both(model))
    told = AuditEntry.objects.get(action="customer.parked")
    assert (told.subject_id, sorted(told.details["rules"])) == (customer.pk, both(model))
    stays = StagePeriod.objects.live().count()
    work_out(model)
    assert StagePeriod.objects.live().count() == stays


def test_who_moves_on_and_comes_back_later_is_not_parked(model: LifecycleModel):
    rule("retention", "Warms up", while_in("engagement", days=3))
    CustomerFactory(first_seen_at=clock.now() - timedelta(days=9))

    work_out(model)

    assert StagePeriod.objects.live().count() > 3
    assert not Parking.objects.exists()


def test_versions_published_on_one_day_park_nobody(db: None):
    model = six_stages()
    customer: Customer = CustomerFactory(first_seen_at=clock.now() - timedelta(days=2))
    everybody = {"not": {"condition": "event", "parameters": {"names": ["never"], "within_days": 1}}}

    for slug in ("engagement", "conversion", "retention", "loyalty"):
        draft = open_draft(model, by=None)
        draft.rules.exclude(pk=draft.rules.first().pk).delete()
        draft.rules.update(stage=model.stages.get(slug=slug), condition=everybody)
        job = publish(draft, by=None, replay=slug == "loyalty")
        assert job is not None
        drive(job)

    assert stage_of(customer) == "loyalty"
    assert StagePeriod.objects.filter(customer=customer, cause="rule").count() >= 4
    assert not Parking.objects.exists()


def test_the_customer_s_page_names_both_rules_and_the_way_out(
    sign_in: Any, marketer: User, customer: Customer
):
    page = sign_in(marketer).get(f"/customers/{customer.pk}/").content.decode()

    banner = page.partition('id="parked-swedish-six"')[2].partition('id="value"')[0]
    assert "Rules lead this customer round and round, a move a day." in banner
    assert "Cools down" in banner
    assert "Warms up" in banner
    assert "is in Engagement for at least 1 day" in banner
    assert "Let rules decide again" in banner
    assert f"{MODEL}draft/rules/" in banner


def test_the_model_s_page_counts_them_and_lets_all_go(
    sign_in: Any, marketer: User, analyst: User, customer: Customer, model: LifecycleModel
):
    client = sign_in(marketer)

    whole = client.get(MODEL).content.decode()
    page = client.get(f"{MODEL}parked/").content.decode()
    listed = client.get("/lifecycle/parkings/?model=swedish-six").content.decode()
    elsewhere = client.get("/lifecycle/parkings/?model=other").content.decode()
    garbled = client.get("/lifecycle/parkings/", {"model": "\x00"})
    refused = sign_in(analyst).post(f"{MODEL}release/")

    assert f'hx-get="{MODEL}parked/"' in whole
    assert "These rules send 1 customer back and forth, who is parked." in page
    assert all(name in page for name in ("Cools down", "Warms up"))
    assert customer.name in listed
    assert customer.name not in elsewhere
    assert garbled.status_code == 200
    assert customer.name not in garbled.content.decode()
    assert refused.status_code == 403
    assert Parking.objects.filter(released_at=None).count() == 1

    rule("retention", "Warms up", while_in("engagement", days=30))
    rule("engagement", "Cools down", while_in("discovery"))
    answer = client.post(f"{MODEL}release/", follow=True)
    evaluate_changed()

    assert "Released: rules decide again for 1 customer" in answer.content.decode()
    assert not Parking.objects.filter(released_at=None).exists()
    assert AuditEntry.objects.get(action="customers.released").details["count"] == 1
    assert stage_of(customer) == "engagement"


def test_a_rep_counts_and_releases_only_those_they_see(
    sign_in: Any, stranger: User, customer: Customer, model: LifecycleModel
):
    client = sign_in(stranger)

    page = client.get(f"{MODEL}parked/").content.decode()
    client.post(f"{MODEL}release/")

    assert "Cools down" not in page
    assert Parking.objects.filter(released_at=None).count() == 1


def test_the_api_tells_and_releases(sign_in: Any, marketer: User, customer: Customer, model: LifecycleModel):
    client, address = sign_in(marketer), f"/api/v1/customers/{customer.pk}/"

    parked = client.get(f"{address}stage/").json()["parked"]
    first = client.post(f"{address}releases/", {"model": "swedish-six"}, content_type="application/json")
    second = client.post(f"{address}releases/", {}, content_type="application/json")

    assert parked["reason"] == "day-by-day"
    named = {one["name"]: one["stage"] for one in parked["rules"]}
    assert named == {"Cools down": "engagement", "Warms up": "retention"}
    assert (first.json(), second.json()) == ({"released": True}, {"released": False})
    assert client.get(f"{address}stage/").json()["parked"] is None


def test_the_empty_list_names_every_reason_to_park(sign_in, marketer: User) -> None:
    page = " ".join(sign_in(marketer).get("/lifecycle/parkings/").text.split())

    assert (
        "when rules move them three times within a day, lead them round and round day by day, or cannot be applied to them."
        in page
    )
