"""What a metric is: one written definition, for page, API, export and the reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from clm.accounts.permissions import Capability
from metrics.periods import Usual
from metrics.question import BREAKDOWNS, Asked, Question, QuestionError
from metrics.result import Result, Unit
from metrics.tally import Tally

Text = str | Promise
Clock = Literal["period", "state"]
Shape = Literal["groups", "kinds", "flow", "cohorts", "pairs", "curve", "exits"]
SLICES = frozenset({"stage", "channel", "country", "month"})


@dataclass(frozen=True)
class Definition:
    """`sql` asks, `read` makes a result of each tally.

    clock: "period" looks at what happened in [start, end); "state" at how things stood at `as_of`.
    stage_at: when a customer's stage counts for the breakdown by stage.
    """

    slug: str
    name: Text
    about: Text
    unit: Unit
    better: Literal["up", "down", ""]
    formula: Text
    numerator: Text
    denominator: Text
    edge_cases: Text
    source: Text
    sql: Callable[[Asked], str]
    read: Callable[[Asked, Tally], Result]
    per_stage: Text = ""
    clock: Clock = "period"
    stage_at: Literal["start", "as_of"] = "as_of"
    breakdowns: frozenset[str] = SLICES
    variants: Mapping[str, Text] = field(default_factory=dict)
    needs_model: bool = False
    shape: Shape = "groups"
    without_margin: Text = ""  # the name when the organisation has no margin
    of_surveys: bool = False  # may be asked of one survey alone
    takes: frozenset[str] = frozenset()  # of stage, target, days
    whole_months: bool = False  # by month: all of each month, also where the period begins or ends within one
    is_open: bool = False  # a state of today, whatever the period, unless an as-of date is chosen
    capability: Capability = Capability.VIEW_METRICS
    version: int = 1

    @property
    def waits(self) -> bool:
        """Counts only stays that were given their days."""
        return self.clock == "period" and "days" in self.takes

    @property
    def usual(self) -> Usual:
        """What waits needs a period that is ripe."""
        return Usual.RIPE_FOR_DAYS if self.waits else Usual.RECENT

    @property
    def default_variant(self) -> str:
        return next(iter(self.variants), "")

    def check(self, question: Question) -> None:
        """Raises QuestionError, which names the parameter and the cure."""
        if question.end <= question.start:
            raise QuestionError("end", _("The period ends before it starts. Choose an end after the start."))
        self._check_breakdown(question)
        self._check_choice("variant", question.variant, list(self.variants))
        if question.survey and not self.of_surveys:
            raise QuestionError("survey", _("This metric is not about surveys. Leave the survey out."))
        self._check_taken(question)
        needs = self.needs_model or question.breakdown == "stage"
        if needs and question.model is None:
            raise QuestionError(
                "model", _("No lifecycle model is in use. Choose one under Lifecycle models first.")
            )

    def _check_breakdown(self, question: Question) -> None:
        self._check_choice(
            "breakdown", question.breakdown or "", [name for name in BREAKDOWNS if name in self.breakdowns]
        )

    def _check_taken(self, question: Question) -> None:
        given = {"stage": question.stage, "target": question.target, "days": question.days}
        for name, value in given.items():
            if value is not None and name not in self.takes:
                message = _("“%(metric)s” has no use for “%(parameter)s”. Leave it out.")
                raise QuestionError(name, message % {"metric": self.slug, "parameter": name})

    def _check_choice(self, parameter: str, value: str, choices: list[str]) -> None:
        if value and value not in choices:
            known = ", ".join(choices) or _("none")
            raise QuestionError(
                parameter,
                _("“%(value)s” does not fit %(metric)s. Use one of: %(known)s.")
                % {"value": value, "metric": self.slug, "known": known},
            )
