"""What the search of the whole product finds here: customers, leads, tickets, companies, segments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.search import SHORTEST, Asked, Hit, NamedRows, Text, register
from customers.models import Company, Customer, Lead, Segment, Ticket
from customers.searching import alike, closest
from customers.tickets.opening import SOURCE as OPENED_HERE


class Customers:
    """The one table that may have a million rows: `customers.searching` says how it is asked."""

    key = "customer"
    title: Text = _("Customers")
    capability: str = Capability.VIEW_CUSTOMERS
    order = 10
    list_url, list_query = "customers", ""

    def find(self, asked: Asked) -> Sequence[Hit]:
        if len(asked.text) < SHORTEST:
            return []
        seen = Customer.objects.visible_to(asked.user).present()
        return self._told(closest(seen, asked.text, most=asked.most))

    def similar(self, asked: Asked) -> Sequence[Hit]:
        seen = Customer.objects.visible_to(asked.user).present()
        return self._told(alike(seen, asked.text, most=asked.most), is_similar=True)

    def _told(self, found: Iterable[Customer], *, is_similar: bool = False) -> list[Hit]:
        return [
            Hit(
                self.key,
                one.pk,
                str(one),
                one.email or one.external_id,
                reverse("customer", args=[one.pk]),
                "user",
                is_similar,
            )
            for one in found
        ]


@dataclass(frozen=True)
class Tickets(NamedRows):
    """Also by what another system calls them."""

    def arms(self, asked: Asked) -> list["QuerySet[Any, Any]"]:
        theirs = self.rows(asked.user).exclude(source=OPENED_HERE).filter(key__istartswith=asked.text)
        return [self._plain(theirs)[: asked.most], *super().arms(asked)]


OF_CUSTOMER = Coalesce(NullIf(F("customer__name"), Value("")), F("customer__email"), output_field=TextField())
register(Customers())
register(
    NamedRows(
        "lead",
        _("Leads"),
        "target",
        Capability.VIEW_CUSTOMERS,
        order=20,
        rows=lambda user: Lead.objects.visible_to(user),
        url="lead",
        name="title",
        note=OF_CUSTOMER,
        list_url="leads",
        list_query="&tab=all",
    )
)
register(
    Tickets(
        "ticket",
        _("Tickets"),
        "life-buoy",
        Capability.VIEW_CUSTOMERS,
        order=25,
        rows=lambda user: Ticket.objects.visible_to(user),
        url="ticket",
        name="subject",
        note=OF_CUSTOMER,
        list_url="tickets",
        list_query="&tab=all",
    )
)
register(
    NamedRows(
        "company",
        _("Companies"),
        "building-2",
        Capability.VIEW_CUSTOMERS,
        order=30,
        rows=lambda user: Company.objects.visible_to(user),
        url="company",
        note="domain",
        list_url="companies",
    )
)
register(
    NamedRows(
        "segment",
        _("Segments"),
        "layers",
        Capability.VIEW_CUSTOMERS,
        order=50,
        rows=lambda user: Segment.objects.visible_to(user),
        url="segment",
    )
)
