from decimal import Decimal

import pytest

from metrics.intervals import wilson
from metrics.result import Status, Unit, proportion, ratio, text


def test_nothing_to_divide_by_has_no_value_but_keeps_the_numerator() -> None:
    result = ratio(Unit.MONEY, Decimal(400), Decimal(0), nothing="Nobody was won.", currency="EUR")

    assert (result.value, result.numerator, result.denominator) == (None, Decimal(400), Decimal(0))
    assert (result.status, result.reason) == (Status.UNDEFINED, "Nobody was won.")


def test_no_cost_is_a_value() -> None:
    result = ratio(Unit.MONEY, Decimal(0), Decimal(4), nothing="", currency="EUR")

    assert (result.value, result.status) == (Decimal(0), Status.OK)


def test_few_trials_are_marked_and_still_shown() -> None:
    result = proportion(3, 10, nothing="")

    assert (result.value, result.status, result.n) == (Decimal("0.3"), Status.INSUFFICIENT, 10)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, "0.0000", "0.2775"), (10, 10, "0.7225", "1.0000"), (81, 263, "0.2553", "0.3662")],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: str, high: str) -> None:
    """81 of 263: Newcombe 1998, Statistics in Medicine 17, table I."""
    assert [round(bound, 4) for bound in wilson(successes, trials)] == [Decimal(low), Decimal(high)]


def test_decimals_travel_as_plain_text() -> None:
    assert [text(Decimal(number)) for number in ("12.50", "0.000000", "1E+3", "-0.5")] == [
        "12.5",
        "0",
        "1000",
        "-0.5",
    ]
