"""A version that another follows before everybody was walked into it moves nobody any more."""

from datetime import timedelta

import pytest

from clm.accounts.jobs import drive
from clm.base import clock
from customers.models import Arrival
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, Rule
from lifecycle.publishing import open_draft, publish
from tests.factories import CustomerFactory, EventFactory
from tests.lifecycle.shop import six_stages, stage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


def test_a_stage_that_is_back_before_its_people_were_moved_keeps_them(model: LifecycleModel):
    clicked = clock.now() - timedelta(days=3)
    customer = EventFactory(
        customer=CustomerFactory(first_seen_at=clicked), name="email.clicked", occurred_at=clicked
    ).customer
    Arrival.objects.note([customer.pk], since=clicked)
    evaluate_changed()
    first = model.published()
    without = open_draft(model, by=None)
    without.rules.filter(stage__slug__in=["engagement", "discovery"]).delete()
    without.stage_uses.filter(stage__slug="engagement").delete()
    takes_away = publish(without, by=None, heirs={"engagement": "discovery"})
    again = open_draft(model, by=None)
    use, rule = first.stage_uses.get(stage__slug="engagement"), first.rules.get(stage__slug="engagement")
    use.pk, use.version = None, again
    use.save(force_insert=True)
    Rule.objects.create(
        version=again, stage=rule.stage, priority=rule.priority, labels=rule.labels, condition=rule.condition
    )
    brings_back = publish(again, by=None)

    for job in (takes_away, brings_back):
        assert job is not None
        drive(job)
    evaluate_changed()

    assert stage_of(customer) == "engagement"
