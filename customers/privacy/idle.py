"""People of whom nothing was heard for long: whoever keeps their data needs a reason, and has none any more."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from clm.accounts.models import Organisation
from clm.base import clock, inventory
from clm.base.facts import Fact
from clm.base.inventory import Table
from clm.base.kept import months_before
from customers.models import Customer, Order
from customers.privacy.erasing import erase


def idle_customers(before: datetime) -> QuerySet[Customer]:
    """Known since before then, and nothing since, or open, of what the inventory calls so; no order to keep books of."""
    found = Customer.objects.present().filter(erased_at=None, created_at__lt=before)
    for table in inventory.tables():
        if table.active_at:
            found = found.exclude(Exists(_since(table, before)))
        if table.open_when:
            found = found.exclude(Exists(_theirs(table).filter(table.open_when)))
    years = Organisation.objects.current().bookkeeping_years
    booked = Order.objects.live().filter(occurred_at__gte=months_before(clock.now(), 12 * years))
    return found.exclude(Exists(booked.filter(customer=OuterRef("pk"))))


def _since(table: Table, before: datetime) -> QuerySet[Any]:
    live = Q(superseded_at=None) if issubclass(table.model, Fact) else Q()
    return _theirs(table).filter(live, **{f"{table.active_at}__gte": before})


def _theirs(table: Table) -> QuerySet[Any]:
    return table.model._default_manager.filter(**{table.path[0]: OuterRef("pk")})


def forget(rows: QuerySet[Customer]) -> int:
    """How many went. Who has come back meanwhile stays: asked once more under the lock."""
    Customer.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).lock()
    idle = list(rows.all())
    for customer in idle:
        erase(customer, by=None)
    return len(idle)
