"""A rep moves a customer by hand; the rules keep off for a week, and everything says who and why."""

from datetime import timedelta

import pytest

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import LifecycleModel, StagePeriod
from tests.lifecycle.test_admission import buy, customer_seen, model, slugs, stage

__all__ = ["model"]
pytestmark = pytest.mark.django_db


def test_a_person_moves_a_customer_and_rules_keep_off_for_a_week(model: LifecycleModel, owner: User):
    customer = customer_seen()
    evaluate_changed()

    admitted = admit(
        MoveSet([customer.pk], stage(model, "retention"), reason="Called us"), source="person", actor=owner
    )
    buy(customer, clock.now())
    evaluate_changed()

    assert admitted.moved == [customer.pk]
    assert slugs(customer) == ["discovery", "retention"]
    period = StagePeriod.objects.live().get(customer=customer, left_at=None)
    assert (period.cause, period.actor, period.reason) == ("person", owner, "Called us")
    assert period.held_until == period.entered_at + timedelta(days=7)
    assert AuditEntry.objects.get(action="customer.moved").subject_id == customer.pk
