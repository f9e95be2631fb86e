"""Asking a page for another day, and for what was known on another day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy

from clm.base import clock
from clm.base.days import end_of
from customers.filter_sets import PAST_DAY_INPUT
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.models.period import StagePeriodQuerySet


class ClocksForm(forms.Form):
    """`as_of` and `known_at`, both days; a day that makes no sense counts as not given, and says so."""

    as_of = forms.DateField(label=gettext_lazy("As of"), required=False, **PAST_DAY_INPUT)
    known_at = forms.DateField(label=gettext_lazy("as known on"), required=False, **PAST_DAY_INPUT)

    def day(self) -> date | None:
        """None for the present."""
        return self._given("as_of")

    def known_day(self) -> date | None:
        return self._given("known_at")

    def instant(self) -> datetime:
        """The end of the day; the present when no day is given."""
        return _end(self.day()) or clock.now()

    def known(self) -> datetime | None:
        """The end of that day; None for all that is known now."""
        return _end(self.known_day())

    def lens(self) -> "Lens | None":
        """None for the present."""
        return lens_of(self.cleaned_data) if self.is_valid() else None

    def _given(self, name: str) -> date | None:
        day: date | None = self.cleaned_data.get(name) if self.is_valid() else None
        return day


def _end(day: date | None) -> datetime | None:
    return end_of(day, ZoneInfo(get_current_timezone_name())) if day else None


def lens_of(days: Mapping[str, Any]) -> "Lens | None":
    """Of the days `as_of` and `known_at`, each of which may be missing; None when both are."""
    return lens_at(_end(days.get("as_of")), _end(days.get("known_at")))


def lens_at(as_of: datetime | None, known_at: datetime | None) -> "Lens | None":
    """The same of instants."""
    return Lens(as_of or clock.now(), known_at) if as_of or known_at else None


@dataclass(frozen=True)
class Lens:
    """Through which a list is looked at: stays as of one instant, as known at another."""

    as_of: datetime
    known_at: datetime | None

    def stays(self) -> StagePeriodQuerySet:
        return StagePeriod.objects.at(self.as_of, self.known_at)


class ComparisonForm(ClocksForm):
    """Two running models and two days. A model that does not run counts as not given."""

    first = forms.ChoiceField(label=gettext_lazy("Rows"))
    second = forms.ChoiceField(label=gettext_lazy("Columns"))
    known_at = forms.DateField(label=gettext_lazy("As known at"), required=False, **PAST_DAY_INPUT)

    def __init__(self, running: list[LifecycleModel], data: QueryDict) -> None:
        self.pair = _pair(running, data)
        days = {name: data.get(name) for name in ("as_of", "known_at")}
        super().__init__({"first": self.pair[0].slug, "second": self.pair[1].slug} | days)
        for name in ("first", "second"):
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=[(model.slug, str(model)) for model in running]
            )


def _pair(running: list[LifecycleModel], data: QueryDict) -> tuple[LifecycleModel, LifecycleModel]:
    """Those asked for, if they run and differ; else the first ones that run."""
    by_slug = {model.slug: model for model in running}
    first = by_slug.get(data.get("first", ""), running[0])
    others = {slug: model for slug, model in by_slug.items() if model != first}
    return first, others.get(data.get("second", ""), next(iter(others.values())))
