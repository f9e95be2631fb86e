"""Which files a customer or a company came with, for their timelines: an entry for each import that something stays of."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Min, QuerySet, Value
from django.utils.translation import gettext as _

from clm.base.timeline import Entry
from customers.intake.kinds import kind_named
from customers.models import Company, Consent, Customer, Event, Import, Order, ProfileChange, Refund, Touch
from customers.models.brought import Brought, Thing

# What each kind of file is told by; whatever else it wrote, such as who was new, came with that.
_TOLD_BY: dict[str, Any] = {
    "customers": ProfileChange,
    "orders": Order,
    "refunds": Refund,
    "events": Event,
    "touches": Touch,
    "consents": Consent,
}
_ABOUT = {"run": "written_by_id", "file": "written_by__file_name", "origin": "written_by__source"}
Rows = QuerySet[Any, Any]


def moments(customer: Customer) -> Sequence[tuple[Rows, str]]:
    return [(rows, "came_at") for rows in _facts(customer)]


def entries(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    first, *others = (
        (rows.filter(came_at__lt=before) if before else rows).values_list(
            "run", "file", "brings", "origin", "came_at"
        )
        for rows in _facts(customer)
    )
    return [_entry(*row) for row in first.union(*others, all=True).order_by("-came_at", "-run")[:most]]


def _facts(customer: Customer) -> Iterable[Rows]:
    """Of each kind, the imports that brought what still holds, and when."""
    for kind, model in _TOLD_BY.items():
        rows = model.objects.filter(customer=customer, superseded_at=None, written_by__kind=kind)
        about = {name: F(path) for name, path in _ABOUT.items()}
        yield rows.values(**about, brings=Value(kind)).annotate(came_at=Min("recorded_at"))


def company_moments(company: Company) -> Sequence[tuple[Rows, str]]:
    return [(_runs(company), "created_at")]


def company_entries(company: Company, before: datetime | None, most: int) -> Sequence[Entry]:
    runs = _runs(company)
    newest = (runs.filter(created_at__lt=before) if before else runs).order_by("-created_at", "-pk")[:most]
    return [_entry(run.pk, run.file_name, run.kind, run.source, run.created_at) for run in newest]


def _runs(company: Company) -> QuerySet[Import]:
    brought = Brought.objects.filter(thing=Thing.COMPANY, thing_id=company.pk)
    return Import.objects.filter(undone_at=None, pk__in=brought.values("run"))


def _entry(run: int, file: str, kind: str, source: str, at: datetime) -> Entry:
    title = _("Came with the file “%(file)s”") % {"file": file}
    detail = f"{kind_named(kind).label} · {source}"
    return Entry(f"import-{run}-{kind}", at, title, "upload", detail)
