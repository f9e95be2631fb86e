"""The list of companies, and what a company's page tells of its people, as far as somebody sees them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team, User
from clm.base import keyset
from clm.base.column_choice import ColumnChoice
from clm.base.columns import Column, made_for
from clm.base.search import holding, one_holding
from customers.company_columns import ZERO, columns_for, with_sums
from customers.filter_sets import ListFilterSet, Rows
from customers.models import Company, Customer, Lead
from customers.searching import SHORTEST

MOST_NAMED = 10
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
        return rows.filter(one_holding(Company.objects.all(), "name", value) | Q(domain__icontains=value))


@dataclass
class CompanyListing(ColumnChoice):
    """Everything is read from the query string, so that an address is a state of the list."""

    query: QueryDict
    user: User

    column_page: ClassVar[str] = "companies"
    always: ClassVar[str] = "name"

    def own_columns(self) -> Iterable[Column]:
        return [*columns_for(self.user), *made_for("companies", self.user)]

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
        return keyset.page(
            self.with_columns(self.narrowed), sort=self._path, cursor=self.query.get("after", "")
        )

    @property
    def whole(self) -> Any:
        """All pages, for a file."""
        rows = (
            self.narrowed
            if self.is_chosen
            else with_sums(self.narrowed.select_related("owner", "team"), self.user)
        )
        return keyset.ordered(self.with_columns(rows) if self.is_chosen else rows, self._path)

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
    found = Company.objects.visible_to(user).filter(holding("name", text))
    return list(found.order_by("name").values_list("name", flat=True)[:MOST_NAMED])
