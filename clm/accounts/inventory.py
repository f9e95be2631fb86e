"""What an erasure takes out of tables that name no customer and may still hold what a person is called."""

from urllib.parse import unquote_plus

from clm.accounts.models import AuditEntry, IdempotentAnswer, Job, SavedView
from clm.accounts.models.job import JobStatus
from clm.base.inventory import Person, register_trace
from clm.base.recognising import rows_telling_of, tells_of


def _forget_audit(person: Person) -> None:
    """Who did what, and when, stays; what the customer was called does not."""
    entries = AuditEntry.objects.all()
    rows_telling_of(entries, "subject_label", person).update(subject_label="")
    rows_telling_of(entries, "details", person).update(details={})


def _forget_jobs(person: Person) -> None:
    ended = Job.objects.exclude(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    for column, blank in (("parameters", {}), ("result", {}), ("cursor", {}), ("error", ""), ("title", "")):
        rows_telling_of(ended, column, person).update(**{column: blank})


def _forget_answers(person: Person) -> None:
    """Also what was said of their rows: such an answer names the customer by the id."""
    answers, ids = IdempotentAnswer.objects.all(), "|".join(map(str, person.customers))
    rows_telling_of(answers, "body", person).delete()
    answers.filter(body__iregex=rf'"(customer|winner|loser)\\*":({ids})\M').delete()


def _forget_views(person: Person) -> None:
    """An address may have been kept with a search for the person in it."""
    for view in SavedView.objects.all():
        if tells_of(f"{view.name} {unquote_plus(view.query)}", person):
            view.delete()


register_trace(AuditEntry, _forget_audit)
register_trace(Job, _forget_jobs)
register_trace(IdempotentAnswer, _forget_answers)
register_trace(SavedView, _forget_views)
