"""How far the curves of stays are drawn."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from clm.base.curves import Layer, Point
from clm.base.templatetags.curves import curve, stack
from metrics.pictures import axis_of, longest_beyond


def answer(*points: tuple[int, int, str]) -> Any:
    """Of (day, at risk just before, share still there after it)."""
    rows = [
        SimpleNamespace(
            keys={"day": str(day)},
            result=SimpleNamespace(n=n, value=Decimal(share), ci_low=None, ci_high=None),
        )
        for day, n, share in points
    ]
    return cast(Any, SimpleNamespace(rows=rows))


@pytest.mark.parametrize(
    ("points", "until", "axis"),
    [
        pytest.param([(0, 1000, "1"), (5, 900, ".4"), (9, 300, ".02"), (10, 20, ".01"), (700, 19, "0")], 0, 10, id="2 %"),
        pytest.param([(0, 100, "1"), (5, 90, ".4"), (9, 5, ".2"), (10, 4, ".1"), (700, 1, "0")], 0, 9, id="five"),
        pytest.param([(0, 900, "1"), (30, 800, ".5"), (60, 400, ".403"), (360, 300, ".4")], 0, 80, id="settled"),
        pytest.param([(0, 900, "1"), (30, 800, ".5"), (60, 400, ".2")], 0, 60, id="to the end"),
        pytest.param([(0, 900, "1"), (360, 800, "1")], 0, 360, id="nobody leaves"),
        pytest.param([(0, 4, "1"), (8, 4, ".5"), (20, 2, "0")], 0, 20, id="few in all"),
        pytest.param([(0, 100, "1"), (9, 50, ".51"), (10, 4, ".4"), (90, 1, "0")], 10, 10, id="the median"),
        pytest.param([], 0, 0, id="nobody"),
    ],
)  # fmt: skip
def test_curves_end_where_they_have_settled_or_few_are_left(
    points: list[tuple[int, int, str]], until: int, axis: int
) -> None:
    assert axis_of(answer(*points), until=until) == axis


@pytest.mark.parametrize(("axis", "longest"), [(80, 90), (89, None), (90, None)])
def test_the_longest_stay_is_told_where_the_drawing_ends_before_it(axis: int, longest: int | None) -> None:
    """The axis ends at a round day: at 80 for 80, at 92 for 89."""
    points = answer((0, 900, "1"), (30, 800, ".5"), (90, 3, ".4"))

    assert longest_beyond(points, axis=axis) == longest


def test_what_lies_beyond_is_not_drawn_and_the_last_share_is_held() -> None:
    points = [Point(0, 1.0), Point(4, 0.5), Point(100, 0.0)]

    cut, whole = curve(points, "", end=8), curve(points, "")
    stacked = stack([Layer("On", 1, [(4, 0.5), (100, 1.0)])], "", 8)

    assert (cut["days"], whole["days"]) == ([0, 2, 4, 6, 8], [0, 25, 50, 75, 100])
    assert "M0.00,0.00 L50.00,0.00 L50.00,50.00 L100.00,50.00 L100.00,50.00" in cut["drawn"]
    assert stacked["days"] == cut["days"]
    assert "M50.00,50.00 L100.00,50.00 L100.00,50.00" in stacked["drawn"]
