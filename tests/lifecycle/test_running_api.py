"""What is done with a model as a whole, by programs: its history worked out, made primary, laid beside another."""

from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Customer
from lifecycle.models import CurrentStage, LifecycleModel, NextDue
from lifecycle.presets import install
from lifecycle.publishing import open_draft, publish
from lifecycle.resettling import vanished
from tests.api.conftest import api
from tests.lifecycle.shop import buyer, six_stages, work_off

__all__ = ["api"]
pytestmark = pytest.mark.django_db
MODELS = "/api/v1/lifecycle-models/"


@pytest.fixture
def two(db: None) -> None:
    six_stages()
    install("danish-twelve", by=None)
    buyer(3)
    buyer(300, 200, 5)
    buyer(400)


@pytest.fixture
def program(two: None, marketer: User, api: Any) -> Client:
    client: Client = api(marketer)
    return client


def test_a_history_is_worked_out_as_a_job(program: Client):
    asked = program.post(f"{MODELS}swedish-six/replays/", {})
    again = program.post(f"{MODELS}swedish-six/replays/", {})
    work_off()

    assert asked.status_code == 202
    job = asked.json()["id"]
    assert (again.status_code, Job.objects.count()) == (409, 1)
    assert "being worked out already" in again.json()["errors"][0]["detail"]
    done = program.get(f"/api/v1/jobs/{job}/").json()
    assert (done["status"], done["result"]["customers"]) == ("done", 3)
    assert program.post(f"{MODELS}none/replays/", {}).status_code == 404


def test_another_model_becomes_the_primary_one(program: Client):
    answer = program.post(f"{MODELS}danish-twelve/primacy/", {})

    assert answer.json() == {"primary": "danish-twelve"}
    assert LifecycleModel.objects.primary().slug == "danish-twelve"


def test_two_models_are_compared_with_what_is_lost(program: Client):
    told = program.get("/api/v1/lifecycle/comparison/").json()
    turned = program.get("/api/v1/lifecycle/comparison/?first=danish-twelve&as_of=2026-01-01").json()

    assert (told["first"], told["second"], told["customers"], told["agreeing"]) == (
        "swedish-six",
        "danish-twelve",
        3,
        3,
    )
    assert {(pair["first"], pair["second"], pair["customers"]) for pair in told["pairs"]} == {
        ("conversion", "sale", 1),
        ("loyalty", "loyalty", 1),
        ("churned", "churn", 1),
    }
    assert told["many_to_one"] == turned["many_to_one"] or turned["second"] == "swedish-six"
    assert all(set(blur) == {"model", "stages", "into"} for blur in told["many_to_one"])


def test_a_pair_that_is_none_names_those_there_are(program: Client):
    same = program.get("/api/v1/lifecycle/comparison/?first=swedish-six&second=swedish-six")
    LifecycleModel.objects.get(slug="danish-twelve").versions.update(status="retired")
    alone = program.get("/api/v1/lifecycle/comparison/")

    assert (same.status_code, same.json()["errors"][0]["attr"]) == (400, "second")
    assert "danish-twelve" in same.json()["errors"][0]["detail"]
    assert alone.status_code == 400


def test_only_who_edits_models_replays_or_chooses(two: None, analyst: User, api: Any):
    reader: Client = api(analyst)

    assert reader.post(f"{MODELS}swedish-six/replays/", {}).status_code == 403
    assert reader.post(f"{MODELS}danish-twelve/primacy/", {}).status_code == 403
    assert not Job.objects.exists()


def test_a_model_is_retired_once_and_never_the_primary_one(program: Client):
    danish = LifecycleModel.objects.get(slug="danish-twelve")

    answer = program.post(f"{MODELS}danish-twelve/retirement/", {})
    again = program.post(f"{MODELS}danish-twelve/retirement/", {})
    refused = program.post(f"{MODELS}swedish-six/retirement/", {})
    primary = program.post(f"{MODELS}danish-twelve/primacy/", {})

    assert answer.json() == {"retired": "danish-twelve", "version": 1}
    assert (again.status_code, refused.status_code, primary.status_code) == (409, 409, 409)
    assert "Make another one primary first" in refused.json()["errors"][0]["detail"]
    assert LifecycleModel.objects.primary().slug == "swedish-six"
    assert AuditEntry.objects.filter(action="model.retired").count() == 1
    assert not NextDue.objects.filter(model=danish).exists()
    NextDue.objects.create(customer=Customer.objects.first(), model=danish, at=BEGINNING)
    assert not NextDue.objects.workable(clock.now()).filter(model=danish).exists()


def test_a_retired_model_that_comes_back_without_a_stage_asks_for_an_heir_too(program: Client):
    danish = LifecycleModel.objects.get(slug="danish-twelve")
    stages = CurrentStage.objects.filter(model=danish).values("stage")
    program.post(f"{MODELS}danish-twelve/retirement/", {})
    draft = open_draft(danish, by=None)
    dropped = draft.stage_uses.exclude(is_initial=True).filter(stage__in=stages).first()
    draft.rules.filter(stage=dropped.stage).delete()
    dropped.delete()

    assert [one.stage for one in vanished(draft)] == [dropped.stage]
    heirs = {dropped.stage.slug: draft.stage_uses.get(is_initial=True).stage.slug}
    job = publish(draft, by=None, heirs=heirs)

    draft.refresh_from_db()
    assert job.kind == "lifecycle.replay"
    assert danish.published() == draft
