"""What the FilterSets of lists share: local days, and telling in words what is chosen and what can't be read."""

from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.timezone import get_current_timezone_name
from django_filters.fields import ModelChoiceField

from clm.base.conditions import Node
from clm.base.days import end_of, start_of
from clm.base.tomorrow import has_begun

Rows = QuerySet[Any]
LONGEST_SHOWN = 200
COUNT_NOW = "counted"  # in an address: the page with its count, however long that takes
# In the address of a list, but no filters.
BESIDE = frozenset(
    (
        "sort",
        "cols",
        "tab",
        "pipeline",
        "step",
        "board",
        "view",
        "after",
        "before",
        "page",
        "format",
        COUNT_NOW,
    )
)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
DAY_INPUT: dict[str, Any] = {
    "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "validators": [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
}
# A day that is asked about, not one that something is planned for.
PAST_DAY_INPUT = DAY_INPUT | {"validators": [*DAY_INPUT["validators"], has_begun]}


def _zone() -> ZoneInfo:
    return ZoneInfo(get_current_timezone_name())


class DayFilter(filters.DateFilter):  # type: ignore[misc]
    """A local day; `edge` says whether rows from its start on, or until its end, are meant."""

    def __init__(self, column: str, edge: str, label: Any) -> None:
        super().__init__(label=label, method=self._narrow, **DAY_INPUT)
        self.column, self.edge = column, edge

    def _narrow(self, rows: Rows, name: str, day: date) -> Rows:
        if self.edge == "from":
            return rows.filter(**{f"{self.column}__gte": start_of(day, _zone())})
        return rows.filter(**{f"{self.column}__lt": end_of(day, _zone())})


class ListFilterSet(filters.FilterSet):  # type: ignore[misc]
    """Filters named after their parameters; the search is `q`, whatever else there is."""

    @property
    def unknown(self) -> list[str]:
        """Names in the address that mean nothing here."""
        return [name for name in self.data or {} if name not in self.filters and name not in BESIDE]

    @property
    def misread(self) -> list[tuple[str, str]]:
        """(name, reason) of the filters that can't be read."""
        return [(name, str(error)) for name, errors in self.form.errors.items() for error in errors]

    @property
    def refused(self) -> list[tuple[str, str]]:
        """(label, reason) of these."""
        return [(str(self.form.fields[name].label), reason) for name, reason in self.misread]

    @cached_property
    def chosen(self) -> list[tuple[str, str, str]]:
        """Filters that are set: name in the address, label, value in words. Without the search."""
        return [
            (name, str(one.label), self._in_words(name))
            for name, one in self.filters.items()
            if name != "q" and self.data and self.data.get(name) not in (None, "")
        ]

    @property
    def takes_long(self) -> bool:
        """Whether counting all that match takes longer than finding a page of them."""
        given = self.data or {}  # a search stops by itself after so many rows
        return "conditions" in self.filters and bool(given.get("conditions")) and not given.get("q")

    def may_name(self, value: Any) -> bool:
        """Whether the person who filters may read the name of what the value stands for."""
        return True

    def _in_words(self, name: str) -> str:
        field, raw = self.form.fields[name], self.form.data.getlist(name)
        value = self.form.cleaned_data.get(name) if self.is_valid() else None
        if isinstance(value, Node):
            return value.sentence()
        if not self.may_name(value):
            return str(raw[0])
        if isinstance(field, ModelChoiceField):
            return str(field.null_label if value == field.null_value else value or raw[0])
        options = {str(key): str(text) for key, text in getattr(field, "choices", ())}
        return Truncator(", ".join(options.get(one, one) for one in raw)).chars(LONGEST_SHOWN)

    def later(self, rows: Rows, name: str, value: str) -> Rows:
        """For what narrows after all others."""
        return rows
