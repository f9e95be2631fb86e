"""The list of companies, and what a company's page tells of its people, as far as somebody sees them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import django_filters as filters
from django.db.models import Count, DecimalField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team, User
from clm.base import keyset
from customers.filter_sets import ListFilterSet, Rows
from customers.models import Company, Customer, Lead
from customers.searching import SHORTEST

MOST_NAMED = 10
ZERO = Value(Decimal("0.0000"), DecimalField(max_digits=20, decimal_places=4))
SORTS = {"name": "name", "created": "created_at"}


class CompanyFilters(ListFilterSet):
    q = filters.CharFilter(label=_("Search"), method="named", min_length=SHORTEST, max_length=200)
    owner = filters.ModelChoiceFilter(
        queryset=User.objects.all(),
        label=_("Owner"),
        empty_label=_("Any"),
        null_label=_("Nobody"),
        null_value="none",
    )
    team = filters.ModelChoiceFilter(
        queryset=Team.objects.all(),
        label=_("Team"),
        empty_label=_("Any"),
        null_label=_("None"),
        null_value="none",
    )

    class Meta:
        model = Company
        fields: list[str] = []

    def named(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(Q(name__icontains=value) | Q(domain__icontains=value))


@dataclass
class CompanyListing:
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User

    @cached_property
    def filters(self) -> CompanyFilters:
        return CompanyFilters(self.query, queryset=Company.objects.visible_to(self.user))

    @cached_property
    def narrowed(self) -> Any:
        return self.filters.qs if self.filters.is_valid() else Company.objects.none()

    @cached_property
    def sort(self) -> str:
        asked = self.query.get("sort", "")
        return asked if asked.removeprefix("-") in SORTS else "name"

    @cached_property
    def page(self) -> keyset.Page:
        rows = with_sums(self.narrowed.select_related("owner"), self.user)
        return keyset.page(rows, sort=self._path, cursor=self.query.get("after", ""))

    @property
    def whole(self) -> Any:
        """All pages, for a file."""
        return keyset.ordered(with_sums(self.narrowed, self.user), self._path)

    @property
    def _path(self) -> str:
        return ("-" if self.sort.startswith("-") else "") + SORTS[self.sort.removeprefix("-")]

    @cached_property
    def count(self) -> keyset.Count:
        return keyset.count(self.narrowed)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters.chosen or self.query.get("q"))


def people_of(company: Company, user: User) -> Any:
    return Customer.objects.visible_to(user).present().filter(company=company)


def with_sums(companies: QuerySet[Company], user: User) -> QuerySet[Company]:
    """Annotate `people` and `revenue`, of those whom the user sees."""
    seen = Customer.objects.visible_to(user).present().filter(company=OuterRef("pk"))
    grouped = seen.order_by().values("company")
    return companies.annotate(
        people=Coalesce(Subquery(grouped.annotate(number=Count("pk")).values("number")), 0),
        revenue=Coalesce(Subquery(grouped.annotate(total=Sum("purchases__revenue")).values("total")), ZERO),
    )


@dataclass(frozen=True)
class Sums:
    """Of the people whom the reader sees; `revenue` in the reporting currency, net of refunds."""

    people: int
    orders: int
    revenue: Decimal
    last_order_at: datetime | None
    open_leads: int


def sums_of(company: Company, user: User) -> Sums:
    people = people_of(company, user)
    told = people.aggregate(
        people=Count("pk"),
        orders=Coalesce(Sum("purchases__orders"), 0),
        revenue=Coalesce(Sum("purchases__revenue"), ZERO),
        last_order_at=Max("purchases__last_order_at"),
    )
    leads = Lead.objects.open().filter(customer__in=people.values("pk"))
    return Sums(**told, open_leads=leads.count())


def leads_of(company: Company, user: User, *, most: int) -> list[Lead]:
    """The latest first."""
    leads = Lead.objects.filter(customer__in=people_of(company, user).values("pk"))
    return list(leads.select_related("customer", "owner").order_by("-opened_at", "-pk")[:most])


def named_like(text: str, user: User) -> list[str]:
    """Names to pick from while one types."""
    if len(text) < SHORTEST:
        return []
    found = Company.objects.visible_to(user).filter(name__icontains=text)
    return list(found.order_by("name").values_list("name", flat=True)[:MOST_NAMED])
