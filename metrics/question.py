"""A question about a metric: which time, which customers, split by what, as known when."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clm.accounts.models import Organisation, User
from clm.base.days import end_of
from metrics.spans import Spans, monthly, whole_months

if TYPE_CHECKING:
    from customers.models import Segment
    from lifecycle.models import LifecycleModel, Stage
    from metrics.definition import Definition

UNATTRIBUTED = "unattributed"
MOST_MONTHS = 120
HORIZON_DAYS = 30  # the least that a stay is given to lead on, unless asked otherwise
HORIZONS = (30, 60, 90, 180, 270, 365)
BREAKDOWNS = ("stage", "channel", "country", "month")


class QuestionError(ValueError):
    """A question that has no sense; names the parameter and the cure."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter, self.message = parameter, message


@dataclass(frozen=True)
class Target:
    """Where a conversion is to lead: one stage, or all stages of a kind of the axis."""

    name: str  # the stage's slug, or the kind
    stage_ids: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """`as_of` null: the end of today for what happened in a period and for time in stages, else the period's end.

    `known_at` null: as known now. `user` set: only the customers that user may see.
    `country` is an ISO code, `channel` a slug or "unattributed", `survey` a slug; empty means all.
    `segment`: only who belongs to it as of `as_of`, whichever time is asked about.
    `stage`, `target` and `days` (how long to wait) are for metrics about stays in stages.
    """

    start: datetime
    end: datetime
    as_of: datetime | None = None
    known_at: datetime | None = None
    breakdown: str | None = None
    model: "LifecycleModel | None" = None
    country: str = ""
    channel: str = ""
    variant: str = ""
    survey: str = ""
    segment: "Segment | None" = None
    stage: "Stage | None" = None
    target: Target | None = None
    days: int | None = None
    user: User | None = None

    def over(self, start: datetime, end: datetime) -> "Question":
        return replace(self, start=start, end=end)


def plain(question: Question) -> Question:
    """The same time and customers, without what only some metrics take."""
    return replace(question, breakdown=None, variant="", survey="", stage=None, target=None, days=None)


@dataclass(frozen=True)
class Setting:
    """What holds for all questions of one request: the organisation and the present."""

    organisation: Organisation
    now: datetime
    raw: bool = False  # from the facts alone, without roll-up and memory

    @property
    def today(self) -> date:
        return self.now.astimezone(self.organisation.tz).date()

    @property
    def end_of_today(self) -> datetime:
        return end_of(self.today, self.organisation.tz)


@dataclass(frozen=True)
class Asked:
    """A question with nothing left open: this is what a formula sees."""

    definition: "Definition"
    question: Question
    setting: Setting
    as_of: datetime
    spans: Spans

    @property
    def by(self) -> str | None:
        """The breakdown that groups customers; months are spans of their own."""
        return None if self.question.breakdown == "month" else self.question.breakdown

    @property
    def variant(self) -> str:
        return self.question.variant or self.definition.default_variant

    @property
    def days(self) -> int:
        return self.question.days or HORIZON_DAYS

    @property
    def currency(self) -> str:
        return str(self.setting.organisation.currency)

    @property
    def period(self) -> Spans:
        """What the spans are cut from: as asked, or its months from the first day to the last."""
        return _period(self.definition, self.question, self.setting)

    @property
    def elapsed(self) -> Decimal | None:
        """The share of the period that is over; null when all of it is."""
        over, period = min(self.as_of, self.setting.now), self.period
        if self.definition.clock == "state" or period.end <= over:
            return None
        passed = max(timedelta(0), over - period.start)
        return Decimal(passed / (period.end - period.start)).quantize(Decimal("0.0001"))

    def over(self, spans: Spans) -> "Asked":
        return replace(self, spans=spans, question=replace(self.question, start=spans.start, end=spans.end))


def patience(start: datetime, as_of: datetime) -> int:
    """The longest usual wait that the first quarter of the time since a period began has had; 30 days at least.

    Rules that call somebody lost wait for months: a short wait could never see that.
    """
    most = (as_of - start).days * 3 // 4
    return max((days for days in HORIZONS if days <= most), default=HORIZON_DAYS)


def resolve(definition: "Definition", question: Question, setting: Setting) -> Asked:
    """Fill in what was left open. Raises QuestionError."""
    definition.check(question)
    until_today = definition.clock == "period" or definition.is_open
    ends = setting.end_of_today if until_today else min(question.end, setting.end_of_today)
    as_of = (question.as_of or ends).astimezone(UTC)
    if definition.waits and question.days is None:
        question = replace(question, days=patience(question.start, as_of))
    return Asked(definition, question, setting, as_of, _spans(definition, question, as_of, setting))


def _spans(definition: "Definition", question: Question, as_of: datetime, setting: Setting) -> Spans:
    period = _period(definition, question, setting)
    end = max(period.start + timedelta(microseconds=1), min(period.end, as_of))
    if question.breakdown == "month" or definition.shape == "cohorts":
        months = monthly(period.start, end, setting.organisation.tz)
        if len(months) > MOST_MONTHS:
            raise QuestionError(
                "from",
                _("At most %(months)d months fit here. Choose a later first day.") % {"months": MOST_MONTHS},
            )
        if question.breakdown == "month":
            return months
    return Spans.until(as_of) if definition.clock == "state" else Spans.one(period.start, end)


def _period(definition: "Definition", question: Question, setting: Setting) -> Spans:
    if definition.whole_months and question.breakdown == "month":
        return whole_months(question.start, question.end, setting.organisation.tz)
    return Spans.one(question.start, question.end)
