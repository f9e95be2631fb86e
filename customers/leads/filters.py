"""What the list of leads can be narrowed by, on the page and at the API."""

from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Team, User
from clm.base.search import one_holding
from customers.filter_sets import DAY_INPUT, DayFilter, ListFilterSet, Rows
from customers.leads.pipelines import Pipelines
from customers.models import Channel, Lead, LeadStatus
from customers.models.lead import LeadQuerySet
from customers.models.lead_status import IS_OPEN
from customers.narrowing import ConditionsFilter
from customers.searching import SHORTEST, of_those_found
from customers.whose import CustomerFilter, of_customer

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class ValueFilter(filters.NumberFilter):  # type: ignore[misc]
    def __init__(self, lookup: str, label: Any) -> None:
        super().__init__("value_reporting", lookup, label=label, max_digits=16, decimal_places=4, min_value=0)


class DateFilter(filters.DateFilter):  # type: ignore[misc]
    def __init__(self, column: str, lookup: str, label: Any) -> None:
        super().__init__(column, lookup, label=label, **DAY_INPUT)


class LeadFilters(ListFilterSet):
    q = filters.CharFilter(label=_("Search"), method="later", min_length=SHORTEST, max_length=200)
    status = filters.MultipleChoiceFilter(
        label=_("Status"), choices=LeadStatus.choices, widget=forms.CheckboxSelectMultiple
    )
    is_open = filters.ChoiceFilter(label=_("Open"), method="opens", choices=YES_NO, empty_label=_("Any"))
    overdue = filters.ChoiceFilter(
        label=_("Next action overdue"), method="late", choices=YES_NO, empty_label=_("Any")
    )
    unanswered = filters.ChoiceFilter(
        label=_("First contact late"), method="waits", choices=YES_NO, empty_label=_("Any")
    )
    unplanned = filters.ChoiceFilter(
        label=_("Next action missing"), method="is_bare", choices=YES_NO, empty_label=_("Any")
    )
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
    source = filters.ModelChoiceFilter(
        "channel",
        queryset=Channel.objects.all(),
        to_field_name="slug",
        label=_("Source"),
        empty_label=_("Any"),
        null_label=_("None"),
        null_value="none",
    )
    lost_reason = filters.CharFilter(lookup_expr="icontains", label=_("Reason of the loss"), max_length=500)
    customer = CustomerFilter()
    value_min = ValueFilter("gte", _("Value from"))
    value_max = ValueFilter("lte", _("Value up to"))
    next_from = DateFilter("next_action_on", "gte", _("Next action from"))
    next_to = DateFilter("next_action_on", "lte", _("Next action until"))
    close_from = DateFilter("expected_close_on", "gte", _("Expected close from"))
    close_to = DateFilter("expected_close_on", "lte", _("Expected close until"))
    opened_from = DayFilter("opened_at", "from", _("Opened from"))
    opened_to = DayFilter("opened_at", "to", _("Opened until"))
    conditions = ConditionsFilter("customer_id")

    class Meta:
        model = Lead
        fields: list[str] = []

    @property
    def wide(self) -> set[str]:
        """Filters that have no counterpart to stand beside."""
        return {"status", "source"}

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows = super().filter_queryset(queryset)
        text = self.form.cleaned_data.get("q", "")
        return cast(Rows, rows.filter(_said(rows, text)) if text else rows)

    def _in_words(self, name: str) -> str:
        told = super()._in_words(name)
        if name != "customer" or not self.is_valid():
            return told
        whose = of_customer(int(self.form.cleaned_data[name]))
        lead = self.queryset.filter(whose).select_related("customer").first()
        return str(lead.customer) if lead else told

    def opens(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(IS_OPEN) if value == "yes" else rows.exclude(IS_OPEN)

    def late(self, rows: Rows, name: str, value: str) -> Rows:
        late = IS_OPEN & Q(next_action_on__lt=localdate(), next_action_on__isnull=False)
        return rows.filter(late) if value == "yes" else rows.exclude(late)

    def waits(self, rows: Rows, name: str, value: str) -> Rows:
        late = Pipelines.read().unanswered()
        return rows.filter(late) if value == "yes" else rows.exclude(late)

    def is_bare(self, rows: Rows, name: str, value: str) -> Rows:
        bare = Pipelines.read().unplanned()
        return rows.filter(bare) if value == "yes" else rows.exclude(bare)

    def narrowed(self) -> LeadQuerySet:
        """The rows that match; none while a filter can't be read (its error stands beside it)."""
        return cast(LeadQuerySet, self.qs) if self.is_valid() else Lead.objects.none()


def _said(rows: Rows, text: str) -> Q:
    """In the title, or of the customer."""
    return one_holding(Lead.objects.all(), "title", text) | of_those_found(rows, text)
