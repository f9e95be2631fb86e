"""How long stays last, those that are still open counted as far as they go.

Share still there: Kaplan and Meier 1958, the band by Greenwood's variance on the log(-log) scale. Share gone by
where to: Aalen and Johansen 1978, which is not 1 - Kaplan-Meier of each way out; all ways out and those still there
add up to one at every day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

from metrics.intervals import Z

# Whole days stayed, where to (null: still there), how many such stays.
Exit = tuple[int, str | None, int]
HAIR = 1e-12


@dataclass(frozen=True)
class Step:
    """A day on which stays ended, or the last one seen. `at_risk`: there just before; shares are those after it."""

    day: int
    at_risk: int
    ended: int
    staying: float
    low: float | None
    high: float | None
    gone: Mapping[str, float]  # by where to


def curve(exits: Iterable[Exit]) -> list[Step]:
    """Day by day, the last day seen included. A stay open after n days was still there when those of n days ended."""
    by_day = _by_day(exits)
    at_risk = sum(sum(found.values()) for found in by_day.values())
    staying, spread, gone, steps = 1.0, 0.0, dict.fromkeys(_ways(by_day), 0.0), list[Step]()
    for day in sorted(by_day):
        leaving = {way: n for way, n in by_day[day].items() if way is not None}
        ended = sum(leaving.values())
        for way, n in leaving.items():
            gone[way] += staying * n / at_risk
        staying *= 1 - ended / at_risk
        spread += ended / (at_risk * (at_risk - ended)) if at_risk > ended else 0.0
        if ended or day == max(by_day):
            steps.append(Step(day, at_risk, ended, staying, *_band(staying, spread), dict(gone)))
        at_risk -= sum(by_day[day].values())
    return steps


def days_when(exits: Iterable[Exit], *shares: float) -> list[int | None]:
    """The first days by which those shares, in rising order, have left; null where it never comes to that.

    Of the same `curve`, not drawn.
    """
    by_day = _by_day(exits)
    at_risk = sum(sum(found.values()) for found in by_day.values())
    staying, days = 1.0, list[int | None]()
    for day in sorted(by_day):
        here = sum(by_day[day].values())
        staying *= 1 - (here - by_day[day].get(None, 0)) / at_risk
        at_risk -= here
        while len(days) < len(shares) and staying <= 1 - shares[len(days)] + HAIR:
            days.append(day)
    return days + [None] * (len(shares) - len(days))


def _by_day(exits: Iterable[Exit]) -> dict[int, dict[str | None, int]]:
    found: dict[int, dict[str | None, int]] = {}
    for day, way, n in exits:
        here = found.setdefault(day, {})
        here[way] = here.get(way, 0) + n
    return found


def _ways(by_day: Mapping[int, Mapping[str | None, int]]) -> list[str]:
    return sorted({way for found in by_day.values() for way in found if way is not None})


def _band(staying: float, spread: float) -> tuple[float | None, float | None]:
    """95 %; none when nobody is left."""
    if staying <= HAIR:
        return None, None
    if staying >= 1 - HAIR:
        return 1.0, 1.0
    width = Z * sqrt(spread) / abs(log(staying))
    return staying ** exp(width), staying ** exp(-width)


def at(steps: Iterable[Step], day: int) -> Step | None:
    """How things stand after so many days; null before the first step."""
    return next((step for step in reversed(list(steps)) if step.day <= day), None)
