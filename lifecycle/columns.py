"""Columns of the customer list: the stage in the primary model, since when, and the furthest one reached.

The lists of leads and tickets have the stage of their customer.
"""

from functools import lru_cache
from typing import Any

from django.db.models import (
    F,
    FilteredRelation,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clm.base import compiled
from clm.base.cells import moment
from clm.base.columns import Column, register
from clm.base.navigation import row_address
from lifecycle.clocks import Lens
from lifecycle.models import LifecycleModel
from lifecycle.models.labels import Labels, label_of


def with_stage(customers: QuerySet[Any]) -> QuerySet[Any]:
    """One join for all these columns; asked twice, it is made once."""
    if "stage_since" in customers.query.annotations:
        return customers
    place = FilteredRelation("current_stage", condition=Q(current_stage__model=_primary()))
    placed: QuerySet[Any] = customers.annotate(stage_place=place).annotate(
        stage_id=F("stage_place__stage_id"),
        stage_since=F("stage_place__since"),
        stage_labels=F("stage_place__stage__labels"),
        stage_colour=F("stage_place__stage__colour"),
    )
    return placed


def with_stage_of_customer(rows: QuerySet[Any]) -> QuerySet[Any]:
    place = FilteredRelation(
        "customer__current_stage", condition=Q(customer__current_stage__model=_primary())
    )
    placed: QuerySet[Any] = rows.annotate(stage_place=place).annotate(
        stage_labels=F("stage_place__stage__labels"), stage_colour=F("stage_place__stage__colour")
    )
    return placed


def with_furthest(customers: QuerySet[Any]) -> QuerySet[Any]:
    """How far they have come, besides: a join that only this column needs."""
    if "furthest_labels" in customers.query.annotations:
        return customers
    placed: QuerySet[Any] = with_stage(customers).annotate(
        furthest_labels=F("stage_place__furthest__labels"),
        furthest_colour=F("stage_place__furthest__colour"),
    )
    return placed


def _primary() -> int:
    ids = compiled.rows("primary model", _primary_ids)
    return int(ids[0]) if ids else 0


def _primary_ids() -> QuerySet[Any, Any]:
    return LifecycleModel.objects.filter(is_primary=True).values_list("pk", flat=True)


def with_stage_through(customers: QuerySet[Any], lens: Lens) -> QuerySet[Any]:
    """The same columns as of another instant. How far somebody had come by then is left open."""
    if "stage_since" in customers.query.annotations:
        return customers
    stays = lens.stays().filter(customer=OuterRef("pk"), model__is_primary=True)
    placed: QuerySet[Any] = customers.annotate(
        stage_id=Subquery(stays.values("stage")[:1]),
        stage_since=Subquery(stays.values("entered_at")[:1]),
        stage_labels=Subquery(stays.values("stage__labels")[:1]),
        stage_colour=Subquery(stays.values("stage__colour")[:1]),
        furthest_labels=Value(None, JSONField()),
        furthest_colour=Value(None, IntegerField()),
    )
    return placed


def _stage(row: Any) -> SafeString | str:
    """Says why on hover, focus or a tap: asked for then, row by row."""
    shown = pill(row.stage_labels, row.stage_colour)
    return shown and format_html(
        '<button type="button" class="peeks" data-peek="{}">{}</button>',
        row_address("customer-why", row.pk),
        shown,
    )


def _stage_of_customer(row: Any) -> SafeString | str:
    return pill(row.stage_labels, row.stage_colour)


def _furthest(row: Any) -> SafeString | str:
    return pill(row.furthest_labels, row.furthest_colour)


def _since(row: Any) -> SafeString | str:
    return moment(row.stage_since)


def pill(labels: Labels | None, colour: int | None) -> SafeString | str:
    """A stage as lists show it; nothing where there is none."""
    return _drawn(label_of(labels), colour) if labels else ""


@lru_cache(maxsize=1024)  # a list shows the same few stages over and over
def _drawn(name: str, colour: int | None) -> SafeString:
    return render_to_string("lifecycle/_cell_stage.html", {"name": name, "colour": colour})


register(
    "customers",
    Column("stage", _("Stage"), show=_stage, annotate=with_stage, given=_primary, order=15),
)
register(
    "customers",
    Column(
        "stage_since",
        _("In stage since"),
        value="stage_since",
        show=_since,
        annotate=with_stage,
        given=_primary,
        sort="stage_since",
        order=16,
    ),
)
register(
    "customers",
    Column(
        "furthest",
        _("Furthest stage"),
        show=_furthest,
        annotate=with_furthest,
        given=_primary,
        is_default=False,
        order=17,
    ),
)

for page in ("leads", "tickets"):
    register(
        page,
        Column(
            "stage",
            _("Stage"),
            show=_stage_of_customer,
            annotate=with_stage_of_customer,
            is_default=False,
            order=9,
        ),
    )
