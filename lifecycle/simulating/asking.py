"""Asking for a simulation: of a draft or any other version, now, over days of the past or over the whole history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import drive, enqueue
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base import clock
from clm.base.days import TICK, end_of, start_of
from clm.base.facts import BEGINNING
from clm.base.tomorrow import not_yet
from customers.models import Customer
from lifecycle.designing.checking import Faulty
from lifecycle.drafting import fingerprint
from lifecycle.models import ModelVersion, Simulation, Span, VersionStatus
from lifecycle.publishing import CannotPublish, check
from lifecycle.resettling import vanished

KIND = "lifecycle.simulation"
AT_ONCE = 2_000  # so many customers are walked while somebody waits for the page


class CannotSimulate(ValueError):
    """The question makes no sense, or the draft could not be published; `field` is what to change."""

    def __init__(self, message: str, field: str = "version", faulty: Sequence[Faulty] = ()) -> None:
        super().__init__(message)
        self.field, self.faulty = field, list(faulty)

    def told(self) -> list[str]:
        return [one.told for one in self.faulty] or [str(self)]


@dataclass(frozen=True)
class Question:
    """`first` and `last` are local days, both included, and only for Span.DAYS.

    `heirs` says, as publishing does, where those go whose stage the draft has no more and whom no rule claims: slugs
    by slug, those left out by guess.
    """

    span: str = Span.NOW
    first: date | None = None
    last: date | None = None
    heirs: Mapping[str, str] = field(default_factory=dict)

    def bounds(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when on the version decides, and until when. Raises CannotSimulate."""
        if self.span == Span.NOW:
            return now, now
        if self.span == Span.HISTORY:
            return BEGINNING, now
        return self._days(now, zone)

    def _days(self, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        if self.first is None:
            raise CannotSimulate(_("Choose the first day."), "first")
        last = self.last or now.astimezone(zone).date()
        for name, day in (("first", self.first), ("last", last)):
            if start_of(day, zone) > now:
                raise CannotSimulate(not_yet(), name)
        if last < self.first:
            raise CannotSimulate(_("The last day must not be before the first."), "last")
        return start_of(self.first, zone), min(end_of(last, zone) - TICK, now)


def reading(version: ModelVersion) -> str:
    """Changes when the version does, and when it is published."""
    return f"{version.status}:{fingerprint(version)}"


def simulate(version: ModelVersion, question: Question, *, by: User | None) -> Simulation:
    """Try a version out. Few customers are walked at once, more as a job. Raises CannotSimulate."""
    simulation = _ask(version, question, by)
    job = simulation.job
    if job and is_told_at_once():
        drive(job)
    return Simulation.objects.for_page().get(pk=simulation.pk)


def is_told_at_once() -> bool:
    """Whether there are so few customers that somebody may wait for the answer."""
    return Customer.objects.present()[: AT_ONCE + 1].count() <= AT_ONCE


@transaction.atomic
def _ask(version: ModelVersion, question: Question, by: User | None) -> Simulation:
    question = _as_publishing_does(version, question)
    since, until = question.bounds(clock.now(), Organisation.objects.current().tz)
    if version.status == VersionStatus.DRAFT:
        _check(version)
    simulation = Simulation.objects.create(
        version=version,
        span=question.span,
        since=since,
        until=until,
        read=reading(version),
        rules=_rules(version),
        requested_by=by,
    )
    simulation.job = _enqueue(simulation, _heirs(version, question), by)
    simulation.save(update_fields=["job"])
    AuditEntry.objects.record(
        "version.simulated", version.model, by=by, version=version.number, span=str(question.span)
    )
    return simulation


def _as_publishing_does(version: ModelVersion, question: Question) -> Question:
    """Where nothing is in force, the version decides over the whole history: a first one, and one of a model that comes back."""
    if question.span == Span.NOW and version.model.published() is None:
        return replace(question, span=Span.HISTORY)
    return question


def _check(draft: ModelVersion) -> None:
    try:
        check(draft)
    except CannotPublish as error:
        raise CannotSimulate(str(error), faulty=error.faulty) from error


def _rules(version: ModelVersion) -> dict[str, dict[str, object]]:
    return {
        str(rule.pk): {"labels": rule.labels, "condition": rule.condition, "stage": rule.stage_id}
        for rule in version.rules.all()
    }


def _heirs(version: ModelVersion, question: Question) -> dict[str, str]:
    if version.status != VersionStatus.DRAFT:
        return dict(version.heirs)
    return {one.stage.slug: question.heirs.get(one.stage.slug, one.heir) for one in vanished(version)}


def _enqueue(simulation: Simulation, heirs: dict[str, str], by: User | None) -> Job:
    return enqueue(
        KIND,
        title=gettext_noop("Simulation of %(version)s"),
        owner=by,
        version=str(simulation.version),
        simulation=simulation.pk,
        heirs=heirs,
    )
