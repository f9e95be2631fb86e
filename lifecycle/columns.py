"""Columns of the customer list: the stage in the primary model, since when, and the furthest one reached."""

from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clm.base.columns import Column, register
from lifecycle.models import LifecycleModel


def with_stage(customers: QuerySet[Any]) -> QuerySet[Any]:
    """One join for all these columns; asked twice, it is made once."""
    if "stage_since" in customers.query.annotations:
        return customers
    primary = LifecycleModel.objects.primary()
    place = FilteredRelation("current_stage", condition=Q(current_stage__model=primary.pk if primary else 0))
    placed: QuerySet[Any] = customers.annotate(stage_place=place).annotate(
        stage_id=F("stage_place__stage_id"),
        stage_since=F("stage_place__since"),
        stage_labels=F("stage_place__stage__labels"),
        stage_colour=F("stage_place__stage__colour"),
        furthest_labels=F("stage_place__furthest__labels"),
        furthest_colour=F("stage_place__furthest__colour"),
    )
    return placed


register(
    "customers",
    Column("stage", _("Stage"), template="lifecycle/_cell_stage.html", annotate=with_stage, order=15),
)
register(
    "customers",
    Column(
        "stage_since",
        _("In stage since"),
        template="lifecycle/_cell_since.html",
        annotate=with_stage,
        sort="stage_since",
        order=16,
    ),
)
register(
    "customers",
    Column(
        "furthest",
        _("Furthest stage"),
        template="lifecycle/_cell_furthest.html",
        annotate=with_stage,
        is_default=False,
        order=17,
    ),
)
