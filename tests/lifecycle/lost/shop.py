"""A customer looked at long ago, and what is told or changed since."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus
from customers.models import Arrival, Customer, IdealProfile, Segment
from customers.scoring.keeping import change_profile, create_profile
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Rule, StagePeriod
from lifecycle.publishing import open_draft, publish
from tests.factories import CustomerFactory, EventFactory

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
DAYS_AGO = NOW - timedelta(days=3)
LONG_AGO = NOW - timedelta(days=30)


def noted(customer: Customer, since: datetime) -> None:
    Arrival.objects.note([customer.pk], since=since)
    evaluate_changed()


def history() -> list[tuple[str, datetime]]:
    stays = StagePeriod.objects.live().order_by("customer", "entered_at")
    return list(stays.values_list("stage__slug", "entered_at"))


def opened(name: str) -> dict[str, Any]:
    return {"condition": "event", "parameters": {"names": [name]}}


def weighing(name: str) -> dict[str, Any]:
    return {"weight": 10, "conditions": opened(name)}


def pause(profile: IdealProfile) -> None:
    change_profile(profile, by=None, values={"is_active": False})


def everybody_walked(at: datetime) -> None:
    """A nightly pass that came to its end."""
    Job.objects.create(kind="lifecycle.nightly", status=JobStatus.DONE, started_at=at, finished_at=at)


def publish_without(model: LifecycleModel, slug: str) -> None:
    """The version in force but for its rule for a stage, which stays in use. Nobody is walked into it yet."""
    draft = open_draft(model, by=None)
    draft.rules.filter(stage__slug=slug).delete()
    publish(draft, by=None)


def looked_at_long_ago() -> Customer:
    customer: Customer = CustomerFactory(first_seen_at=NOW - timedelta(days=40))
    noted(customer, customer.first_seen_at)
    return customer


def readers_of(customer: Customer, *, owner: User) -> Segment:
    """A segment that a rule asks for; the customer has done something that it doesn't ask for yet."""
    segment: Segment = Segment.objects.create(
        name="Readers", slug="readers", kind="dynamic", owner=owner,
        conditions=opened("email.opened"), redefined_at=LONG_AGO,
    )  # fmt: skip
    asks = {"condition": "in_segment", "parameters": {"segment": "readers"}}
    Rule.objects.filter(stage__slug="advocacy").update(condition=asks)
    EventFactory(customer=customer, name="newsletter.read", occurred_at=NOW - timedelta(days=20))
    noted(customer, NOW - timedelta(days=20))
    assert [slug for slug, _entered in history()] == ["discovery"]
    return segment


def profile_of_readers() -> IdealProfile:
    """Who fits it is led to advocacy, else whoever read to loyalty."""
    score = {"condition": "score", "parameters": {"fit_at_least": 50}}
    Rule.objects.filter(stage__slug="advocacy").update(condition=score)
    Rule.objects.filter(stage__slug="loyalty").update(condition=opened("newsletter.read"))
    return create_profile(by=None, name="Readers", tests=[weighing("newsletter.read")])
