"""The customer list by stage: of the primary model, or of any models at once, now or as of a day."""

from collections import defaultdict
from functools import cache
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clm.base.days import end_of
from clm.base.list_filters import ListFilter, register
from customers.filter_sets import DAY_INPUT
from customers.models import Customer
from lifecycle.columns import with_stage
from lifecycle.models import CurrentStage, LifecycleModel, Stage, StagePeriod

DAY = "placed_on"


def stage_choices() -> list[tuple[str, str]]:
    """The stages in force in the primary model, in order."""
    stages = Stage.objects.settled().filter(model__is_primary=True).order_by("position")
    return [(stage.slug, str(stage)) for stage in stages]


def in_stages(rows: QuerySet[Customer], name: str, slugs: list[str]) -> QuerySet[Customer]:
    return with_stage(rows).filter(stage_place__stage__slug__in=slugs) if slugs else rows


def by_stage() -> filters.Filter:
    return filters.MultipleChoiceFilter(
        label=_("Stage"),
        choices=cache(stage_choices),  # asked once per filter, and so per request
        method=in_stages,
        widget=forms.CheckboxSelectMultiple,
    )


def place_choices() -> list[tuple[str, str]]:
    """The stages of all running models as "model:stage"."""
    running = LifecycleModel.objects.running()
    stages = (
        Stage.objects.settled()
        .filter(model__in=running)
        .select_related("model")
        .order_by("model", "position")
    )
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
        zone = ZoneInfo(get_current_timezone_name())
        stays = StagePeriod.objects.at(end_of(day, zone)) if day else CurrentStage.objects.all()
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
    return filters.DateFilter(
        label=_("As of"), method=lambda rows, name, day: rows, **DAY_INPUT | {"widget": forms.HiddenInput}
    )


register("customers", ListFilter("stage", by_stage, order=5))
register("customers", ListFilter("placed", PlaceFilter, order=6))
register("customers", ListFilter(DAY, on_day, order=7))
