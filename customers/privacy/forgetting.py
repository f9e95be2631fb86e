"""What an erasure does to tables of this app that ask for more than empty columns."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from clm.base.inventory import Person
from customers.importing.setup import file_of
from customers.importing.unpacking import forget
from customers.models import Import, ImportProblem
from customers.models.import_run import ImportStatus

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
    for column, blank in (("raw", ""), ("cells", None), ("reason", GONE)):
        told = ImportProblem.objects.annotate(said=Lower(Cast(column, TextField())))
        told.filter(_holding(person)).update(**{column: blank})
    for run in Import.objects.exclude(status=ImportStatus.RUNNING):
        if (path := file_of(run)).exists() and _is_in(path, person):
            transaction.on_commit(partial(forget, path))


def _holding(person: Person) -> Q:
    found = Q(pk__in=[])
    for text in person.texts:
        found |= Q(said__contains=text)
    return found


def _is_in(path: Any, person: Person) -> bool:
    """In whatever case; also over the edge of two pieces."""
    wanted, rest = [text.encode() for text in person.texts], b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            looked_at = (rest + piece).decode(errors="ignore").lower().encode()
            if any(text in looked_at for text in wanted):
                return True
            rest = piece[-1000:]
    return False
