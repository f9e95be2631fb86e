from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Exists, F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy, ngettext

from clm.base.conditions import Asked, Condition, Evidence, offer, parameter
from clm.base.days import StartOfDay, day_of
from clm.base.facts import BEGINNING, Fact, FactQuerySet
from customers.models import Customer
from customers.models.facts import CustomerFact


def facts_known(known_at: datetime) -> list[FactQuerySet[Any]]:
    """All kinds of dated facts about customers, as they were known then, in whichever app."""
    dated = [kind for kind in apps.get_models() if issubclass(kind, CustomerFact) and issubclass(kind, Fact)]
    kinds = [kind for kind in dated if kind.can_be_first]
    return [kind._default_manager.known(known_at).filter(occurred_at__gt=BEGINNING) for kind in kinds]  # type: ignore[attr-defined]


@offer
@dataclass(frozen=True)
class FirstSeen(Condition):
    """The first fact, at the latest the day the customer was made here.

    Asked about what is known now it reads the customer's own column, which late facts lower; asked with an old
    `known_at` it looks at the facts known then.
    """

    name = "first_seen"
    label = gettext_lazy("First seen at least so many days ago")
    family = gettext_lazy("Profile")
    days: int = parameter(gettext_lazy("days"), minimum=0, maximum=36_500)

    def to_q(self, asked: Asked) -> Q:
        # on or before that day: strictly before the start of the day after it
        early = asked.days_ago(self.days - 1)
        if asked.known_at is None:
            seen = Customer.objects.filter(pk=asked.whose(), first_seen_at__lt=early)
            return Q(Exists(seen.filter(first_seen_at__lt=asked.bound())))
        made = Customer.objects.filter(pk=asked.whose(), created_at__lt=early, created_at__lte=asked.known_at)
        found = Q(Exists(made.filter(created_at__lt=asked.bound())))
        for facts in facts_known(asked.known_at):
            mine = facts.filter(customer_id=asked.whose(), occurred_at__lt=early)
            found |= Q(Exists(mine.before(asked.bound())))
        return found

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        if known_at is None:
            due = StartOfDay(F("first_seen_at"), zone, days=self.days)
            seen = Customer.objects.values_list("pk", "first_seen_at")
            return [seen, Customer.objects.values_list("pk", due)]
        made = Customer.objects.filter(created_at__lte=known_at)
        sights: list[tuple[QuerySet[Any], str, str]] = [(made, "pk", "created_at")]
        sights += [(facts, "customer_id", "occurred_at") for facts in facts_known(known_at)]
        return [
            rows.values_list(whose, moment)
            for rows, whose, at in sights
            for moment in (F(at), StartOfDay(F(at), zone, days=self.days))
        ]

    def sentence(self) -> str:
        return ngettext(
            "first seen at least %(n)s day ago", "first seen at least %(n)s days ago", self.days
        ) % {"n": self.days}

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        zone = ZoneInfo(asked.zone)
        seen_at = first_seen(customer, known_at=asked.known_at)
        ago = (day_of(asked.instant, zone) - seen_at.astimezone(zone).date()).days
        more = max(self.days - ago, 0)
        have = ngettext("first seen %(n)s day ago", "first seen %(n)s days ago", ago) % {"n": ago}
        return Evidence(
            have, ngettext("%(n)s more day", "%(n)s more days", more) % {"n": more} if more else ""
        )


def first_seen(customer: Model, *, known_at: datetime | None) -> datetime:
    """One query for each kind of fact when asked about an old knowledge, else none."""
    person = cast("Customer", customer)
    if known_at is None:
        return person.first_seen_at
    mine = [facts.filter(customer_id=customer.pk).order_by("occurred_at") for facts in facts_known(known_at)]
    sights: list[datetime] = [
        at for facts in mine if (at := facts.values_list("occurred_at", flat=True).first())
    ]
    return min([*sights, person.created_at])
