"""A survey that was put away asks nobody any more, whichever version of a campaign people are on the way in."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from campaigns.advancing import advance
from campaigns.delivery.sending import deliver
from campaigns.enrolling import enroll
from campaigns.models import Campaign, Invitation, Survey
from campaigns.publishing import CannotPublish, edit, flaws, publish
from campaigns.surveys.archiving import archive, bring_back
from clm.accounts.models import User
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    drafted,
    later,
    message_step,
    outcomes,
    person,
    put,
    running,
    states,
    sweep,
    template,
    wait_step,
)
from tests.campaigns.surveyed import asking_text
from tests.fixtures.mail import SmtpSink

SignIn = Callable[[User], Client]


def retire(campaign: Campaign) -> None:
    """A new version, which asks nothing."""
    edit(campaign, by=None).steps.filter(template__isnull=False).update(template=template("Plain"))
    publish(campaign, by=None)


def test_people_on_a_retired_version_pass_the_step_that_asked_it(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    survey = Survey.objects.main()
    campaign = running(wait_step(1), message_step(asking_text()))
    put(person(1), at=later(seconds=1))
    sweep(later(minutes=1))

    retire(campaign)
    archive(survey, by=None)
    sweep(later(days=1, minutes=2))

    assert states() == [("cancelled", "survey_put_away")]
    assert outcomes() == ["completed"]
    assert (smtp_sink.taken, Invitation.objects.exists()) == ([], False)


def test_a_message_that_waits_does_not_leave_when_its_survey_is_put_away(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    campaign, silent = running(message_step(asking_text())), running(message_step(), name="Silent")
    put(person(1), at=later(seconds=1))
    enroll(later(minutes=1))
    advance(later(minutes=1))

    retire(campaign)
    archive(Survey.objects.main(), by=None)
    deliver(later(minutes=1))

    assert states() == [("cancelled", "survey_put_away"), ("sent", "")]
    assert [mail["Subject"] for mail in smtp_sink.mails] == ["Welcome, Name1"]
    assert silent.messages.get().state == "sent"
    assert not Invitation.objects.live().exists()


def test_a_campaign_that_asks_what_was_put_away_is_not_published(
    stages: LifecycleModel, marketer: User, sign_in: SignIn
) -> None:
    survey = Survey.objects.main()
    campaign = drafted(message_step(asking_text()))
    archive(survey, by=None)
    told = (
        "“How are we doing?” asks the survey “NPS”, which was put away."
        " Bring the survey back, or take the question out of the template."
    )

    with pytest.raises(CannotPublish) as refusal:
        publish(campaign, by=None)
    by_api = sign_in(marketer).post(
        f"/api/v1/campaigns/{campaign.pk}/start/", content_type="application/json"
    )

    assert [(flaw.field, flaw.message) for flaw in refusal.value.flaws] == [("template", told)]
    assert (by_api.status_code, campaign.published()) == (409, None)
    assert told in by_api.json()["errors"][0]["detail"]
    cache.clear()
    bring_back(survey, by=None)
    assert list(flaws(campaign.versions.get())) == []
