"""A simulation says whom campaigns would let in and out; publishing then does just that."""

import pytest

from campaigns.enrolling import enroll
from campaigns.models import Enrollment
from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel
from lifecycle.publishing import publish
from lifecycle.simulating.asking import Question, simulate
from tests.campaigns.outreach import drafted as drafted_campaign
from tests.campaigns.outreach import message_step, running, wait_step
from tests.factories import ConsentFactory
from tests.lifecycle.shop import six_stages, work_off
from tests.lifecycle.simulating.trying import company, drafted

pytestmark = pytest.mark.django_db


def into(*stages: str) -> dict[str, object]:
    return {"kind": "stage_entered", "model": "swedish-six", "stages": [*stages]}


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    company()
    for customer in Customer.objects.all():
        ConsentFactory(customer=customer)
    return model


def test_whom_running_campaigns_would_let_in_is_told_and_comes_true(model):
    win_back = running(message_step(), wait_step(3), message_step(), name="Win back", trigger=into("churned"))
    running(message_step(), name="Welcome", trigger=into("discovery"))
    drafted_campaign(message_step(), name="Not yet", trigger=into("churned"))
    refuser = Customer.objects.get(name="Buyer 3")
    ConsentFactory(customer=refuser, is_given=False, occurred_at=clock.now())
    draft = drafted(model, churned=90, retention=90, loyalty=90)

    simulation = simulate(draft, Question(), by=None)

    (told,) = simulation.result["consequences"]
    assert (told["name"], told["entering"], told["leaving"], told["messages"]) == ("Win back", 3, 0, 2)
    assert told["url"] == f"/campaigns/{win_back.pk}/"
    assert not Enrollment.objects.exists()
    publish(draft, by=None)
    work_off()
    assert enroll() == 3


def test_whom_a_campaign_would_lose_is_told(model):
    campaign = running(message_step(), name="Stay", trigger=into("retention"))
    campaign.entrants_since = clock.now().replace(year=2020)
    campaign.save()
    entered = enroll()
    draft = drafted(model, churned=90, retention=90, loyalty=90)

    simulation = simulate(draft, Question(), by=None)

    (told,) = simulation.result["consequences"]
    assert (entered, told["entering"], told["leaving"]) == (5, 0, 3)
