"""The demo company comes to an empty CLM only, goes on where it stopped, and leaves nothing behind."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command

from campaigns.models import Campaign, CampaignStatus, Message, MessageState, Response
from campaigns.models.message import LEASED
from clm.accounts import jobs
from clm.accounts.models import AuditEntry, Job, Organisation, SavedView, User, ViewChoice
from clm.accounts.models.job import JobStatus
from clm.base import clock
from clm.demo import staff
from clm.demo.doubling import DOUBLES
from clm.demo.models import Demo, DemoState
from clm.demo.requesting import CannotLoad, request_load, request_removal, was_ever_loaded
from customers.intake.taking import take_in
from customers.models import (
    Channel,
    Company,
    Customer,
    CustomerMerge,
    Event,
    ExternalKey,
    ImportMapping,
    Lead,
    LeadAssignmentRule,
    LeadPipeline,
    Order,
    OrderLine,
    Segment,
    Twins,
)
from lifecycle.models import CurrentStage, LifecycleModel
from lifecycle.presets import install
from metrics.models import Purchase, Spend

pytestmark = pytest.mark.django_db
SIZE = 40
# What stays of a demo that is gone: that it was here.
KEPT = {
    "accounts.auditentry",
    "accounts.job",
    "accounts.organisation",
    "accounts.user",
    "campaigns.sendingrules",
    "customers.scoring",
    "metrics.folding",
}


def run(job: Job) -> Job:
    while jobs.drive(job):
        job.refresh_from_db()
    job.refresh_from_db()
    return job


def load(administrator: User | None = None) -> Job:
    return run(request_load(by=administrator, size=SIZE))


def rows() -> dict[str, int]:
    counted = {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label not in ("contenttypes", "sessions", "auth")
    }
    return {label: count for label, count in counted.items() if count}


def settled() -> dict[str, object]:
    """What people decided about the organisation."""
    values: dict[str, object] = Organisation.objects.values().get()
    del values["fields_stamp"]  # new with every change of the fields there are
    return values


def bought(email: str, key: str) -> None:
    row = {"email": email, "key": key, "amount": "5", "currency": "EUR"}
    at = (clock.now() - timedelta(days=3)).isoformat()
    assert take_in("orders", [(1, row | {"occurred_at": at})], source="shop").problems == []


def test_the_company_comes_in_whole(administrator: User) -> None:
    job = load(administrator)

    assert (job.status, job.done) == (JobStatus.DONE, job.total)
    assert Customer.objects.count() == SIZE + DOUBLES
    assert set(Order.objects.values_list("source", flat=True)) == {"demo"}
    assert OrderLine.objects.count() >= Order.objects.count() > SIZE
    assert Order.objects.filter(rate=None).count() == Spend.objects.filter(rate=None).count() == 0
    assert all(model.objects.exists() for model in (Purchase, Event, Lead))
    assert Response.objects.exclude(invitation=None).exists()
    assert [segment.computed_at is None for segment in Segment.objects.all()] == [False] * 6
    desk = (LeadAssignmentRule, LeadPipeline, ImportMapping)
    assert [model.objects.count() for model in desk] == [2, 1, 1]
    assert Demo.objects.get().state == DemoState.LOADED
    two_came_twice_and_lists_have_views(administrator)
    companies_are_where_their_people_are()
    every_model_has_a_stage_for_everybody()
    the_staff_have_addresses_for_examples_and_no_password(administrator)
    campaigns_are_history_and_send_nothing()


def two_came_twice_and_lists_have_views(administrator: User) -> None:
    merged = CustomerMerge.objects.get()
    assert (merged.loser.merged_into, merged.loser.name) == (merged.winner, merged.winner.name)
    assert Twins.objects.open().filter(likenesses__contains=["name_and_company"]).exists()
    seen = SavedView.objects.visible_to(administrator)
    assert (SavedView.objects.count(), seen.count(), ViewChoice.objects.count()) == (4, 2, 2)


def companies_are_where_their_people_are() -> None:
    assert Company.objects.exists()
    for company in Company.objects.all():
        assert company.country in {person.country for person in company.customer_set.all()}


def every_model_has_a_stage_for_everybody() -> None:
    primary = LifecycleModel.objects.primary()
    assert primary is not None
    assert primary.slug == "swedish-six"
    for model in LifecycleModel.objects.all():
        assert CurrentStage.objects.filter(model=model).count() == SIZE + DOUBLES - 1  # one was merged


def the_staff_have_addresses_for_examples_and_no_password(administrator: User) -> None:
    made = User.objects.exclude(pk=administrator.pk)
    assert {user.email for user in made} == {one.email for one in staff.STAFF}
    assert all(user.email.endswith("@example.com") and not user.has_usable_password() for user in made)


def campaigns_are_history_and_send_nothing() -> None:
    assert {campaign.status for campaign in Campaign.objects.all()} == {CampaignStatus.PAUSED}
    assert Message.objects.filter(state=MessageState.SENT).exists()
    assert not Message.objects.filter(state__in=[MessageState.QUEUED, *LEASED]).exists()
    assert mail.outbox == []


def test_nothing_comes_to_a_company_with_data(administrator: User) -> None:
    bought("ada@example.com", "1")
    before = rows()

    with pytest.raises(CannotLoad, match="data of your own"):
        request_load(by=administrator)

    assert rows() == before


def test_nothing_comes_twice(administrator: User) -> None:
    load(administrator)

    with pytest.raises(CannotLoad, match="already"):
        request_load(by=administrator)


def test_the_command_of_the_first_start_asks_once(administrator: User) -> None:
    call_command("load_demo", once=True, later=True, size=SIZE)
    call_command("load_demo", once=True, later=True, size=SIZE)

    (job,) = Job.objects.all()
    assert job.status == JobStatus.QUEUED
    run(job)
    run(request_removal(by=administrator) or job)
    call_command("load_demo", once=True, later=True, size=SIZE)
    assert was_ever_loaded()
    assert not Demo.objects.exists()


def test_a_killed_worker_leaves_a_company_that_the_next_completes(administrator: User) -> None:
    job = request_load(by=administrator, size=SIZE)
    jobs.drive(job, seconds=0)
    half = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(cursor={"step": 1})  # the step was done, and not yet noted

    run(job)

    assert half.status == JobStatus.RUNNING
    assert Job.objects.get(pk=job.pk).status == JobStatus.DONE
    assert Customer.objects.count() == SIZE + DOUBLES


def test_one_that_was_cancelled_goes_on_when_asked(administrator: User) -> None:
    job = request_load(by=administrator, size=SIZE)
    jobs.drive(job, seconds=0)
    job.refresh_from_db()
    job.cancel(by=administrator)

    later = load(administrator)

    assert later.status == JobStatus.DONE
    assert Customer.objects.count() == SIZE + DOUBLES


def test_removal_leaves_nothing(administrator: User) -> None:
    Organisation.objects.current()
    before = settled()
    load(administrator)
    once_called = {"thing": "company", "source": "=name", "key": "OLD NAME"}
    ExternalKey.objects.create(**once_called, thing_id=Company.objects.values("pk")[0]["pk"])

    job = run(request_removal(by=administrator) or Job())

    assert job.status == JobStatus.DONE
    assert set(rows()) - KEPT == set()
    assert User.objects.get() == administrator
    assert settled() == before
    assert AuditEntry.objects.filter(action="demo.removed", actor=administrator).count() == 1
    assert load(administrator).status == JobStatus.DONE  # it may come again


def test_removal_takes_nothing_of_ones_own(administrator: User, owner: User) -> None:
    load(administrator)
    bought("ada@example.com", "1")
    channel = Channel.objects.get(slug="referral")
    Order.objects.filter(source="shop").update(channel=channel)
    install("danish-six", by=administrator)

    run(request_removal(by=administrator) or Job())

    assert [str(customer) for customer in Customer.objects.all()] == ["ada@example.com"]
    assert [order.source for order in Order.objects.all()] == ["shop"]
    assert list(Channel.objects.all()) == [channel]
    assert set(User.objects.all()) == {administrator, owner}
    assert LifecycleModel.objects.filter(slug="danish-six").exists()


def test_somebody_known_from_elsewhere_stays_without_the_demos_facts(administrator: User) -> None:
    load(administrator)
    known = Customer.objects.filter(purchases__orders__gt=0).first()
    assert known is not None
    bought(known.email, "1")
    take_in("customers", [(1, {"customer": "77", "email": known.email})], source="shop")

    run(request_removal(by=administrator) or Job())

    assert Customer.objects.get() == known
    assert [order.source for order in Order.objects.all()] == ["shop"]
    assert known.purchases.__class__.objects.get().orders == 1


def test_settings_that_somebody_chose_stay_as_chosen(administrator: User) -> None:
    Organisation.objects.current()
    Organisation.objects.update(name="Acme", zone="Europe/London", currency="GBP")

    load(administrator)
    found = Organisation.objects.get()
    run(request_removal(by=administrator) or Job())

    assert (found.name, found.zone, found.currency) == ("Acme", "Europe/London", "GBP")
    assert (Organisation.objects.get().name, Organisation.objects.get().margin) == ("Acme", None)


def test_removing_while_it_is_being_loaded_stops_the_loading(administrator: User) -> None:
    job = request_load(by=administrator, size=SIZE)
    jobs.drive(job, seconds=0)

    removal = run(request_removal(by=administrator) or Job())
    job.refresh_from_db()

    assert (job.status, removal.status) == (JobStatus.CANCELLED, JobStatus.DONE)
    assert set(rows()) - KEPT == set()
