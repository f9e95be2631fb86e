"""Confidence intervals of proportions and of their difference."""

from decimal import Decimal
from math import sqrt

Z = 1.959963984540054  # 95 %, two-sided
ENOUGH = 30  # below, a proportion is shown with a badge


def wilson(successes: int, trials: int) -> tuple[Decimal, Decimal]:
    """The 95 % interval of a proportion (Wilson 1927), as fractions; trials must be above 0."""
    share, spread = successes / trials, Z * Z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * sqrt(share * (1 - share) / trials + spread / (4 * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return _rounded(low), _rounded(high)


def nps_interval(promoters: int, detractors: int, answers: int) -> tuple[Decimal, Decimal]:
    """The 95 % interval of a Net Promoter Score in points (adjusted Wald: Rocks, Am. Statistician 2016).

    Three quarters of an answer are added to promoters and to detractors, three in all: it holds its promise
    also for few answers, where the plain form is far too narrow.
    """
    n = answers + 3
    for_it, against = (promoters + 0.75) / n, (detractors + 0.75) / n
    centre = for_it - against
    half = Z * sqrt((for_it + against - centre * centre) / n)
    return _rounded(100 * max(-1.0, centre - half)), _rounded(100 * min(1.0, centre + half))


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.000001"))
