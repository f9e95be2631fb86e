"""What the customer list can be narrowed by; higher apps add theirs through `clm.base.list_filters`."""

from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from clm.accounts.models import Team, User
from clm.base.list_filters import offered
from clm.base.search import holding
from customers.countries import country_choices
from customers.custom_fields.filters import own_filters
from customers.filter_sets import DayFilter, ListFilterSet, Rows
from customers.models import Company, Customer, CustomerQuerySet, PurchaseSummary
from customers.models.custom_field import PREFIX
from customers.searching import SHORTEST, found, matching


class AmountFilter(filters.NumberFilter):  # type: ignore[misc]
    def __init__(self, lookup: str, label: Any) -> None:
        super().__init__(
            "purchases__revenue", lookup, label=label, max_digits=16, decimal_places=4, min_value=-(10**12)
        )


class CustomerFilters(ListFilterSet):
    q = filters.CharFilter(label=_("Search"), method="later", min_length=SHORTEST, max_length=200)
    country = filters.ChoiceFilter(label=_("Country"), choices=country_choices, empty_label=_("Any"))
    language = filters.CharFilter(lookup_expr="istartswith", label=_("Language"), max_length=10)
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
    company = filters.ModelChoiceFilter(
        queryset=Company.objects.all(), label=_("Company"), widget=forms.HiddenInput
    )
    company_name = filters.CharFilter(label=_("Company"), method="of_company", max_length=200)
    has_ordered = filters.ChoiceFilter(
        label=_("Has ordered"),
        method="buyers",
        choices=[("yes", _("Yes")), ("no", _("No"))],
        empty_label=_("Any"),
    )
    revenue_min = AmountFilter("gte", _("Revenue from"))
    revenue_max = AmountFilter("lte", _("Revenue up to"))
    first_seen_from = DayFilter("first_seen_at", "from", _("First seen from"))
    first_seen_to = DayFilter("first_seen_at", "to", _("First seen until"))
    last_order_from = DayFilter("purchases__last_order_at", "from", _("Last order from"))
    last_order_to = DayFilter("purchases__last_order_at", "to", _("Last order until"))

    class Meta:
        model = Customer
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asker = getattr(self.request, "user", None)
        added = {one.key: one.make() for one in offered("customers")}
        # A program that names none of the company's own fields need not wait for their definitions.
        is_page = not isinstance(self.request, Request)
        if isinstance(asker, User) and (is_page or any(name.startswith(PREFIX) for name in self.request.GET)):
            added |= own_filters(asker)
        for key, one in added.items():
            one.parent, one.model, one.field_name = self, Customer, one.field_name or key
        self.filters: dict[str, filters.Filter] = added | self.filters

    @staticmethod
    def further(user: Any) -> dict[str, filters.Filter]:
        """For the schema: what a request is only given when it names one of them."""
        return own_filters(user) if isinstance(user, User) else {}

    @property
    def wide(self) -> set[str]:
        """Filters that have no counterpart to stand beside."""
        return {
            "stage",
            "segment",
            "country",
            "language",
            "company_name",
            "has_ordered",
        } & self.filters.keys()

    def filter_queryset(self, queryset: Rows) -> Rows:
        """The search last, over what the other filters leave."""
        rows = super().filter_queryset(queryset)
        text = self.form.cleaned_data.get("q", "")
        return self.search(rows, text) if isinstance(rows, CustomerQuerySet) and text else rows

    def search(self, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
        return matching(rows, text)

    def of_company(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(company__in=Company.objects.filter(holding("name", value)))

    def buyers(self, rows: Rows, name: str, value: str) -> Rows:
        if value == "yes":
            return rows.filter(purchases__orders__gt=0)
        return rows.exclude(Exists(PurchaseSummary.objects.filter(customer=OuterRef("pk"), orders__gt=0)))

    def narrowed(self) -> CustomerQuerySet:
        """The rows that match; none while a filter can't be read (its error stands beside it)."""
        return cast(CustomerQuerySet, self.qs) if self.is_valid() else Customer.objects.none()

    def may_name(self, value: Any) -> bool:
        return not isinstance(value, Company) or self.queryset.filter(company=value).exists()


class PageFilters(CustomerFilters):
    """For a page that people look at: its search stops after so many rows, and the page says so."""

    def search(self, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
        return found(rows, text)
