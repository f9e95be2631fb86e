"""A small company and changed rules for the tests of simulations."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from clm.base import clock
from customers.models import Arrival, Customer
from lifecycle.evaluation import evaluate_changed
from lifecycle.models import (
    ComponentPeriod,
    CurrentStage,
    LifecycleModel,
    ModelVersion,
    NextDue,
    Parking,
    Refusal,
    StagePeriod,
)
from lifecycle.publishing import open_draft
from tests.factories import CustomerFactory, bought

# Days before today on which they bought: new, still there, loyal, about to go, gone, and one who never bought.
PURCHASES = [[3], [10, 40], [60], [100], [150, 140], [20, 50, 90], [100, 150, 200], [300], [170], []]


def company() -> list[Customer]:
    """Evaluated by whatever model runs, all at once."""
    now = clock.now()
    people = []
    for place, days in enumerate(PURCHASES):
        first = now - timedelta(days=max(days, default=8))
        customer = CustomerFactory(name=f"Buyer {place}" if days else "Carl Curious", first_seen_at=first)
        for ago in days:
            bought(customer, 100, at=now - timedelta(days=ago))
        Arrival.objects.note([customer.pk], since=first)
        people.append(customer)
    evaluate_changed()
    return people


def drafted(model: LifecycleModel, **days: int) -> ModelVersion:
    """A draft in which the numbers of days named by the stage's slug replace those of its rules."""
    draft = open_draft(model, by=None)
    for rule in draft.rules.select_related("stage"):
        if rule.stage.slug in days:
            rule.condition = _with_days(rule.condition, days[rule.stage.slug])
            rule.save(update_fields=["condition"])
    return draft


def _with_days(condition: Any, days: int) -> Any:
    if isinstance(condition, list):
        return [_with_days(part, days) for part in condition]
    if not isinstance(condition, dict):
        return condition
    return {name: days if name == "days" else _with_days(part, days) for name, part in condition.items()}


def live(*others: type[Any]) -> dict[str, list[Any]]:
    """Everything that says where somebody is, was, or is to be looked at, row for row."""
    tables = (
        StagePeriod,
        CurrentStage,
        NextDue,
        Refusal,
        ComponentPeriod,
        Parking,
        Arrival,
        Customer,
        *others,
    )
    return {table.__name__: _rows(table.objects.all()) for table in tables}


def _rows(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("pk").values_list())


def places(model: LifecycleModel) -> dict[int, str]:
    current = CurrentStage.objects.filter(model=model)
    return dict(current.values_list("customer_id", "stage__slug"))
