"""The customer list by segment (who is in it, as far as was computed), by conditions asked now, and by the import
that brought something."""

from functools import reduce
from operator import or_
from typing import Any

import django_filters as filters
from django import forms
from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.base.db import EqualsAny
from clm.base.list_filters import ListFilter, register
from customers.importing.seen import imports_seen_by
from customers.models import Customer, CustomerFact, Import, ImportedRow, Segment
from customers.models.score import GRADES
from customers.narrowing import ConditionsFilter

# An import of more rows is about so many customers that they are read rather than looked up.
FEW = 20_000


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
    if isinstance(user, User) and may(user, Capability.IMPORT):
        return imports_seen_by(user)
    return Import.objects.none()


def of_import(rows: QuerySet[Customer], name: str, run: Import | None) -> QuerySet[Customer]:
    """Of whom an import brought something that still holds."""
    if run is None:
        return rows
    brought = [
        kind for kind in apps.get_models() if issubclass(kind, ImportedRow) and issubclass(kind, CustomerFact)
    ]
    first, *others = (
        kind._default_manager.filter(written_by=run, superseded_at=None).values("customer")
        for kind in brought
    )
    them = first.union(*others)
    if sum(run.counts.values()) > FEW:
        return rows.filter(pk__in=them)
    # As an array: among the joins of many columns PostgreSQL does not begin with a subquery.
    return rows.filter(Q(EqualsAny(F("pk"), ArraySubquery(them))))


def by_import() -> filters.Filter:
    return filters.ModelChoiceFilter(
        label=_("Import"), queryset=seen_imports, method=of_import, widget=forms.HiddenInput
    )


def grades() -> filters.Filter:
    """Fit as a letter, interest as a number."""
    return filters.MultipleChoiceFilter(
        label=_("Score"),
        choices=[(grade, grade) for grade in GRADES],
        method=of_grades,
        widget=forms.CheckboxSelectMultiple,
    )


def of_grades(rows: QuerySet[Customer], name: str, chosen: list[str]) -> QuerySet[Customer]:
    return rows.filter(_any_of(chosen)) if chosen else rows


def _any_of(chosen: list[str]) -> Q:
    return reduce(
        or_, [Q(score__fit_class=grade[0], score__interest_class=int(grade[1])) for grade in chosen]
    )


def score_from(part: str, label: Any) -> filters.Filter:
    return filters.NumberFilter(
        f"score__{part}", "gte", label=label, decimal_places=0, min_value=0, max_digits=6
    )


register("customers", ListFilter("grade", grades, order=7))
register("customers", ListFilter("fit_min", lambda: score_from("fit", _("Fit from")), order=60))
register(
    "customers", ListFilter("interest_min", lambda: score_from("interest", _("Interest from")), order=61)
)
register("customers", ListFilter("conditions", ConditionsFilter, order=80))
register("customers", ListFilter("import", by_import, order=90))
register("customers", ListFilter("segment", by_segment, order=6))
