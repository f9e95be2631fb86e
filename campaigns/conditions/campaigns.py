"""Tests on what campaigns did with customers: who got which message, who is in one, who has been through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Campaign, Enrollment, Message, MessageState, Outcome, Step, StepKind
from clm.base.conditions import Asked, Condition, Evidence, FactRef, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.days import StartOfDay
from customers.fact_addresses import fact_address

MOST_DAYS = 36_500
SHOWN = 10


def campaign_ids() -> Sequence[str]:
    return [str(pk) for pk in Campaign.objects.values_list("pk", flat=True)]


@dataclass(frozen=True)
class _OfCampaign(Condition):
    """`campaign` is an id, as text."""

    family = gettext_lazy("Campaigns")
    campaign: str = parameter(gettext_lazy("campaign"), choices=campaign_ids)

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        if name != "campaign":
            return ()
        return [(str(pk), label) for pk, label in Campaign.objects.values_list("pk", "name")]

    def _name(self) -> str:
        found = Campaign.objects.filter(pk=self.campaign).values_list("name", flat=True).first()
        return found or self.campaign

    def _runs(self, known_at: datetime | None) -> QuerySet[Enrollment]:
        runs = Enrollment.objects.filter(campaign=int(self.campaign))
        return runs if known_at is None else runs.filter(entered_at__lte=known_at)


@dataclass(frozen=True)
class _InWindow(_OfCampaign):
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )


@offer
@dataclass(frozen=True)
class GotMessage(_InWindow):
    """The campaign's message of this number (any without one) was sent, ever or in the last days."""

    name = "got_message"
    label = gettext_lazy("Was sent a message of a campaign")
    number: int | None = parameter(gettext_lazy("message number"), minimum=1, maximum=100, default=None)

    def _messages(self, known_at: datetime | None) -> QuerySet[Message]:
        sent = Message.objects.filter(campaign=int(self.campaign), state=MessageState.SENT)
        if self.number is not None:
            sent = sent.annotate(number=_number_of_step()).filter(number=self.number)
        return sent if known_at is None else sent.filter(sent_at__lte=known_at)

    def _before(self, asked: Asked, bound: Any) -> QuerySet[Message]:
        sent = self._messages(asked.known_at).filter(sent_at__lt=bound)
        if self.within_days is not None:
            sent = sent.filter(sent_at__gte=asked.days_ago(self.within_days))
        return sent

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self._before(asked, asked.bound()).filter(customer_id=asked.whose())))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return _moments(self._messages(known_at), "sent_at", self.within_days, zone)

    def sentence(self) -> str:
        of = {"campaign": self._name(), "number": self.number}
        if self.number is None:
            return in_the_last(_("was sent a message of “%(campaign)s”") % of, self.within_days)
        return in_the_last(_("was sent message %(number)s of “%(campaign)s”") % of, self.within_days)

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        mine = self._before(asked, asked.instant).filter(customer_id=customer.pk)
        rows = list(mine.order_by("-sent_at").values_list("pk", "sent_at")[:SHOWN])
        have = ngettext("%(n)s such message", "%(n)s such messages", len(rows)) % {"n": len(rows)}
        references = [
            FactRef(self._name(), at, fact_address(customer.pk, f"message-{pk}", at)) for pk, at in rows if at
        ]
        return Evidence(have, "" if holds else self.sentence(), references)


@offer
@dataclass(frozen=True)
class InCampaign(_OfCampaign):
    name = "in_campaign"
    label = gettext_lazy("Is in a campaign")

    def to_q(self, asked: Asked) -> Q:
        bound = asked.bound()
        still = Q(finished_at=None) | Q(finished_at__gte=bound)
        if asked.known_at is not None:  # ended later than that: still in it as far as anybody knew
            still |= Q(finished_at__gt=asked.known_at)
        return Q(
            Exists(self._runs(asked.known_at).filter(still, entered_at__lt=bound, customer_id=asked.whose()))
        )

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        runs = self._runs(known_at)
        return [
            runs.values_list("customer_id", "entered_at"),
            runs.exclude(finished_at=None).values_list("customer_id", "finished_at"),
        ]

    def sentence(self) -> str:
        return _("is in the campaign “%(campaign)s”") % {"campaign": self._name()}

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        runs = self._runs(asked.known_at).filter(customer_id=customer.pk, entered_at__lt=asked.instant)
        return _of_runs(list(runs.order_by("-entered_at")[:SHOWN]), "" if holds else self.sentence())


@offer
@dataclass(frozen=True)
class FinishedCampaign(_InWindow):
    """A run ended, ever or in the last days, with this outcome or any."""

    name = "finished_campaign"
    label = gettext_lazy("Has been through a campaign")
    outcome: str | None = parameter(
        gettext_lazy("outcome"), choices=lambda: list(Outcome.values), default=None
    )

    def _finished(self, known_at: datetime | None) -> QuerySet[Enrollment]:
        runs = self._runs(known_at).exclude(finished_at=None)
        if self.outcome:
            runs = runs.filter(outcome=self.outcome)
        return runs if known_at is None else runs.filter(finished_at__lte=known_at)

    def _before(self, asked: Asked, bound: Any) -> QuerySet[Enrollment]:
        runs = self._finished(asked.known_at).filter(finished_at__lt=bound)
        if self.within_days is not None:
            runs = runs.filter(finished_at__gte=asked.days_ago(self.within_days))
        return runs

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self._before(asked, asked.bound()).filter(customer_id=asked.whose())))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return _moments(self._finished(known_at), "finished_at", self.within_days, zone)

    def sentence(self) -> str:
        of = {"campaign": self._name(), "outcome": Outcome(self.outcome).label if self.outcome else ""}
        if not self.outcome:
            return in_the_last(_("has been through the campaign “%(campaign)s”") % of, self.within_days)
        through = _("has been through the campaign “%(campaign)s” with the outcome “%(outcome)s”")
        return in_the_last(through % of, self.within_days)

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        mine = self._before(asked, asked.instant).filter(customer_id=customer.pk)
        return _of_runs(list(mine.order_by("-entered_at")[:SHOWN]), "" if holds else self.sentence())


def _number_of_step() -> Subquery:
    """Of a message: the how-many-eth message of its version it is."""
    before = Step.objects.filter(
        version=OuterRef("step__version"), position__lte=OuterRef("step__position"), kind=StepKind.MESSAGE
    )
    return Subquery(before.values("version").annotate(n=Count("pk")).values("n"))


def _moments(rows: QuerySet[Any], at: str, within_days: int | None, zone: str) -> list[QuerySet[Any, Any]]:
    moments: list[QuerySet[Any, Any]] = [rows.values_list("customer_id", at)]
    if within_days is not None:
        falls_out = StartOfDay(F(at), zone, days=within_days + 1)
        moments.append(rows.values_list("customer_id", falls_out))
    return moments


def _of_runs(runs: list[Enrollment], missing: str) -> Evidence:
    have = ngettext("%(n)s such run", "%(n)s such runs", len(runs)) % {"n": len(runs)}
    return Evidence(have, missing, [_reference(run) for run in runs])


def _reference(run: Enrollment) -> FactRef:
    address = fact_address(run.customer_id, f"run-{run.pk}", run.entered_at)
    return FactRef(run.get_outcome_display(), run.entered_at, address)
