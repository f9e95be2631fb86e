"""What the list of tickets can be narrowed by, on the page and at the API."""

from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team, User
from clm.base import clock
from clm.base.search import one_holding
from customers.filter_sets import DayFilter, ListFilterSet, Rows
from customers.leads.filters import YES_NO
from customers.models import Priority, Ticket, TicketStatus, TicketType
from customers.models.tickets.ticket import TicketQuerySet
from customers.models.tickets.words import IS_OPEN
from customers.searching import SHORTEST, of_those_found
from customers.whose import LARGEST, CustomerFilter, of_customer


def _several(label: Any, choices: Any) -> filters.MultipleChoiceFilter:
    return filters.MultipleChoiceFilter(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)


def _one_of(model: Any, label: Any, nobody: Any) -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(
        queryset=model.objects.all(),
        label=label,
        empty_label=_("Any"),
        null_label=nobody,
        null_value="none",
    )


def _hidden(column: str, label: Any) -> filters.NumberFilter:
    return filters.NumberFilter(
        column, label=label, widget=forms.HiddenInput, decimal_places=0, min_value=1, max_value=LARGEST
    )


class TicketFilters(ListFilterSet):
    q = filters.CharFilter(label=_("Search"), method="later", min_length=SHORTEST, max_length=200)
    status = _several(_("Status"), TicketStatus.choices)
    priority = _several(_("Priority"), Priority.choices)
    type = _several(_("Type"), TicketType.choices)
    is_open = filters.ChoiceFilter(
        label=_("Not solved yet"), method="opens", choices=YES_NO, empty_label=_("Any")
    )
    overdue = filters.ChoiceFilter(label=_("Overdue"), method="late", choices=YES_NO, empty_label=_("Any"))
    owner = _one_of(User, _("Owner"), _("Nobody"))
    team = _one_of(Team, _("Team"), _("None"))
    opened_from = DayFilter("opened_at", "from", _("Opened from"))
    opened_to = DayFilter("opened_at", "to", _("Opened until"))
    customer = CustomerFilter()
    company = _hidden("company_id", _("Company"))

    class Meta:
        model = Ticket
        fields: list[str] = []

    @property
    def wide(self) -> set[str]:
        """Filters that have no counterpart to stand beside."""
        return {"status", "priority", "type"}

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows = super().filter_queryset(queryset)
        text = self.form.cleaned_data.get("q", "")
        return cast(Rows, rows.filter(_said(rows, text)) if text else rows)

    def _in_words(self, name: str) -> str:
        told = super()._in_words(name)
        if name not in ("customer", "company") or not self.is_valid():
            return told
        value = self.form.cleaned_data[name]
        whose = of_customer(int(value)) if name == "customer" else Q(company=value)
        ticket = self.queryset.filter(whose).select_related(name).first()
        return str(getattr(ticket, name)) if ticket else told

    def opens(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(IS_OPEN) if value == "yes" else rows.exclude(IS_OPEN)

    def late(self, rows: Rows, name: str, value: str) -> Rows:
        late = Q(due_at__isnull=False, due_at__lte=clock.now())
        return rows.filter(late) if value == "yes" else rows.exclude(late)

    def narrowed(self) -> TicketQuerySet:
        """The rows that match; none while a filter can't be read (its error stands beside it)."""
        return cast(TicketQuerySet, self.qs) if self.is_valid() else Ticket.objects.none()


class ApiTicketFilters(TicketFilters):
    source = filters.CharFilter(label=_("Source"), max_length=64)
    key = filters.CharFilter(label=_("Id in the source"), max_length=200)


def _said(rows: Rows, text: str) -> Q:
    """In the subject, or of the customer."""
    return one_holding(Ticket.objects.all(), "subject", text) | of_those_found(rows, text)
