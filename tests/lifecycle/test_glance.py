"""Why here, beside each stage of the customer list: asked row by row, on hover, focus or a tap."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import User
from clm.base import clock
from lifecycle.models import LifecycleModel, Parking, Rule, StagePeriod
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


def words(client: Client, pk: int, **query: object) -> str:
    answer = client.get(f"/customers/{pk}/why/", query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_glance_names_the_rule_its_tests_and_the_facts(
    sign_in: SignIn, marketer: User, model: LifecycleModel
):
    customer = buyer(100, 60, 40, 20, 3)

    told = words(sign_in(marketer), customer.pk)

    assert "Why Loyalty" in told
    assert "Buys again and again" in told
    assert "At least 3 purchase days in the last 365 days – 5 purchase days" in told
    assert told.count("Order ") == 3
    assert "and 2 more facts" in told
    assert "May change by itself on" in told
    assert re.search(
        "What is missing for the other stages Engagement Clicked .* – 1 more event "
        "Conversion Exactly 1 purchase day ever – has bought on more days than that "
        "Retention Holds, but “Buys again and again” comes first. Advocacy .* and 1 more stage$",
        told,
    )


def test_a_glance_at_another_day_tells_of_that_day(sign_in: SignIn, marketer: User, model: LifecycleModel):
    customer, client = buyer(100, 60, 40, 20, 3), sign_in(marketer)
    now = clock.now()

    then = words(client, customer.pk, as_of=(now - timedelta(days=80)).date())
    before = words(client, customer.pk, as_of=(now - timedelta(days=400)).date())

    assert "Why Conversion" in then or "Why Retention" in then
    assert "May change by itself" not in then
    assert before == "No stage on that day."


def test_a_glance_at_a_rule_that_holds_no_more_says_of_which_day_its_facts_are(
    sign_in: SignIn, marketer: User, model: LifecycleModel
):
    customer, engaged = buyer(3), Rule.objects.get(stage__slug="engagement")
    StagePeriod.objects.live().filter(customer=customer).update(stage=engaged.stage, rule=engaged)

    told = words(sign_in(marketer), customer.pk)

    assert "Why Engagement" in told
    assert "The rule does not hold any more" in told
    assert "The facts below are those of the day they entered." in told


def test_a_glance_says_that_somebody_is_parked(sign_in: SignIn, marketer: User, model: LifecycleModel):
    customer = buyer(3)
    Parking.objects.create(customer=customer, model=model, reason="ping-pong")

    told = words(sign_in(marketer), customer.pk)

    assert "Parked: Rules moved this customer to and fro" in told


def test_only_who_sees_a_customer_gets_a_glance(
    sign_in: SignIn, owner: User, stranger: User, model: LifecycleModel
):
    customer, client = buyer(3, owner=owner), sign_in(owner)
    words(client, customer.pk)

    with CaptureQueriesContext(connection) as asked:
        words(client, customer.pk)
    assert len(asked) <= 12
    assert sign_in(stranger).get(f"/customers/{customer.pk}/why/").status_code == 404
