"""Tickets: what a customer had asked for, and how far that was, at the instant asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from clm.base.conditions import Asked, Condition, Evidence, FactRef, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.days import StartOfDay
from customers.models import Priority, TicketState, TicketStatus, TicketStep, TicketType
from customers.models.tickets.state import TicketStateQuerySet

MOST_DAYS = 36_500
MOST_TICKETS = 1_000
SHOWN = 10
WORDS: Mapping[str, Any] = {"type": TicketType, "priority": Priority, "status": TicketStatus}


@offer
@dataclass(frozen=True)
class HasTicket(Condition):
    """So many tickets, each of which was, at that instant, all of this at once."""

    name = "ticket"
    label = gettext_lazy("Has a ticket")
    family = gettext_lazy("Tickets")
    at_least: int = parameter(gettext_lazy("at least"), minimum=1, maximum=MOST_TICKETS, default=1)
    type: tuple[str, ...] = parameter(gettext_lazy("type"), choices=lambda: TicketType.values, default=())
    priority: tuple[str, ...] = parameter(
        gettext_lazy("priority"), choices=lambda: Priority.values, default=()
    )
    status: tuple[str, ...] = parameter(
        gettext_lazy("status"), choices=lambda: TicketStatus.values, default=()
    )
    opened_within_days: int | None = parameter(
        gettext_lazy("opened in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        return WORDS[name].choices if name in WORDS else ()

    def states(self, asked: Asked) -> TicketStateQuerySet:
        """One for each ticket that counts, of whomever; bounds as `asked` has them."""
        states = TicketState.objects.holding(asked.bound(), asked.known_at)
        for name in WORDS:
            if wanted := getattr(self, name):
                states = states.filter(**{f"{name}__in": wanted})
        if self.opened_within_days is not None:
            states = states.filter(ticket__opened_at__gte=asked.days_ago(self.opened_within_days))
        return states

    def to_q(self, asked: Asked) -> Q:
        states = self.states(asked).filter(customer_id=asked.whose())
        if self.at_least == 1:
            return Q(Exists(states))
        counted = states.values("customer_id").annotate(n=Count("pk"))
        return Q(Exists(counted.filter(n__gte=self.at_least)))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        states = TicketState.objects.known(known_at)
        moments: list[QuerySet[Any, Any]] = [states.values_list("customer_id", "occurred_at")]
        if self.opened_within_days is not None:
            opened = states.filter(step=TicketStep.OPENED)
            falls_out = StartOfDay(F("ticket__opened_at"), zone, days=self.opened_within_days + 1)
            moments.append(opened.values_list("customer_id", falls_out))
        return moments

    def sentence(self) -> str:
        told = ngettext("has a ticket", "has at least %(n)s tickets", self.at_least) % {"n": self.at_least}
        return ", ".join([told, *self._parts()])

    def _parts(self) -> list[str]:
        patterns = {"type": _("type %(type)s"), "priority": _("priority %(priority)s")}
        patterns["status"] = _("status %(status)s")
        parts = []
        for name, pattern in patterns.items():
            if wanted := getattr(self, name):
                labels = [str(WORDS[name](one).label).lower() for one in wanted]
                parts.append(pattern % {name: _(" or ").join(labels)})
        if self.opened_within_days is not None:
            parts.append(in_the_last(pgettext("a ticket", "opened"), self.opened_within_days))
        return parts

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        mine = self.states(asked).filter(customer_id=customer.pk).select_related("ticket")
        rows = list(mine.order_by("-occurred_at")[: max(self.at_least, SHOWN)])
        n, more = len(rows), self.at_least - len(rows)
        have = ngettext("%(n)s such ticket", "%(n)s such tickets", n) % {"n": n} if n else _("no such ticket")
        missing = ngettext("%(n)s more ticket", "%(n)s more tickets", more) % {"n": more} if more > 0 else ""
        return Evidence(have, missing, [_reference(state) for state in rows[:SHOWN]])


def _reference(state: TicketState) -> FactRef:
    label = _("Ticket %(ticket)s: %(status)s") % {
        "ticket": state.ticket,
        "status": state.get_status_display(),
    }
    return FactRef(label, state.occurred_at, f"/tickets/{state.ticket_id}/")
