"""Filters of the customer list and its API for the fields that are defined."""

from typing import Any

import django_filters as filters
from django.db.models import DecimalField, Q, TextField, Value
from django.db.models.lookups import GreaterThanOrEqual, IContains, LessThanOrEqual
from django.utils.translation import gettext as _

from clm.accounts.models import User
from customers.custom_fields.kinds import yes_no
from customers.custom_fields.known import in_use
from customers.custom_fields.values import day_of, number_of, text_of
from customers.filter_sets import DAY_INPUT, Rows
from customers.models.custom_field import CustomField, FieldKind

# Most customers have none: the index of own fields holds those who have some.
HAS_SOME = ~Q(fields={})


class OwnFilter(filters.Filter):  # type: ignore[misc]
    """`definition` is the field; subclasses say which rows a value means."""

    def __init__(self, definition: CustomField, **extra: Any) -> None:
        super().__init__(**({"label": definition.label} | extra))
        self.definition = definition

    def filter(self, rows: Rows, value: Any) -> Rows:
        return rows.filter(HAS_SOME, self.means(value)) if value not in (None, "") else rows

    def means(self, value: Any) -> Q:
        """Contained, so that the index of own fields finds it."""
        return Q(fields__contains={self.definition.key: value})


class OwnTextFilter(OwnFilter, filters.CharFilter):  # type: ignore[misc]
    def means(self, value: Any) -> Q:
        return Q(IContains(text_of(self.definition.key), value))


class OwnChoiceFilter(OwnFilter, filters.ChoiceFilter):  # type: ignore[misc]
    def means(self, value: Any) -> Q:
        kept: Any = [value] if self.definition.kind == FieldKind.CHOICES else value
        return super().means(kept == "true" if self.definition.kind == FieldKind.YES_NO else kept)


class OwnBoundFilter(OwnFilter):
    """From or up to a value; only what is kept as the field's kind is compared."""

    def __init__(self, definition: CustomField, compare: Any, **extra: Any) -> None:
        super().__init__(definition, **extra)
        self.compare = compare

    def means(self, value: Any) -> Q:
        raise NotImplementedError


class OwnNumberFilter(OwnBoundFilter, filters.NumberFilter):  # type: ignore[misc]
    def means(self, value: Any) -> Q:
        return Q(self.compare(number_of(self.definition.key), Value(value, DecimalField())))


class OwnDayFilter(OwnBoundFilter, filters.DateFilter):  # type: ignore[misc]
    def means(self, value: Any) -> Q:
        return Q(self.compare(day_of(self.definition.key), Value(value.isoformat(), TextField())))


def own_filters(user: User) -> dict[str, filters.Filter]:
    """By their names in the address, "fields.tier"; those with two ends as "fields.size_min", "fields.size_max"."""
    found: dict[str, filters.Filter] = {}
    for one in in_use(user):
        found |= _of(one)
    return found


def _of(one: CustomField) -> dict[str, filters.Filter]:
    if one.kind in (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES_NO):
        options = yes_no() if one.kind == FieldKind.YES_NO else [(each, each) for each in one.choices]
        return {one.name: OwnChoiceFilter(one, choices=options, empty_label=_("Any"))}
    ends = {"field": one.label}
    low, high = _("%(field)s from") % ends, _("%(field)s up to") % ends
    if one.kind == FieldKind.NUMBER:
        return {
            f"{one.name}_min": OwnNumberFilter(one, GreaterThanOrEqual, label=low),
            f"{one.name}_max": OwnNumberFilter(one, LessThanOrEqual, label=high),
        }
    if one.kind == FieldKind.DATE:
        return {
            f"{one.name}_from": OwnDayFilter(one, GreaterThanOrEqual, label=low, **DAY_INPUT),
            f"{one.name}_to": OwnDayFilter(one, LessThanOrEqual, label=high, **DAY_INPUT),
        }
    return {one.name: OwnTextFilter(one, max_length=200)}
