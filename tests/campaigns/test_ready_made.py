"""Ready-made campaigns: whole in every language, made once, and for whom they are."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.enrolling import entrants
from campaigns.models import (
    Campaign,
    Template,
)
from campaigns.presets import install
from campaigns.rendering import incomplete
from clm.base import clock
from customers.models import Arrival
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import StagePeriod
from tests.factories import CustomerFactory, EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in, marketer, stages) -> Client:
    return sign_in(marketer)


def test_the_ready_made_campaigns_are_complete_in_five_languages(stages, marketer) -> None:
    for slug in ("welcome", "win-back"):
        install(slug, by=marketer)

    found = {
        template.preset: sorted(text.language for text in template.texts.all() if not incomplete(text))
        for template in Template.objects.all()
    }

    assert sorted(found) == ["welcome-hello", "welcome-help", "win-back-missed", "win-back-stay"]
    assert set(map(tuple, found.values())) == {("da", "de", "en", "nl", "sv")}


def test_choosing_a_ready_made_campaign_twice_makes_one(client) -> None:
    first = client.post("/campaigns/choice/welcome/")
    second = client.post("/campaigns/choice/welcome/")

    assert first.headers["Location"] == second.headers["Location"]
    assert (Campaign.objects.count(), Template.objects.count()) == (1, 2)
    assert client.post("/campaigns/choice/none/").status_code == 404


def test_the_welcome_is_for_newcomers(client) -> None:
    client.post("/campaigns/choice/welcome/")

    trigger = Campaign.objects.get().versions.get().trigger
    assert trigger == {"kind": "stage_entered", "model": "swedish-six", "stages": ["discovery", "engagement"]}


def test_without_a_model_a_ready_made_campaign_says_what_is_missing(sign_in, marketer) -> None:
    page = sign_in(marketer).post("/campaigns/choice/welcome/", follow=True)

    assert "Choose a lifecycle model first" in page.content.decode()
    assert Campaign.objects.count() == 0


def test_the_welcome_is_not_for_who_has_gone_cold(client) -> None:
    """Back in the first stage after months of interest: whoever is that is not new."""
    client.post("/campaigns/choice/welcome/")
    campaign = Campaign.objects.get()
    long_ago = clock.now() - timedelta(days=300)
    Campaign.objects.filter(pk=campaign.pk).update(entrants_since=long_ago)
    new = CustomerFactory(first_seen_at=clock.now() - timedelta(days=2))
    cold = CustomerFactory(first_seen_at=long_ago)
    EventFactory(customer=cold, name="email.clicked", occurred_at=long_ago)
    Arrival.objects.note([new.pk, cold.pk], since=long_ago)
    evaluate_changed()
    assert [
        one.stage.slug for one in StagePeriod.objects.live().filter(customer=cold).order_by("entered_at")
    ] == [
        "engagement",
        "discovery",
    ]

    campaign.refresh_from_db()
    chosen = entrants(campaign, campaign.versions.get(), clock.now())

    assert set(chosen.values_list("customer", flat=True)) == {new.pk}
