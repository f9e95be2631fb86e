"""The customer list by stage: of the primary model, one or several."""

from functools import cache

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clm.base.list_filters import ListFilter, register
from customers.models import Customer
from lifecycle.columns import with_stage
from lifecycle.models import Stage


def stage_choices() -> list[tuple[str, str]]:
    """The stages in force in the primary model, in order."""
    stages = Stage.objects.filter(model__is_primary=True).order_by("position")
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


register("customers", ListFilter("stage", by_stage, order=5))
