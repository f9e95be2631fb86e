"""What the customer list can be narrowed by; higher apps add theirs through `clm.base.list_filters`."""

from datetime import date
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField

from clm.accounts.models import Team, User
from clm.base.days import end_of, start_of
from clm.base.list_filters import offered
from customers.countries import country_choices
from customers.models import Company, Customer, CustomerQuerySet, PurchaseSummary
from customers.searching import SHORTEST, found, matching

Rows = QuerySet[Any]


def _zone() -> ZoneInfo:
    return ZoneInfo(get_current_timezone_name())


class DayFilter(filters.DateFilter):  # type: ignore[misc]
    """A local day; `edge` says whether rows from its start on, or until its end, are meant."""

    def __init__(self, column: str, edge: str, label: Any) -> None:
        super().__init__(
            label=label,
            method=self._narrow,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
        )
        self.column, self.edge = column, edge

    def _narrow(self, rows: Rows, name: str, day: date) -> Rows:
        if self.edge == "from":
            return rows.filter(**{f"{self.column}__gte": start_of(day, _zone())})
        return rows.filter(**{f"{self.column}__lt": end_of(day, _zone())})


class AmountFilter(filters.NumberFilter):  # type: ignore[misc]
    def __init__(self, lookup: str, label: Any) -> None:
        super().__init__(
            "purchases__revenue", lookup, label=label, max_digits=16, decimal_places=4, min_value=-(10**12)
        )


class CustomerFilters(filters.FilterSet):  # type: ignore[misc]
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
        added = {one.key: one.make() for one in offered("customers")}
        for key, one in added.items():
            one.parent, one.model, one.field_name = self, Customer, one.field_name or key
        self.filters: dict[str, filters.Filter] = added | self.filters

    @property
    def refused(self) -> list[tuple[str, str]]:
        """(label, reason) of the filters that can't be read."""
        return [
            (str(self.form.fields[name].label), str(error))
            for name, errors in self.form.errors.items()
            for error in errors
        ]

    @property
    def wide(self) -> set[str]:
        """Filters that have no counterpart to stand beside."""
        return {"stage", "country", "language", "company_name", "has_ordered"} & self.filters.keys()

    def filter_queryset(self, queryset: Rows) -> Rows:
        """The search last, over what the other filters leave."""
        rows = super().filter_queryset(queryset)
        text = self.form.cleaned_data.get("q", "")
        return self.search(rows, text) if isinstance(rows, CustomerQuerySet) and text else rows

    def search(self, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
        return matching(rows, text)

    def later(self, rows: Rows, name: str, value: str) -> Rows:
        return rows

    def of_company(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(company__in=Company.objects.filter(name__icontains=value))

    def buyers(self, rows: Rows, name: str, value: str) -> Rows:
        if value == "yes":
            return rows.filter(purchases__orders__gt=0)
        return rows.exclude(Exists(PurchaseSummary.objects.filter(customer=OuterRef("pk"), orders__gt=0)))

    def narrowed(self) -> CustomerQuerySet:
        """The rows that match; none while a filter can't be read (its error stands beside it)."""
        return cast(CustomerQuerySet, self.qs) if self.is_valid() else Customer.objects.none()

    @cached_property
    def chosen(self) -> list[tuple[str, str, str]]:
        """Filters that are set: name in the address, label, value in words. Without the search."""
        return [
            (name, str(one.label), self._in_words(name))
            for name, one in self.filters.items()
            if name != "q" and self.form.data.get(name) not in (None, "")
        ]

    def _in_words(self, name: str) -> str:
        field, raw = self.form.fields[name], self.form.data.getlist(name)
        value = self.form.cleaned_data.get(name) if self.is_valid() else None
        if isinstance(value, Company) and not self.queryset.filter(company=value).exists():
            return str(raw[0])
        if isinstance(field, ModelChoiceField):
            return str(field.null_label if value == field.null_value else value or raw[0])
        options = {str(key): str(text) for key, text in getattr(field, "choices", ())}
        return ", ".join(options.get(one, one) for one in raw)


class PageFilters(CustomerFilters):
    """For a page that people look at: its search stops after so many rows, and the page says so."""

    def search(self, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
        return found(rows, text)
