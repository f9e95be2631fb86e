"""What an erasure does to tables of this app that ask for more than empty columns."""

from functools import partial
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from clm.base.inventory import Person
from clm.base.recognising import rows_telling_of
from customers.importing.setup import file_of
from customers.importing.unpacking import forget
from customers.models import Brought, ExternalKey, Import, ImportProblem, Lead, Thing
from customers.privacy.files import is_in_file

# What numbers are broken down by, and who looks after a customer: they tell nobody's name.
KEPT_FIELDS = ("kind", "country", "language", "owner", "team")
GONE = "–"


def forget_customer(rows: QuerySet[Any], person: Person) -> None:
    texts = dict.fromkeys(("name", "first_name", "last_name", "email", "phone", "external_id", "zone"), "")
    rows.update(**texts, company=None, fields={}, erased_at=person.at, changed_at=person.at)


def forget_changes(rows: QuerySet[Any], person: Person) -> None:
    rows.exclude(field__in=KEPT_FIELDS).delete()


def forget_lead(rows: QuerySet[Any], person: Person) -> None:
    """A lost lead keeps that it had a reason, a won one that it was converted: the database asks for both."""
    rows.exclude(lost_reason="").update(lost_reason=GONE)
    rows.filter(conversion__isnull=False).update(conversion={"filled": [], "conflicts": []})
    rows.update(title="", next_action="", enquiry={})


def forget_imports(person: Person) -> None:
    """Rows that could not be read, and whole files with the person in them: what they brought is there already."""
    for column in ("raw", "cells", "reason"):
        told = rows_telling_of(ImportProblem.objects.all(), column, person)
        told.update(raw="", cells=None, reason=GONE)
    for run in Import.objects.select_related("job"):
        if not run.is_being_taken_in and is_in_file(run, person):
            transaction.on_commit(partial(forget, file_of(run)))
    rows_telling_of(Import.objects.all(), "file_name", person).update(file_name=GONE)


def forget_brought(person: Person) -> None:
    """What an import wrote of their leads, and what the leads are called in the system they come from."""
    leads = list(Lead.objects.filter(customer__in=person.customers).values_list("pk", flat=True))
    Brought.objects.filter(thing=Thing.LEAD, thing_id__in=leads).delete()
    keys = ExternalKey.objects.filter(thing=Thing.LEAD, thing_id__in=leads)
    for pk, key in keys.values_list("pk", "key"):
        if any(one in key.lower() for one in (*person.texts, *person.names, *person.keys)):
            keys.filter(pk=pk).update(key=f"erased-{sha256(key.encode()).hexdigest()}")
