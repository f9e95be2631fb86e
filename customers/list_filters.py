"""The customer list by segment: who is in it, as far as was computed."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clm.base.list_filters import ListFilter, register
from customers.models import Customer, Segment


def seen_segments(asker: Any) -> QuerySet[Segment]:
    """Those for everybody, and the own ones of whoever asks (a request, or anything else with a user)."""
    user = getattr(asker, "user", None)
    shared = Segment.objects.filter(is_shared=True) if user is None else Segment.objects.visible_to(user)
    return shared.order_by("name")


def in_segment(rows: QuerySet[Customer], name: str, segment: Segment | None) -> QuerySet[Customer]:
    return rows.filter(pk__in=segment.periods().open().values("customer")) if segment else rows


def by_segment() -> filters.Filter:
    return filters.ModelChoiceFilter(
        label=_("Segment"),
        queryset=seen_segments,
        to_field_name="slug",
        method=in_segment,
        empty_label=_("Any"),
    )


register("customers", ListFilter("segment", by_segment, order=6))
