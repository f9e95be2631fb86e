"""Curves of stays, against published numbers, by hand, and one customer at a time."""

import random
from collections import Counter
from fractions import Fraction

import pytest

from metrics.survival import HAIR, Exit, Step, at, curve, days_when

# Freireich et al. 1963, remission under 6-MP, in weeks; a plus is censored. Estimates and standard errors as in
# Kleinbaum and Klein, Survival Analysis, chapter 2.
REMISSION = [
    "6",
    "6",
    "6",
    "6+",
    "7",
    "9+",
    "10",
    "10+",
    "11+",
    "13",
    "16",
    "17+",
    "19+",
    "20+",
    "22",
    "23",
    "25+",
    "32+",
    "32+",
    "34+",
    "35+",
]
PUBLISHED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


def exits(words: list[str], way: str = "relapse") -> list[Exit]:
    return [(int(word.rstrip("+")), None if "+" in word else way, 1) for word in words]


def test_kaplan_meier_gives_the_textbook_s_numbers() -> None:
    steps = curve(exits(REMISSION))

    assert {step.day: round(step.staying, 4) for step in steps if step.ended} == PUBLISHED
    assert [step.at_risk for step in steps] == [21, 17, 15, 12, 11, 7, 6, 1]
    assert days_when(exits(REMISSION), 0.25, 0.5, 0.75) == [13, 23, None]


def test_the_band_is_that_of_greenwood_on_the_log_log_scale() -> None:
    """As published for these data (R, survfit, conf.type log-log): week 6 0.620 to 0.952, week 23 0.188 to 0.680."""
    steps = {step.day: step for step in curve(exits(REMISSION))}

    assert [(round(steps[day].low or 0, 3), round(steps[day].high or 0, 3)) for day in (6, 23)] == [
        (0.620, 0.952),
        (0.188, 0.680),
    ]


def test_ways_out_compete() -> None:
    """By hand: 4 at risk; day 1 one to a (1/4); day 2 one censored; day 3 one to b: 3/4 x 1/2; day 5 one to a: 3/8."""
    steps = curve([(1, "a", 1), (2, None, 1), (3, "b", 1), (5, "a", 1)])

    assert [(step.day, dict(step.gone), step.staying) for step in steps] == [
        (1, {"a": 0.25, "b": 0.0}, 0.75),
        (3, {"a": 0.25, "b": 0.375}, 0.375),
        (5, {"a": 0.625, "b": 0.375}, 0.0),
    ]
    assert (steps[-1].low, steps[-1].high) == (None, None)


def test_without_anybody_still_there_the_incidence_is_the_plain_share() -> None:
    steps = curve([(2, "a", 3), (2, "b", 1), (9, "b", 4)])

    assert steps[-1].gone == pytest.approx({"a": 3 / 8, "b": 5 / 8})


def test_nobody_and_nobody_yet() -> None:
    assert curve([]) == []
    assert curve([(40, None, 3)]) == [Step(40, 3, 0, 1.0, 1.0, 1.0, {})]
    assert (days_when([], 0.5), days_when([(40, None, 3)], 0.5)) == ([None], [None])
    assert at(curve([(5, "a", 1), (9, "a", 1)]), 4) is None


def slowly(people: list[tuple[int, str | None]], day: int) -> tuple[Fraction, dict[str, Fraction]]:
    """As Efron describes it: whoever is censored hands his weight to those who are still followed, person by person."""
    weight = {number: Fraction(1, len(people)) for number in range(len(people))}
    gone: Counter[str] = Counter()
    shares: dict[str, Fraction] = {}
    order = sorted(range(len(people)), key=lambda number: (people[number][0], people[number][1] is None))
    for place, number in enumerate(order):
        when, way = people[number]
        if way is None:
            after = order[place + 1 :]
            for other in after:
                weight[other] += weight[number] / len(after)
        elif when <= day:
            gone[way] += 1
            shares[way] = shares.get(way, Fraction(0)) + weight[number]
    return 1 - sum(shares.values(), Fraction(0)), shares


@pytest.mark.parametrize("seed", range(12))
def test_the_fold_is_the_sum_over_people(seed: int) -> None:
    chance = random.Random(seed)
    people = [(chance.randint(0, 15), chance.choice(["a", "b", "c", None])) for _ in range(40)]
    steps = curve([(day, way, n) for (day, way), n in Counter(people).items()])

    assert days_when([(day, way, 1) for day, way in people], 0.25, 0.5, 0.75) == [
        next((step.day for step in steps if step.staying <= 1 - share + HAIR), None)
        for share in (0.25, 0.5, 0.75)
    ]
    for step in steps:
        staying, gone = slowly(people, step.day)
        assert step.staying == pytest.approx(float(staying))
        assert {way: share for way, share in step.gone.items() if share} == pytest.approx(
            {way: float(share) for way, share in gone.items()}
        )
        assert step.staying + sum(step.gone.values()) == pytest.approx(1)
