"""All that is kept of one person as a zip: each table of the inventory as JSON and as CSV."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock, inventory
from clm.base.inventory import Table
from clm.base.spreadsheets import csv_lines
from customers.models import Customer, PersonExport

JOB_KIND = "export-person"


@transaction.atomic
def ask(customer: Customer, *, by: User | None) -> PersonExport:
    """Have the file made; its link holds for a day."""
    made = PersonExport.objects.create(customer=customer, requested_by=by)
    title = gettext_noop("Put together the data of customer %(customer)s")
    made.job = enqueue(JOB_KIND, title=title, owner=by, customer=customer.pk, export=made.pk)
    made.save(update_fields=["job"])
    AuditEntry.objects.record("customer.data_asked", customer, by=by)
    return made


def export_job(job: Job) -> Iterator[Progress]:
    made = PersonExport.objects.filter(pk=job.parameters["export"]).first()
    if made is not None:
        PersonExport.objects.filter(pk=made.pk).update(content=zipped(whole_person(made.customer)))
    yield Progress(1, 1)


def latest(customer: Customer) -> PersonExport | None:
    """What was put together last of whatever was asked for."""
    made = PersonExport.objects.filter(customer=customer, content__isnull=False).defer("content")
    return made.order_by("-pk").first()


@transaction.atomic
def fetch(made: PersonExport, *, by: User) -> bytes | None:
    """The file; None while it is not there yet, or no longer."""
    if made.content is None or made.expires_at < clock.now():
        return None
    AuditEntry.objects.record("customer.data_fetched", made.customer, by=by)
    return bytes(made.content)


def forget_expired() -> int:
    return PersonExport.objects.expired(clock.now()).delete()[0]


def whole_person(customer: Customer) -> list[int]:
    """The customer and all that were merged into it."""
    return sorted(
        Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer)).values_list("pk", flat=True)
    )


def zipped(customers: list[int]) -> bytes:
    packed, told = BytesIO(), []
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for table in inventory.tables():
            if table.export.is_empty:
                continue
            name, rows = table.model._meta.label_lower, rows_of(table, customers)
            told.append(f"{name}: {len(rows)}")
            archive.writestr(
                f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            )
            archive.writestr(f"{name}.csv", "".join(csv_lines(_cells(table, rows))))
        archive.writestr("readme.txt", "\n".join([_readme(), "", *told, ""]))
    return packed.getvalue()


def rows_of(table: Table, customers: list[int]) -> list[dict[str, Any]]:
    theirs = inventory.rows_of(table, customers)
    if table.export.unless is not None:
        theirs = theirs.exclude(table.export.unless)
    return list(theirs.order_by("pk").values(*_columns(table)))


def _columns(table: Table) -> list[str]:
    columns = (column for column in table.model._meta.concrete_fields if column.name not in table.export.but)
    return [str(column.attname) for column in columns]


def _cells(table: Table, rows: list[dict[str, Any]]) -> Iterator[list[object]]:
    columns = _columns(table)
    yield list(columns)
    for row in rows:
        yield [_plain(row[column]) for column in columns]


def _plain(value: Any) -> object:
    return (
        json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
        if isinstance(value, dict | list)
        else value
    )


def _readme() -> str:
    return _(
        "All data kept of one person, one table a file: as JSON for programs, as CSV for a spreadsheet. Times are UTC in JSON. Rows with a value in superseded_at were replaced by later ones. The number after each name is how many rows there are."
    )
