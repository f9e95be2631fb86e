"""Over the API: versions of a model, all parked let go, a job cancelled, and every way to the other stages."""

from datetime import timedelta
from typing import Any

import pytest

from clm.accounts.models import Job, User
from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Parking
from lifecycle.publishing import open_draft
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


def test_the_versions_are_listed_the_newest_first(model: LifecycleModel, sign_in: Any, analyst: User):
    open_draft(model, by=None)

    found = sign_in(analyst).get("/api/v1/lifecycle-models/swedish-six/versions/").json()["results"]

    assert [(one["number"], one["status"]) for one in found] == [(2, "draft"), (1, "published")]
    assert found[0]["published_at"] is None
    assert found[1]["governs_from"] is not None


def test_all_parked_are_let_go_by_whom_may(
    model: LifecycleModel, sign_in: Any, marketer: User, analyst: User
):
    for customer in (buyer(3), buyer(5)):
        Parking.objects.create(customer=customer, model=model, reason="ping-pong")
    address = "/api/v1/lifecycle-models/swedish-six/releases/"

    refused = sign_in(analyst).post(address, {}, content_type="application/json")
    first = sign_in(marketer).post(address, {}, content_type="application/json")
    second = sign_in(marketer).post(address, {}, content_type="application/json")

    assert refused.status_code == 403
    assert (first.json(), second.json()) == ({"released": 2}, {"released": 0})


def test_a_job_is_cancelled_once_and_by_nobody_else(sign_in: Any, marketer: User, analyst: User):
    job = Job.objects.create(kind="lifecycle.replay", title="Replay", owner=marketer)
    address = f"/api/v1/jobs/{job.pk}/cancellation/"

    foreign = sign_in(analyst).post(address, {}, content_type="application/json")
    first = sign_in(marketer).post(address, {}, content_type="application/json")
    second = sign_in(marketer).post(address, {}, content_type="application/json")

    assert foreign.status_code == 404
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert second.status_code == 409


def test_ways_to_other_stages_tell_alternatives_and_obstacles(
    model: LifecycleModel, sign_in: Any, marketer: User
):
    customer: Customer = buyer(3)

    told = sign_in(marketer).get(f"/api/v1/customers/{customer.pk}/stage/").json()

    ways = {way["stage"]: way for way in told["ways"]}
    assert set(ways) == {"discovery", "engagement", "retention", "loyalty", "advocacy", "churned"}
    assert ways["discovery"]["obstacle"] == (
        "Not from here. The rule asks: is in Engagement for at least 90 days."
    )
    assert ways["retention"]["obstacle"].startswith("Holds, but “")
    assert [len(need["ways"]) for need in ways["advocacy"]["needs"] if need["ways"]] == [2]
    assert told["why"]["leaves"][0]["facts"][0]["url"].startswith("/")


def test_a_fact_is_told_in_the_callers_language_and_by_the_name_it_was_sent_with(
    model: LifecycleModel, sign_in: Any, marketer: User
):
    customer: Customer = CustomerFactory()
    event = EventFactory(
        customer=customer, name="form.submitted", occurred_at=clock.now() - timedelta(days=1)
    )
    Arrival.objects.note([customer.pk], since=event.occurred_at)
    evaluate_changed()
    marketer.language = "de"
    marketer.save()

    told = sign_in(marketer).get(f"/api/v1/customers/{customer.pk}/stage/").json()

    facts = [fact for leaf in told["why"]["leaves"] for fact in leaf["facts"]]
    assert [(fact["label"], fact["name"]) for fact in facts] == [
        ("Hat ein Formular gesendet", "form.submitted")
    ]
