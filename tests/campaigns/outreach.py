"""Campaigns for tests: a text, a published version of given steps, customers in a stage, and moved time."""

from datetime import datetime, timedelta
from typing import Any

from campaigns.advancing import advance
from campaigns.delivery.sending import Delivered, deliver
from campaigns.enrolling import enroll
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Enrollment,
    Message,
    SendingRules,
    Step,
    StepKind,
    Template,
    TemplateText,
)
from campaigns.publishing import publish
from campaigns.running import launch
from clm.base import clock
from customers.models import Customer
from lifecycle.models import Cause, LifecycleModel, Stage, StagePeriod
from tests.factories import ConsentFactory, CustomerFactory

BOUGHT = {"condition": "purchase_days", "parameters": {"at_least": 1}}


def template(name: str = "Welcome", subject: str = "Welcome, {{ customer.first_name }}") -> Template:
    made = Template.objects.create(name=name)
    TemplateText.objects.create(
        template=made,
        language="en",
        subject=subject,
        blocks=[{"kind": "text", "text": "Good to have you here."}],
    )
    return made


def message_step(text: Template | None = None, **values: Any) -> dict[str, Any]:
    return {"kind": StepKind.MESSAGE, "template": text or template(), **values}


def wait_step(days: int) -> dict[str, Any]:
    return {"kind": StepKind.WAIT, "wait_amount": days, "wait_unit": "days"}


def exit_step(condition: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"kind": StepKind.EXIT, "condition": condition}


def drafted(*steps: dict[str, Any], name: str = "Welcome", **version: Any) -> Campaign:
    campaign_values = {
        key: version.pop(key) for key in ("reentry", "reentry_days", "priority") if key in version
    }
    campaign = Campaign.objects.create(name=name, **campaign_values)
    version.setdefault("trigger", {"kind": "stage_entered", "model": None, "stages": ["discovery"]})
    draft = CampaignVersion.objects.create(campaign=campaign, number=1, **version)
    for position, step in enumerate(steps):
        Step.objects.create(version=draft, position=position, **step)
    return campaign


def running(*steps: dict[str, Any], **version: Any) -> Campaign:
    campaign = drafted(*steps, **version)
    publish(campaign, by=None)
    launch(campaign, by=None)
    return campaign


def no_quiet_hours(**changes: Any) -> SendingRules:
    rules = SendingRules.objects.current()
    values = {"quiet_from": rules.quiet_until, **changes}
    for name, value in values.items():
        setattr(rules, name, value)
    rules.save()
    return rules


def person(number: int = 1, *, consents: bool = True, **values: Any) -> Customer:
    values = {"email": f"person{number}@example.com", "first_name": f"Name{number}", **values}
    customer: Customer = CustomerFactory(**values)
    if consents:
        ConsentFactory(customer=customer)
    return customer


def put(customer: Customer, slug: str = "discovery", at: datetime | None = None) -> StagePeriod:
    """In a stage of the primary model from then on, out of whatever other stage of it."""
    model = LifecycleModel.objects.get(is_primary=True)
    at = at or clock.now()
    StagePeriod.objects.live().filter(customer=customer, model=model, left_at=None).update(left_at=at)
    return StagePeriod.objects.create(
        customer=customer,
        original_customer=customer,
        model=model,
        stage=Stage.objects.get(model=model, slug=slug),
        version=model.published(),
        entered_at=at,
        cause=Cause.INITIAL,
    )


def sweep(as_of: datetime | None = None) -> Delivered:
    """What the workers do, at one moment."""
    at = as_of or clock.now()
    enroll(at)
    advance(at)
    return deliver(at)


def later(**period: float) -> datetime:
    return clock.now() + timedelta(**period)


def states() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("customer", "pk").values_list("state", "reason"))


def outcomes() -> list[str]:
    return list(Enrollment.objects.order_by("pk").values_list("outcome", flat=True))
