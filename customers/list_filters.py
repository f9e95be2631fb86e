"""The customer list by segment (who is in it, as far as was computed), by conditions asked now, and by the import
that brought something."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.base.list_filters import ListFilter, register
from customers.models import Customer, CustomerFact, Import, ImportedRow, Segment
from customers.narrowing import ConditionsFilter


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


def seen_imports(asker: Any) -> QuerySet[Import]:
    user = getattr(asker, "user", None)
    allowed = isinstance(user, User) and may(user, Capability.IMPORT)
    return Import.objects.all() if allowed else Import.objects.none()


def of_import(rows: QuerySet[Customer], name: str, run: Import | None) -> QuerySet[Customer]:
    """Of whom an import brought something that still holds."""
    if run is None:
        return rows
    brought = [kind for kind in ImportedRow.__subclasses__() if issubclass(kind, CustomerFact)]
    first, *others = (
        kind._default_manager.filter(written_by=run, superseded_at=None).values("customer")
        for kind in brought
    )
    return rows.filter(pk__in=first.union(*others))


def by_import() -> filters.Filter:
    return filters.ModelChoiceFilter(
        label=_("Import"), queryset=seen_imports, method=of_import, widget=forms.HiddenInput
    )


register("customers", ListFilter("conditions", ConditionsFilter, order=80))
register("customers", ListFilter("import", by_import, order=90))
register("customers", ListFilter("segment", by_segment, order=6))
