"""Columns of the list of companies, and what their people come to, of those whom somebody sees."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clm.accounts.models import Organisation, User
from clm.base.columns import Column, moment_column, register
from clm.base.navigation import row_address
from clm.base.templatetags.formats import locale, money, number
from customers.cells import named
from customers.customer_columns import owned_columns
from customers.models import Customer, Lead

ZERO = Value(Decimal("0.0000"), DecimalField(max_digits=20, decimal_places=4))
Rows = QuerySet[Any]


def columns_for(user: User) -> Iterator[Column]:
    """What is told of the people whom the user sees."""
    yield Column(
        "people",
        pgettext_lazy("of a company", "People"),
        show=lambda company: number(company.people),
        value="people",
        annotate=partial(_with_people, user=user),
        is_number=True,
        order=30,
    )
    yield Column(
        "revenue",
        _("Revenue"),
        show=lambda company: money(company.revenue, Organisation.objects.current().currency),
        value="revenue",
        annotate=partial(_with_revenue, user=user),
        is_number=True,
        order=40,
    )
    yield Column(
        "leads",
        _("Open leads"),
        show=lambda company: number(company.open_leads),
        value="open_leads",
        annotate=partial(_with_open_leads, user=user),
        is_number=True,
        is_default=False,
        order=45,
    )


def with_sums(companies: Rows, user: User) -> Rows:
    """Annotate `people` and `revenue`, of those whom the user sees."""
    return _with_revenue(_with_people(companies, user=user), user=user)


def _with_people(companies: Rows, *, user: User) -> Rows:
    counted = _grouped(user).annotate(number=Count("pk")).values("number")
    told: Rows = companies.annotate(people=Coalesce(Subquery(counted), 0))
    return told


def _with_revenue(companies: Rows, *, user: User) -> Rows:
    summed = _grouped(user).annotate(total=Sum("purchases__revenue")).values("total")
    told: Rows = companies.annotate(revenue=Coalesce(Subquery(summed), ZERO))
    return told


def _with_open_leads(companies: Rows, *, user: User) -> Rows:
    mine = Customer.objects.visible_to(user).present().filter(company=OuterRef(OuterRef("pk")))
    leads = Lead.objects.open().filter(customer__in=mine.values("pk")).order_by()
    counted = leads.annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    told: Rows = companies.annotate(open_leads=Coalesce(Subquery(counted), 0))
    return told


def _grouped(user: User) -> QuerySet[Any, Any]:
    seen = Customer.objects.visible_to(user).present().filter(company=OuterRef("pk"))
    return seen.order_by().values("company")


def _name(company: Any) -> SafeString:
    return named(row_address("company", company.pk), str(company), company.domain)


def _country(company: Any) -> str:
    return str(locale().territories.get(company.country, company.country))


for column in (
    Column("name", _("Company"), show=_name, sort="name", order=0),
    Column("domain", _("Domain"), value="domain", is_default=False, order=10),
    Column("country", _("Country"), show=_country, value="country", order=20),
    *owned_columns(order=50),
    moment_column("created", _("Added"), "created_at", sorts=True, order=60),
    moment_column("changed", _("Last changed"), "changed_at", order=61),
):
    register("companies", column)
