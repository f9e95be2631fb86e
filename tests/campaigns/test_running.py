"""A campaign's life: published, launched, edited, paused, finished, and who enters when."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign, CampaignVersion, Enrollment, FrozenText, Message, Step, TemplateText
from campaigns.publishing import CannotPublish, edit, publish
from campaigns.running import CannotRun, finish, launch, pause, remove, resume
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import (
    drafted,
    exit_step,
    later,
    message_step,
    outcomes,
    person,
    put,
    running,
    sweep,
    template,
    wait_step,
)
from tests.factories import bought
from tests.fixtures.mail import SmtpSink


def test_all_that_is_wrong_is_said_at_once_and_names_the_step(stages: LifecycleModel) -> None:
    campaign = drafted(
        {"kind": "message", "name": "Hello"},
        exit_step({"condition": "nonsense"}),
        trigger={"kind": "stage_entered", "stages": ["nowhere"]},
    )

    with pytest.raises(CannotPublish) as refusal:
        publish(campaign, by=None)

    assert [(flaw.field, str(flaw.step or "")) for flaw in refusal.value.flaws] == [
        ("trigger", ""),
        ("template", "Hello"),
        ("condition", "2. Exit"),
    ]
    assert str(refusal.value.flaws[1]) == "Hello: Choose the template that it sends."
    assert campaign.published() is None
    assert not AuditEntry.objects.filter(action="campaign.published").exists()


def test_only_what_is_published_can_be_launched_and_only_once(stages: LifecycleModel, marketer: User) -> None:
    campaign = drafted(message_step())

    with pytest.raises(CannotRun, match="Publish"):
        launch(campaign, by=marketer)
    publish(campaign, by=marketer)
    launch(campaign, by=marketer)
    with pytest.raises(CannotRun, match="launched before"):
        launch(campaign, by=marketer)

    assert campaign.status == "running"
    entries = AuditEntry.objects.filter(action__startswith="campaign.").order_by("pk")
    assert [entry.action for entry in entries] == ["campaign.published", "campaign.launched"]


def test_what_runs_is_the_text_that_was_published(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    text = template(subject="As published")
    running(message_step(text))

    TemplateText.objects.filter(template=text).update(subject="As edited later")
    put(person())
    sweep()

    assert [each["Subject"] for each in smtp_sink.mails] == ["As published"]
    assert FrozenText.objects.count() == 1


def test_who_is_on_the_way_goes_on_with_the_old_version(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    campaign = running(message_step(), wait_step(3), message_step(template("Old", "Old second")))
    put(person(1))
    sweep()

    draft = edit(campaign, by=None)
    Step.objects.filter(version=draft, position=2).update(template=template("New", "New second"))
    publish(campaign, by=None)
    put(person(2))
    sweep()
    sweep(later(days=3, minutes=5))

    assert [each["Subject"] for each in smtp_sink.to("person1@example.com")][1:] == ["Old second"]
    assert [each["Subject"] for each in smtp_sink.to("person2@example.com")][1:] == ["New second"]
    assert list(CampaignVersion.objects.order_by("number").values_list("status", flat=True)) == [
        "retired",
        "published",
    ]


def test_only_who_enters_after_the_launch_is_let_in(stages: LifecycleModel) -> None:
    put(person(1), at=clock.now() - timedelta(days=1))
    running(message_step())
    new = person(2)
    put(new)

    sweep()

    assert list(Enrollment.objects.values_list("customer", flat=True)) == [new.pk]


def test_with_those_already_there_everybody_is_let_in_once(stages: LifecycleModel) -> None:
    put(person(1), at=clock.now() - timedelta(days=400))
    campaign = drafted(message_step())
    publish(campaign, by=None)
    launch(campaign, by=None, includes_present=True)

    for _ in range(3):
        sweep()

    assert Enrollment.objects.count() == 1


def went_through_and_came_back(**version: object) -> int:
    """How often a customer was let in who left the stage after the run and entered it again."""
    running(message_step(), **version)
    ada = person()
    put(ada)
    sweep()
    sweep(later(minutes=2))
    assert outcomes() == ["completed"]
    put(ada, "engagement", at=later(hours=1))
    put(ada, at=later(hours=2))
    sweep(later(hours=3))
    return Enrollment.objects.count()


def test_once_is_once(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    assert went_through_and_came_back() == 1


def test_entering_again_lets_in_again_where_that_is_wanted(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    assert went_through_and_came_back(reentry="on_rematch") == 2


def test_after_so_many_days_who_is_still_there_is_let_in_again(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    running(message_step(), reentry="after_days", reentry_days=30)
    put(person())
    sweep()
    sweep(later(minutes=2))

    sweep(later(days=29))
    assert Enrollment.objects.count() == 1
    sweep(later(days=31))

    assert Enrollment.objects.count() == 2


def test_a_run_that_is_taken_out_gets_no_more(stages: LifecycleModel, marketer: User) -> None:
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    running(message_step())
    put(person())
    enroll()
    advance()

    assert remove(Enrollment.objects.get(), by=marketer)
    assert not remove(Enrollment.objects.get(), by=marketer)

    assert outcomes() == ["removed"]
    assert Message.objects.get().reason == "person"


def test_a_goal_that_is_reached_ends_the_run_as_such(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    goal = {"condition": "purchase_days", "parameters": {"at_least": 1}}
    running(message_step(), wait_step(3), goal=goal, exit_condition=goal)
    ada = person()
    put(ada)
    sweep()

    bought(ada, 100, at=clock.now())
    sweep(later(minutes=1))

    assert outcomes() == ["goal"]


def test_a_message_for_some_is_skipped_by_the_others(stages: LifecycleModel, smtp_sink: SmtpSink) -> None:
    only_danes = {
        "condition": "field",
        "parameters": {"field": "country", "operator": "is", "value": "DK"},
    }
    running(message_step(condition=only_danes))
    put(person(1))

    sweep()
    sweep(later(minutes=2))

    assert smtp_sink.taken == []
    assert outcomes() == ["completed"]


def test_pausing_and_finishing_twice_does_nothing_more(stages: LifecycleModel) -> None:
    campaign = running(message_step())

    assert pause(campaign, by=None, reason="Easter")
    assert not pause(campaign, by=None)
    assert campaign.pause_reason == "Easter"
    finish(campaign, by=None)
    finish(campaign, by=None)
    with pytest.raises(CannotRun):
        resume(campaign, by=None)

    assert Campaign.objects.get().status == "finished"
    assert AuditEntry.objects.filter(action="campaign.finished").count() == 1


def test_a_campaign_that_cannot_be_worked_on_is_paused_and_holds_up_no_other(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    broken = running(message_step(template("Broken", "Broken")), wait_step(3), name="Broken", priority=1)
    put(person(1))
    sweep()
    running(message_step(template("Whole", "Whole")), name="Whole", priority=2)
    put(person(3))

    CampaignVersion.objects.filter(campaign=broken).update(exit_condition={"condition": "gone"})
    sweep()

    broken.refresh_from_db()
    assert (broken.status, "“gone”" in broken.pause_reason) == ("paused", True)
    assert [each["Subject"] for each in smtp_sink.mails] == ["Broken", "Whole"]
    assert Enrollment.objects.filter(campaign=broken, finished_at=None).count() == 1


def test_a_condition_on_a_segment_that_is_not_there_is_a_flaw(stages: LifecycleModel) -> None:
    gone = {"condition": "in_segment", "parameters": {"segment": "gone"}}
    campaign = drafted(message_step(), exit_condition=gone)

    with pytest.raises(CannotPublish, match="There is no segment “gone”") as refusal:
        publish(campaign, by=None)

    assert [flaw.field for flaw in refusal.value.flaws] == ["exit_condition"]
    assert campaign.published() is None
