"""Two customers side by side, for whoever decides whether they are one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from clm.accounts.models import Team, User
from clm.base.templatetags.formats import locale
from customers.custom_fields.kinds import shown
from customers.custom_fields.known import named
from customers.merging.choices import Choices, Line, Side, lines
from customers.models import Company, Customer, Event, Identity, Lead, Order, Twins
from customers.models.customer import Kind
from customers.models.identity import IdentityKind
from customers.timeline import field_label

_WORDS: dict[str, Callable[[Any], str]] = {
    "kind": lambda value: str(Kind(value).label),
    "country": lambda code: str(locale().territories.get(code, code)),
    "language": lambda code: str(locale().languages.get(code, code)),
}
_NAMED: dict[str, Any] = {"company": Company, "owner": User, "team": Team}


@dataclass(frozen=True)
class Row:
    """A line in words."""

    line: Line
    chosen: Side
    label: str
    winner: str
    loser: str


@dataclass(frozen=True)
class Doings:
    """What a customer has done, in numbers."""

    identities: list[Identity]
    orders: int
    events: int
    leads: int
    last_order_at: Any


def suggested_winners(pairs: Sequence[Twins]) -> list[tuple[Twins, Customer, Customer]]:
    """Each pair with who is to stay, first: who has a name in another system, then who has been known longest."""
    ids = {pk for twins in pairs for pk in (twins.one_id, twins.other_id)}
    external = Identity.objects.live().filter(kind=IdentityKind.EXTERNAL, customer__in=ids)
    named = set(external.values_list("customer_id", flat=True))

    def order(customer: Customer) -> tuple[bool, datetime, int]:
        return customer.pk not in named, customer.first_seen_at, customer.pk

    def ordered(twins: Twins) -> tuple[Twins, Customer, Customer]:
        first, second = sorted((twins.one, twins.other), key=order)
        return twins, first, second

    return [ordered(twins) for twins in pairs]


def rows(winner: Customer, loser: Customer, choices: Choices, *, hidden: Collection[str] = ()) -> list[Row]:
    """In at most three queries for what the ids are called; `hidden` names own fields that are not shown."""
    found = [line for line in lines(winner, loser) if line.field.removeprefix("fields.") not in hidden]
    called = {
        field: {each.pk: str(each) for each in model.objects.filter(pk__in=_ids(found, field))}
        for field, model in _NAMED.items()
        if _ids(found, field)
    }

    def told(field: str, value: Any) -> str:
        if value in ("", None):
            return ""
        if field in called:
            return called[field].get(value, "–")
        if field in _WORDS:
            return _WORDS[field](value)
        definition = named(field)
        return shown(definition, value) if definition else str(value)

    return [
        Row(
            line,
            choices.get(line.field, line.chosen),
            field_label(line.field),
            told(line.field, line.winner),
            told(line.field, line.loser),
        )
        for line in found
    ]


def doings(both: Sequence[Customer]) -> list[Doings]:
    """Of each, in four queries."""
    mine = {"customer__in": both}
    known: dict[int, list[Identity]] = {customer.pk: [] for customer in both}
    for identity in Identity.objects.live().filter(**mine).order_by("kind", "source", "value"):
        known[identity.customer_id].append(identity)
    orders = (
        Order.objects.live()
        .filter(**mine)
        .values_list("customer")
        .annotate(n=Count("pk"), last=Max("occurred_at"))
    )
    ordered = {pk: (number, last) for pk, number, last in orders.order_by()}
    events = dict(
        Event.objects.live().filter(**mine).values_list("customer").annotate(n=Count("pk")).order_by()
    )
    leads = dict(Lead.objects.filter(**mine).values_list("customer").annotate(n=Count("pk")).order_by())
    return [
        Doings(known[one.pk], number, events.get(one.pk, 0), leads.get(one.pk, 0), last)
        for one in both
        for number, last in [ordered.get(one.pk, (0, None))]
    ]


def _ids(found: list[Line], field: str) -> set[int]:
    values = {value for line in found if line.field == field for value in (line.winner, line.loser)}
    return values - {None}
