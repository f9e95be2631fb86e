"""What every metric answers with: a value or the reason why there is none. Never NaN, never infinity."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Self

from django.utils.translation import gettext as _

from metrics.intervals import ENOUGH, nps_interval, wilson

PLACES = Decimal("0.000001")
Json = str | int | None | dict[str, int]


class Status(StrEnum):
    OK = "ok"
    UNDEFINED = "undefined"  # nothing to divide by, or the question has no answer
    PROVISIONAL = "provisional"  # may still change
    INSUFFICIENT = "insufficient"  # too few to lean on


class Unit(StrEnum):
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"  # values are fractions
    MONEY = "money"
    DAYS = "days"
    POINTS = "points"  # signed, -100 to 100


@dataclass(frozen=True)
class Result:
    """`value` is null exactly when `status` is undefined; numerator and denominator are shown also then."""

    unit: Unit
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    currency: str | None = None
    n: int = 0
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    status: Status = Status.OK
    reason: str = ""
    excluded_n: int = 0
    elapsed: Decimal | None = None
    definition_version: int = 1
    parts: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """The one shape of API, page and CSV: decimals as text, so that no digit is lost."""
        return {
            "value": text(self.value),
            "unit": self.unit.value,
            "currency": self.currency,
            "numerator": text(self.numerator),
            "denominator": text(self.denominator),
            "n": self.n,
            "ci_low": text(self.ci_low),
            "ci_high": text(self.ci_high),
            "status": self.status.value,
            "reason": self.reason,
            "excluded_n": self.excluded_n,
            "elapsed": text(self.elapsed),
            "definition_version": self.definition_version,
            "parts": dict(self.parts),
        }

    def unless(self, reason: str, *, status: Status = Status.PROVISIONAL) -> Self:
        """Marked with a reason, unless there is none or the result is undefined anyway."""
        if not reason or self.status == Status.UNDEFINED:
            return self
        return replace(self, status=status, reason=f"{self.reason} {reason}".strip())


def text(value: Decimal | None) -> str | None:
    """12.50 -> "12.5", never with an exponent."""
    if value is None:
        return None
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def undefined(
    unit: Unit,
    reason: str,
    *,
    numerator: Decimal | None = None,
    denominator: Decimal = Decimal(0),
    n: int = 0,
    currency: str | None = None,
) -> Result:
    return Result(unit, None, numerator, denominator, currency, n, status=Status.UNDEFINED, reason=reason)


def ratio(
    unit: Unit,
    numerator: Decimal,
    denominator: Decimal,
    *,
    nothing: str,
    n: int = 0,
    currency: str | None = None,
) -> Result:
    """numerator / denominator; `nothing` says why there is no value when the denominator is 0."""
    if denominator == 0:
        return undefined(unit, nothing, numerator=numerator, n=n, currency=currency)
    value = (numerator / denominator).quantize(PLACES, ROUND_HALF_EVEN)
    return Result(unit, value, numerator, denominator, currency, n)


def proportion(successes: int, trials: int, *, nothing: str) -> Result:
    """A share with its Wilson interval; fewer than 30 trials are marked insufficient."""
    plain = ratio(Unit.PERCENT, Decimal(successes), Decimal(trials), nothing=nothing, n=trials)
    if plain.value is None:
        return plain
    low, high = wilson(successes, trials)
    few = _("Only %(n)d: below %(enough)d a share says little.") % {"n": trials, "enough": ENOUGH}
    found = replace(plain, ci_low=low, ci_high=high)
    return found.unless(few if trials < ENOUGH else "", status=Status.INSUFFICIENT)


def promoter_score(promoters: int, detractors: int, answers: int, *, nothing: str) -> Result:
    """Promoters less detractors per hundred answers, exact; fewer than 30 answers are marked insufficient."""
    net = Decimal(promoters - detractors)
    plain = ratio(Unit.POINTS, net * 100, Decimal(answers), nothing=nothing, n=answers)
    if plain.value is None:
        return replace(plain, numerator=net)
    low, high = nps_interval(promoters, detractors, answers)
    few = _("Only %(n)d: below %(enough)d answers the score says little.") % {"n": answers, "enough": ENOUGH}
    found = replace(plain, numerator=net, ci_low=low, ci_high=high)
    return found.unless(few if answers < ENOUGH else "", status=Status.INSUFFICIENT)


def count(number: int) -> Result:
    return Result(Unit.COUNT, Decimal(number), Decimal(number), n=number)


def amount(value: Decimal, *, currency: str, n: int = 0) -> Result:
    return Result(Unit.MONEY, value, value, currency=currency, n=n)
