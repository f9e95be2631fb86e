"""Tests on what customers were asked, and what they answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Model, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Invitation, Response, Survey
from campaigns.models.response import HIGHEST
from clm.base.conditions import Asked, Condition, Evidence, FactRef, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.days import StartOfDay
from clm.base.facts import FactQuerySet
from customers.fact_addresses import fact_address

MOST_DAYS = 36_500
SHOWN = 10
NO_ANSWER = -1


def survey_slugs() -> Sequence[str]:
    return list(Survey.objects.values_list("slug", flat=True))


@dataclass(frozen=True)
class _OnSurveys(Condition):
    family = gettext_lazy("Surveys")

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        return list(Survey.objects.values_list("slug", "name")) if name == "survey" else ()


@dataclass(frozen=True)
class _Answered(_OnSurveys):
    """A score from `at_least` to `at_most`, of one survey or of any."""

    at_least: int = parameter(gettext_lazy("score at least"), minimum=0, maximum=HIGHEST, default=0)
    at_most: int = parameter(gettext_lazy("score at most"), minimum=0, maximum=HIGHEST, default=HIGHEST)
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )
    survey: str | None = parameter(gettext_lazy("survey"), choices=survey_slugs, default=None)

    def _answers(self, known_at: datetime | None) -> FactQuerySet[Response]:
        answers = Response.objects.known(known_at)
        return answers.filter(survey__slug=self.survey) if self.survey else answers

    def _before(self, asked: Asked) -> FactQuerySet[Response]:
        answers = self._answers(asked.known_at).before(asked.bound())
        if self.within_days is not None:
            answers = answers.filter(occurred_at__gte=asked.days_ago(self.within_days))
        return answers

    def _fits(self) -> Q:
        return Q(score__gte=self.at_least, score__lte=self.at_most)

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        answers = self._answers(known_at)
        moments: list[QuerySet[Any, Any]] = [answers.values_list("customer_id", "occurred_at")]
        if self.within_days is not None:
            falls_out = StartOfDay(F("occurred_at"), zone, days=self.within_days + 1)
            moments.append(answers.values_list("customer_id", falls_out))
        return moments

    def _window(self, sentence: str) -> str:
        return in_the_last(sentence, self.within_days)

    def _of(self) -> str:
        return _("survey “%(survey)s”") % {"survey": self.survey} if self.survey else _("NPS")

    def _scores(self) -> dict[str, object]:
        return {"survey": self._of(), "low": self.at_least, "high": self.at_most}

    def _mine(self, customer: Model, asked: Asked) -> list[Response]:
        answers = self._answers(asked.known_at).before(asked.instant)
        if self.within_days is not None:
            answers = answers.filter(occurred_at__gte=asked.days_ago(self.within_days))
        return list(answers.filter(customer_id=customer.pk).order_by("-occurred_at", "-pk")[:SHOWN])


@offer
@dataclass(frozen=True)
class NpsScore(_Answered):
    """Any answer with such a score, ever or in the last days."""

    name = "nps_score"
    label = gettext_lazy("Answered NPS with a score")

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self._before(asked).filter(self._fits(), customer_id=asked.whose())))

    def sentence(self) -> str:
        return self._window(_("answered %(survey)s with %(low)s to %(high)s") % self._scores())

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        rows = self._mine(customer, asked)
        return Evidence(_have(rows), "" if holds else self.sentence(), _references(rows))


@offer
@dataclass(frozen=True)
class LastNpsScore(_Answered):
    """The last answer has such a score: who changed their mind counts as they think now."""

    name = "last_nps_score"
    label = gettext_lazy("The last NPS answer is")

    def to_q(self, asked: Asked) -> Q:
        mine = self._before(asked).filter(customer_id=asked.whose()).order_by("-occurred_at", "-pk")
        last = Coalesce(Subquery(mine.values("score")[:1]), Value(NO_ANSWER))
        return Q(GreaterThanOrEqual(last, Value(self.at_least))) & Q(
            LessThanOrEqual(last, Value(self.at_most))
        )

    def sentence(self) -> str:
        return self._window(_("last answered %(survey)s with %(low)s to %(high)s") % self._scores())

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        rows = self._mine(customer, asked)[:1]
        return Evidence(_have(rows), "" if holds else self.sentence(), _references(rows))


@offer
@dataclass(frozen=True)
class NotAsked(_OnSurveys):
    """Nobody asked them, ever or in the last days; whoever answered elsewhere was asked there."""

    name = "not_asked"
    label = gettext_lazy("Was not asked by a survey")
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )
    survey: str | None = parameter(gettext_lazy("survey"), choices=survey_slugs, default=None)

    def _askings(self, known_at: datetime | None) -> list[FactQuerySet[Any]]:
        chosen = {"survey__slug": self.survey} if self.survey else {}
        return [
            Invitation.objects.known(known_at).filter(**chosen),
            Response.objects.known(known_at).filter(**chosen),
        ]

    def _within(self, asked: Asked) -> list[FactQuerySet[Any]]:
        found = [rows.before(asked.bound()) for rows in self._askings(asked.known_at)]
        if self.within_days is None:
            return found
        return [rows.filter(occurred_at__gte=asked.days_ago(self.within_days)) for rows in found]

    def to_q(self, asked: Asked) -> Q:
        invited, answered = (Exists(rows.filter(customer_id=asked.whose())) for rows in self._within(asked))
        return Q(~invited) & Q(~answered)

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        moments: list[QuerySet[Any, Any]] = []
        for rows in self._askings(known_at):
            moments.append(rows.values_list("customer_id", "occurred_at"))
            if self.within_days is not None:
                again = StartOfDay(F("occurred_at"), zone, days=self.within_days + 1)
                moments.append(rows.values_list("customer_id", again))
        return moments

    def sentence(self) -> str:
        of = {"survey": self.survey or ""}
        if self.within_days is None:
            return (
                _("was never asked by “%(survey)s”") % of if self.survey else _("was never asked by a survey")
            )
        text = _("was not asked by “%(survey)s”") % of if self.survey else _("was not asked by a survey")
        return in_the_last(text, self.within_days)

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        latest = [
            rows.filter(customer_id=customer.pk).order_by("-occurred_at").first()
            for rows in self._within(asked)
        ]
        found = [row for row in latest if row is not None]
        if not found:
            return Evidence(_("was not asked"))
        row = max(found, key=lambda row: row.occurred_at)
        return Evidence(_("was asked"), self.sentence(), [_asked(row)])


def _asked(row: Invitation | Response) -> FactRef:
    """An answer is on the timeline; being asked is there only as the message that did it."""
    is_told = isinstance(row, Response)
    address = fact_address(row.customer_id, f"response-{row.pk}", row.occurred_at) if is_told else ""
    return FactRef(_("Asked"), row.occurred_at, address)


def _have(rows: Sequence[Response]) -> str:
    if not rows:
        return _("no answer")
    return ngettext(
        "%(n)s answer, the last %(score)s of 10", "%(n)s answers, the last %(score)s of 10", len(rows)
    ) % {
        "n": len(rows),
        "score": rows[0].score,
    }


def _references(rows: Sequence[Response]) -> list[FactRef]:
    return [
        FactRef(
            _("NPS %(score)s") % {"score": row.score},
            row.occurred_at,
            fact_address(row.customer_id, f"response-{row.pk}", row.occurred_at),
        )
        for row in rows
    ]
