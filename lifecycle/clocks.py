"""Asking a page for another day, and for what was known on another day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy

from clm.base import clock
from clm.base.days import end_of
from customers.filter_sets import DAY_INPUT
from lifecycle.forms import AsOfForm
from lifecycle.models import StagePeriod
from lifecycle.models.period import StagePeriodQuerySet


class ClocksForm(AsOfForm):
    """`as_of` and `known_at`, both days; a day that makes no sense counts as not given, and says so."""

    known_at = forms.DateField(label=gettext_lazy("as known on"), required=False, **DAY_INPUT)

    def known_day(self) -> date | None:
        return self.cleaned_data.get("known_at") if self.is_valid() else None

    def known(self) -> datetime | None:
        """The end of that day; None for all that is known now."""
        day = self.known_day()
        return end_of(day, ZoneInfo(get_current_timezone_name())) if day else None


def lens_of(days: Mapping[str, Any]) -> "Lens | None":
    """Of the days `as_of` and `known_at`, each of which may be missing; None when both are."""
    as_of, known_at = days.get("as_of"), days.get("known_at")
    if as_of is None and known_at is None:
        return None
    zone = ZoneInfo(get_current_timezone_name())
    return Lens(end_of(as_of, zone) if as_of else clock.now(), end_of(known_at, zone) if known_at else None)


@dataclass(frozen=True)
class Lens:
    """Through which a list is looked at: stays as of one instant, as known at another."""

    as_of: datetime
    known_at: datetime | None

    def stays(self) -> StagePeriodQuerySet:
        return StagePeriod.objects.at(self.as_of, self.known_at)
