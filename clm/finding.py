"""One box that finds customers, leads, companies and pages; only what the person who asks may see."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.accounts.views.signed_in import me
from clm.base import navigation
from clm.base.context import address
from customers.models import Company, Customer, Lead
from customers.searching import SHORTEST, found

MOST = 8


@dataclass(frozen=True)
class Found:
    label: str | Promise
    note: str
    href: str
    icon: str


@dataclass(frozen=True)
class FoundGroup:
    title: str | Promise
    found: list[Found]


def search_everything(query: str, *, request: HttpRequest) -> list[FoundGroup]:
    """Groups that found something, best known first. A single letter finds pages only."""
    groups = [FoundGroup(_("Pages"), _pages(query, request))]
    if len(query) >= SHORTEST:
        groups = [
            FoundGroup(_("Customers"), _customers(query, me(request))),
            FoundGroup(_("Leads"), _leads(query, me(request))),
            FoundGroup(_("Companies"), _companies(query, me(request))),
            *groups,
        ]
    return [group for group in groups if group.found]


def _customers(query: str, user: User) -> list[Found]:
    few = found(Customer.objects.visible_to(user).present(), query)[:MOST]
    ordered = sorted(few, key=lambda customer: str(customer).lower())
    base = address("customers")
    return [
        Found(str(customer), customer.email or customer.external_id, f"{base}{customer.pk}/", "user")
        for customer in ordered
    ]


def _leads(query: str, user: User) -> list[Found]:
    """By what they are about; those of a customer stand on the customer's page."""
    leads = Lead.objects.visible_to(user).filter(title__icontains=query).select_related("customer")[:MOST]
    base = address("leads")
    return [Found(lead.title, str(lead.customer), f"{base}{lead.pk}/", "target") for lead in leads]


def _companies(query: str, user: User) -> list[Found]:
    companies = Company.objects.visible_to(user).filter(name__icontains=query)[:MOST]
    base = address("companies")
    return [
        Found(company.name, company.domain, f"{base}{company.pk}/", "building-2") for company in companies
    ]


def _pages(query: str, request: HttpRequest) -> list[Found]:
    links = [link for section in navigation.menu_for(request) for link in section.links]
    wanted = query.lower()
    return [
        Found(link.label, "", link.href, link.icon)
        for link in links
        if query and wanted in str(link.label).lower()
    ]
