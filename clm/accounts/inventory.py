"""What an erasure takes out of tables that name no customer and may still hold what a person is called."""

from typing import Any
from urllib.parse import unquote_plus

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from clm.accounts.models import AuditEntry, IdempotentAnswer, Job, SavedView
from clm.accounts.models.job import JobStatus
from clm.base.inventory import Person, register_trace


def _holding(rows: "QuerySet[Any]", column: str, person: Person) -> "QuerySet[Any]":
    found = Q(pk__in=[])
    for text in person.texts:
        found |= Q(said__contains=text)
    told: QuerySet[Any] = rows.annotate(said=Lower(Cast(column, TextField()))).filter(found)
    return told


def _forget_audit(person: Person) -> None:
    """Who did what, and when, stays; what the customer was called does not."""
    entries = AuditEntry.objects.all()
    _holding(entries, "subject_label", person).update(subject_label="")
    _holding(entries, "details", person).update(details={})


def _forget_jobs(person: Person) -> None:
    ended = Job.objects.exclude(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    for column, blank in (("parameters", {}), ("result", {}), ("cursor", {}), ("error", ""), ("title", "")):
        _holding(ended, column, person).update(**{column: blank})


def _forget_answers(person: Person) -> None:
    _holding(IdempotentAnswer.objects.all(), "body", person).delete()


def _forget_views(person: Person) -> None:
    """An address may have been kept with a search for the person in it."""
    for view in SavedView.objects.all():
        said = f"{view.name} {unquote_plus(view.query)}".lower()
        if any(text in said for text in person.texts):
            view.delete()


register_trace(AuditEntry, _forget_audit)
register_trace(Job, _forget_jobs)
register_trace(IdempotentAnswer, _forget_answers)
register_trace(SavedView, _forget_views)
