"""How well a customer fits and how interested they are, worked out as of the instant asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions import Asked, Condition, Evidence, InvalidCondition, offer, parameter
from customers.models import Customer, IdealProfile, Scoring
from customers.models.score import GRADES, MOST_POINTS
from customers.scoring.agreement import changes_of_mind, may_be_scored
from customers.scoring.fit import best_fit
from customers.scoring.interest import Signal, changes_at, interest_of


def _grades() -> Sequence[str]:
    return GRADES


@offer
@dataclass(frozen=True)
class HasScore(Condition):
    """All that is given at once; grades are one of several. By the profiles and signals that there are now."""

    name = "score"
    label = gettext_lazy("Has a score")
    family = gettext_lazy("Scores")
    is_fixed = False  # asks the profiles and signals that there are by then
    fit_at_least: int | None = parameter(gettext_lazy("fit at least"), minimum=1, maximum=100, default=None)
    interest_at_least: int | None = parameter(
        gettext_lazy("interest at least"), minimum=1, maximum=MOST_POINTS, default=None
    )
    grades: tuple[str, ...] = parameter(
        gettext_lazy("one of the grades"), choices=_grades, default=(), extra=True
    )

    def __post_init__(self) -> None:
        if self.fit_at_least is None and self.interest_at_least is None and not self.grades:
            raise InvalidCondition(_("Say how much fit or interest, or which grades."))

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        return [(grade, grade) for grade in GRADES] if name == "grades" else ()

    def to_q(self, asked: Asked) -> Q:
        scoring = Scoring.objects.current()
        fit = best_fit(list(IdealProfile.objects.in_use()), asked)
        interest = interest_of(Signal.of(scoring), scoring.half_life_days, asked)
        test = may_be_scored(asked)
        if self.fit_at_least is not None:
            test &= _between(fit, (self.fit_at_least, None))
        if self.interest_at_least is not None:
            test &= _between(interest, (self.interest_at_least, None))
        if self.grades:
            bounds = [scoring.bounds_of(grade) for grade in self.grades]
            test &= reduce(or_, [_between(fit, fits) & _between(interest, points) for fits, points in bounds])
        return test

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        scoring = Scoring.objects.current()
        moments = [changes_of_mind(known_at=known_at)]
        if self.fit_at_least is not None or self.grades:
            for profile in IdealProfile.objects.in_use():
                for _weight, tree in profile.weighed:
                    moments += tree.changes(zone=zone, known_at=known_at)
        for mark in self._marks(scoring):
            signals, half_life = Signal.of(scoring), scoring.half_life_days
            moments += changes_at(signals, half_life, mark, zone=zone, known_at=known_at)
        return moments

    def redefined_at(self) -> datetime | None:
        profiles = IdealProfile.objects.in_use()
        inside = (tree.redefined_at() for profile in profiles for _weight, tree in profile.weighed)
        return max([Scoring.objects.current().redefined_at, *filter(None, inside)])

    def _marks(self, scoring: Scoring) -> set[int]:
        bounds = [scoring.bounds_of(grade)[1] for grade in self.grades]
        ends = {end for one in bounds for end in one if end}
        return ends | ({self.interest_at_least} if self.interest_at_least is not None else set())

    def sentence(self) -> str:
        told = []
        if self.fit_at_least is not None:
            told.append(_("has a fit of at least %(fit)s") % {"fit": self.fit_at_least})
        if self.interest_at_least is not None:
            told.append(_("has at least %(points)s points of interest") % {"points": self.interest_at_least})
        if self.grades:
            told.append(_("has the grade %(grades)s") % {"grades": _(" or ").join(self.grades)})
        return f" {_('and')} ".join(told)

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        scoring = Scoring.objects.current()
        row = (
            Customer.objects.filter(may_be_scored(asked), pk=customer.pk)
            .annotate(
                now_fit=best_fit(list(IdealProfile.objects.in_use()), asked),
                now_interest=interest_of(Signal.of(scoring), scoring.half_life_days, asked),
            )
            .values_list("now_fit", "now_interest")
            .first()
        )
        missing = "" if holds else self.sentence()
        if row is None:
            return Evidence(_("has withdrawn from being scored"), missing)
        fit, interest = row
        grade = f"{scoring.fit_class(fit)}{scoring.interest_class(interest)}"
        told = _("grade %(grade)s: fit %(fit)s of 100, %(points)s points of interest")
        return Evidence(told % {"grade": grade, "fit": fit, "points": interest}, missing)


def _between(expression: Any, bounds: tuple[int, int | None]) -> Q:
    start, end = bounds
    test = Q(GreaterThanOrEqual(expression, Value(start)))
    return test & Q(LessThan(expression, Value(end))) if end else test
