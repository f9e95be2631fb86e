"""What happened with a company's people, kind by kind, for the timeline of its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from clm.accounts.models import User
from clm.base.timeline import Entry, Source, register
from customers.company_pages import people_of
from customers.importing import came
from customers.models import Company, Customer, Interaction, LeadState, Order, TicketState
from customers.timeline import lead_entry, order_entry, ticket_entry
from customers.timeline_doings import entry_of


@dataclass(frozen=True)
class Firm:
    """A company as somebody sees it: with the people they see."""

    company: Company
    reader: User

    def of_its_people(self, facts: Any) -> Any:
        return facts.live().filter(customer__in=people_of(self.company, self.reader).values("pk"))


def _with(entry: Entry, customer: Customer) -> Entry:
    """Whom it was about comes first, and the entry leads there."""
    detail = " · ".join(filter(None, [str(customer), entry.detail]))
    return replace(entry, detail=detail, href=entry.href or f"/customers/{customer.pk}/", writer=None)


def _source(key: str, label: Any, rows: QuerySet[Any, Any], told: Callable[[Any], Entry]) -> Source:
    def entries(firm: Firm, before: datetime | None, most: int) -> Sequence[Entry]:
        facts = firm.of_its_people(rows).before(before).select_related("customer")
        return [_with(told(fact), fact.customer) for fact in facts.order_by("-occurred_at", "-pk")[:most]]

    def moments(firm: Firm) -> Sequence[tuple[QuerySet[Any, Any], str]]:
        return [(firm.of_its_people(rows), "occurred_at")]

    return Source(key, label, entries, moments)


for source in (
    _source("orders", gettext_lazy("Orders"), Order.objects.select_related("channel"), order_entry),
    _source("leads", gettext_lazy("Leads"), LeadState.objects.select_related("lead__customer"), lead_entry),
    _source("tickets", gettext_lazy("Tickets"), TicketState.objects.select_related("ticket"), ticket_entry),
    _source(
        "interactions",
        gettext_lazy("Notes, calls and meetings"),
        Interaction.objects.select_related("actor"),
        entry_of,
    ),
    Source(
        "imports",
        gettext_lazy("Imports"),
        lambda firm, before, most: came.company_entries(firm.company, before, most),
        lambda firm: came.company_moments(firm.company),
    ),
):
    register("company", source)
