"""Customers whom rules moved to and fro: kept where they are until somebody looks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Arrival, Customer
from lifecycle.models import LifecycleModel, Parking, Rule

ERROR = "error:"  # how the reason of a parking begins when the rules failed
MOST_AT_ONCE = 20_000


@transaction.atomic
def release(customer: Customer, parking: int, *, by: User | None) -> bool:
    """Let rules move the customer again, from the next evaluation on. False when somebody did so before."""
    customer = Customer.objects.lock_present(customer.pk)
    waiting = Parking.objects.filter(pk=parking, customer=customer, released_at=None)
    parked = waiting.select_related("model").first()
    if parked is None:
        return False
    waiting.update(released_at=clock.now())
    Arrival.objects.note([customer.pk], since=BEGINNING)  # facts came while rules kept off
    AuditEntry.objects.record(
        "customer.released", customer, by=by, model=parked.model.slug, reason=parked.reason
    )
    return True


@transaction.atomic
def release_all(model: LifecycleModel, *, by: User) -> int:
    """The same for those parked in a model whom the user may see, at most 20,000 at once; how many they were."""
    seen = Customer.objects.visible_to(by).present()
    waiting = Parking.objects.filter(model=model, released_at=None, customer__in=seen)
    ids = Customer.objects.filter(pk__in=waiting.values("customer")[:MOST_AT_ONCE]).lock()
    released = Parking.objects.filter(model=model, customer__in=ids, released_at=None).update(
        released_at=clock.now()
    )
    if released:
        Arrival.objects.note(ids, since=BEGINNING)
        AuditEntry.objects.record("customers.released", model, by=by, count=released)
    return released


def rules_of(parkings: Iterable[Parking]) -> dict[int, list[Rule]]:
    """The rules that pulled each way, by the parking's id. One query."""
    named = {parking.pk: parking.rules for parking in parkings}
    rules = _rules(rule for wanted in named.values() for rule in wanted)
    return {pk: [rules[rule] for rule in wanted if rule in rules] for pk, wanted in named.items()}


def _rules(wanted: Iterable[object]) -> dict[int, Rule]:
    ids = {pk for pk in wanted if isinstance(pk, int)}
    return Rule.objects.select_related("stage", "version__model").in_bulk(ids) if ids else {}


@dataclass(frozen=True)
class Pulled:
    """Customers parked in a model for the same reason by the same rules."""

    reason: str
    rules: list[Rule]
    customers: int


def pulled_in(model: LifecycleModel, *, seen_by: User) -> list[Pulled]:
    """Who is parked in a model, of the customers the user may see, the most numerous first. At most two queries."""
    waiting = Parking.objects.filter(
        model=model, released_at=None, customer__in=Customer.objects.visible_to(seen_by).present()
    )
    counted = list(waiting.values_list("reason", "rules").annotate(n=Count("pk")).order_by("-n", "reason"))
    rules = _rules(pk for _reason, wanted, _n in counted for pk in wanted)
    return [Pulled(reason, [rules[pk] for pk in wanted if pk in rules], n) for reason, wanted, n in counted]


@dataclass(frozen=True)
class Parked:
    """A parking of one customer, with the rules that it names."""

    parking: Parking
    rules: list[Rule]


def parked_of(parkings: Iterable[int]) -> list[Parked]:
    """Two queries, none when there are none."""
    ids = list(parkings)
    found = list(Parking.objects.filter(pk__in=ids).select_related("model").order_by("pk")) if ids else []
    rules = rules_of(found) if found else {}
    return [Parked(parking, rules[parking.pk]) for parking in found]
