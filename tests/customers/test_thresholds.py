"""Thresholds: act once on who crosses, and not on who was above; leads by choice or by the rules, or a task."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import (
    Arrival,
    Customer,
    Event,
    Lead,
    LeadAssignmentRule,
    Task,
    Threshold,
    ThresholdCrossing,
)
from customers.scoring import computing
from customers.scoring.crossing import act_on_crossings
from customers.scoring.thresholds import change_threshold, remove_threshold, set_threshold
from tests.customers.scored import did, from_country, profile, signals, viewed
from tests.factories import ConsentFactory, LeadFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def dane(db: None) -> Customer:
    """Fits, and shows no interest yet."""
    customer = from_country("DK", name="Ada")
    from_country("SE", name="Bo")
    profile()
    signals(viewed(points=60, most=1))
    return customer


def threshold(**more: Any) -> Threshold:
    values = {"name": "Hot", "fit": 75, "interest": 50, "action": "open"} | more
    return set_threshold(by=None, values=values)


def falls(customer: Customer) -> None:
    Event.objects.filter(customer=customer).update(superseded_at=clock.now())
    Arrival.objects.note([customer.pk], since=clock.now())
    computing.keep_up()


def crosses(customer: Customer) -> None:
    did(customer)
    computing.keep_up()


def test_who_crosses_gets_a_lead_once(dane: Customer, owner: User) -> None:
    threshold(owner=owner)
    assert Lead.objects.count() == 0

    crosses(dane)
    crosses(dane)
    computing.work_out_all()
    act_on_crossings()

    lead = Lead.objects.get()
    assert (lead.customer, lead.title, lead.owner, lead.status) == (dane, "Hot", owner, "new")
    assert ThresholdCrossing.objects.get().outcome == "opened"
    assert AuditEntry.objects.filter(action="threshold.crossed").count() == 1


def test_a_lead_is_qualified_the_open_one_where_there_is_one(dane: Customer) -> None:
    there = LeadFactory(customer=dane)
    threshold(action="qualify")

    crosses(dane)

    assert list(Lead.objects.values_list("pk", "status")) == [(there.pk, "qualified")]
    assert ThresholdCrossing.objects.get().lead == there


def test_an_open_lead_is_enough(dane: Customer) -> None:
    there = LeadFactory(customer=dane)
    threshold()

    crosses(dane)

    assert Lead.objects.get().status == there.status == "new"
    assert ThresholdCrossing.objects.get().outcome == "there"


@pytest.mark.parametrize("action", ["open", "qualify"])
def test_the_open_lead_that_nobody_has_is_assigned(dane: Customer, owner: User, action: str) -> None:
    there = LeadFactory(customer=dane)
    threshold(owner=owner, action=action)

    crosses(dane)

    there.refresh_from_db()
    assert (there.owner, there.team) == (owner, owner.team)
    assert ThresholdCrossing.objects.get().outcome == ("assigned" if action == "open" else "qualified")


def test_the_rules_assign_it_where_the_threshold_names_nobody(dane: Customer, owner: User) -> None:
    there = LeadFactory(customer=dane)
    LeadAssignmentRule.objects.create(name="All", team=owner.team)
    threshold()

    crosses(dane)

    assert Lead.objects.get().owner == owner
    assert AuditEntry.objects.filter(action="lead.assigned", details__rule_name="All").count() == 1
    assert ThresholdCrossing.objects.get().lead == there


def test_somebody_s_lead_stays_theirs(dane: Customer, owner: User, stranger: User) -> None:
    LeadFactory(customer=dane, owner=stranger)
    threshold(owner=owner)

    crosses(dane)

    assert Lead.objects.get().owner == stranger
    assert ThresholdCrossing.objects.get().outcome == "there"


def test_nothing_is_given_to_whoever_left(dane: Customer, owner: User, teammate: User) -> None:
    LeadAssignmentRule.objects.create(name="All", team=teammate.team)
    threshold(owner=owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    crosses(dane)

    assert Lead.objects.get().owner == teammate


def test_a_task_is_for_the_owner_of_the_customer(dane: Customer, owner: User) -> None:
    Customer.objects.filter(pk=dane.pk).update(owner=owner)
    threshold(action="task")

    crosses(dane)

    task = Task.objects.get()
    assert (task.customer, task.owner, task.title) == (dane, owner, "Hot: get in touch")


def test_who_is_above_already_is_left_alone(dane: Customer) -> None:
    crosses(dane)

    made = threshold()
    computing.work_out_all()
    act_on_crossings()
    change_threshold(made, by=None, values={"interest": 40})
    act_on_crossings()

    assert Lead.objects.count() == 0
    assert ThresholdCrossing.objects.get().is_quiet


def test_who_comes_back_is_met_again_only_after_a_while(dane: Customer) -> None:
    threshold(action="task", again_after_days=30)
    crosses(dane)
    falls(dane)
    crosses(dane)
    assert Task.objects.count() == 1

    falls(dane)
    ThresholdCrossing.objects.exclude(acted_at=None).update(acted_at=clock.now() - timedelta(days=31))
    crosses(dane)

    assert Task.objects.count() == 2
    assert ThresholdCrossing.objects.filter(fell_at=None).count() == 1


def test_who_withdrew_meanwhile_is_left_alone(dane: Customer) -> None:
    threshold()
    did(dane)
    computing.work_out_changed()
    ConsentFactory(customer=dane, purpose="profiling", is_given=False)
    Arrival.objects.note([dane.pk], since=clock.now())

    computing.keep_up()

    assert Lead.objects.count() == 0
    crossing = ThresholdCrossing.objects.get()
    assert crossing.fell_at is not None
    assert crossing.outcome == "gone"


def test_out_of_use_it_does_nothing(dane: Customer) -> None:
    made = threshold()
    change_threshold(made, by=None, values={"is_active": False})

    crosses(dane)

    assert ThresholdCrossing.objects.count() == Lead.objects.count() == 0


def test_leads_stay_when_a_threshold_goes(dane: Customer) -> None:
    made = threshold()
    crosses(dane)

    remove_threshold(made, by=None)

    assert (Lead.objects.count(), ThresholdCrossing.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fit": 0, "interest": 0}, "fit"),
        ({"fit": 101}, "fit"),
        ({"action": "mail"}, "action"),
        ({"name": "HOT"}, "name"),
    ],
)
def test_one_without_sense_is_refused(values: dict[str, Any], field: str) -> None:
    threshold(name="hot")

    with pytest.raises(ValidationError) as refused:
        threshold(**{"name": "Other"} | values)

    assert list(refused.value.message_dict) == [field]
    assert Threshold.objects.count() == 1


def test_the_pages_set_show_and_delete(dane: Customer, marketer: User, owner: User, sign_in: SignIn) -> None:
    client = sign_in(marketer)
    assert "No thresholds yet" in client.get("/scores/thresholds/").content.decode()
    data = {
        "name": "Hot",
        "fit": 75,
        "interest": 50,
        "action": "open",
        "again_after_days": 90,
        "is_active": "on",
    }

    refused = client.post("/scores/thresholds/new/", data | {"fit": 0, "interest": 0})
    made = client.post("/scores/thresholds/new/", data)
    crosses(dane)
    page, address = client.get("/scores/thresholds/"), f"/scores/thresholds/{Threshold.objects.get().pk}/"
    late = client.post(address, data | {"read": "2020-01-01T00:00:00+00:00", "fit": 1})

    assert (refused.status_code, made.status_code, late.status_code) == (422, 302, 409)
    assert "Say how much fit or interest it takes." in refused.content.decode()
    assert "A lead was opened." in page.content.decode()
    assert list(sign_in(owner).get("/scores/thresholds/").context["crossings"]) == []
    assert Threshold.objects.get().fit == 75
    assert client.post(f"{address}removal/").status_code == 302
    assert Threshold.objects.count() == 0
