"""The customer list by stage: of the primary model, or of any models at once, now or as of a day."""

from collections import defaultdict
from datetime import date
from functools import cache, partial
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.base.list_filters import ListFilter, register
from customers.filter_sets import PAST_DAY_INPUT
from customers.models import Customer
from lifecycle.clocks import lens_of
from lifecycle.columns import with_stage, with_stage_through
from lifecycle.models import CurrentStage, LifecycleModel, Stage

DAY = "placed_on"


def stage_choices() -> list[tuple[str, str]]:
    """The stages of the primary model, in order; those it has no more last, for days of then."""
    stages = Stage.objects.settled().filter(model__is_primary=True).in_order()
    return [(stage.slug, str(stage)) for stage in stages]


class StageFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    """In one of the primary model's stages: now, or through the lens of the two clocks."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Stage"),
            choices=cache(stage_choices),  # asked once per filter, and so per request
            widget=forms.CheckboxSelectMultiple,
        )

    def filter(self, rows: QuerySet[Customer], slugs: list[str]) -> QuerySet[Customer]:
        if not slugs:
            return rows
        lens = lens_of(self.parent.form.cleaned_data)
        if lens is None:
            return with_stage(rows).filter(stage_place__stage__slug__in=slugs)
        there = lens.stays().filter(customer=OuterRef("pk"), model__is_primary=True, stage__slug__in=slugs)
        return rows.filter(Exists(there))


class LensFilter(filters.DateFilter):  # type: ignore[misc]
    """Narrows nothing by itself: what the list says of stages is then said of that day, or as known on it."""

    def filter(self, rows: QuerySet[Customer], day: date | None) -> QuerySet[Customer]:
        lens = lens_of(self.parent.form.cleaned_data) if day else None
        return with_stage_through(rows, lens) if lens else rows


def place_choices() -> list[tuple[str, str]]:
    """The stages of all running models as "model:stage"."""
    running = LifecycleModel.objects.running()
    stages = Stage.objects.settled().filter(model__in=running).select_related("model").in_order()
    named = _t("%(stage)s in “%(model)s”")
    return [
        (f"{stage.model.slug}:{stage.slug}", named % {"stage": stage, "model": stage.model})
        for stage in stages
    ]


class PlaceFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    """In one of the stages named of each model, now or at the end of the day that the other filter names."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Stage in a model"), choices=cache(place_choices), widget=forms.MultipleHiddenInput
        )

    def filter(self, rows: QuerySet[Customer], places: list[str]) -> QuerySet[Customer]:
        day = self.parent.form.cleaned_data.get(DAY)
        lens = lens_of(self.parent.form.cleaned_data | ({"as_of": day} if day else {}))
        stays: QuerySet[Any] = lens.stays() if lens else CurrentStage.objects.all()
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for place in places or []:
            model, _colon, stage = place.partition(":")
            wanted[model].append(stage)
        for model, stages in wanted.items():
            there = stays.filter(customer=OuterRef("pk"), model__slug=model, stage__slug__in=stages)
            rows = rows.filter(Exists(there))
        return rows


def on_day() -> filters.Filter:
    """Narrows nothing by itself: it says when the places of `placed` are meant."""
    hidden = PAST_DAY_INPUT | {"widget": forms.HiddenInput}
    return filters.DateFilter(label=_("As of"), method=lambda rows, name, day: rows, **hidden)


register("customers", ListFilter("stage", StageFilter, order=5))
for _name, _label, _order in (("as_of", _("Stage as of"), 8), ("known_at", _("as known on"), 9)):
    _make = partial(LensFilter, label=_label, **PAST_DAY_INPUT)
    register("customers", ListFilter(_name, _make, order=_order))
register("customers", ListFilter("placed", PlaceFilter, order=6))
register("customers", ListFilter(DAY, on_day, order=7))
