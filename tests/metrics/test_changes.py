"""How a headline says what changed, in the reader's language."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from metrics.dashboard import Change, change
from metrics.result import Unit


def result(value: str | None, unit: Unit) -> Any:
    return SimpleNamespace(value=None if value is None else Decimal(value), unit=unit)


@pytest.mark.parametrize(
    ("before", "now", "unit", "told"),
    [
        ("100", "124.34", Unit.MONEY, Change("+24.3%", "up", "bad")),
        ("100", "75.66", Unit.MONEY, Change("-24.3%", "down", "good")),
        ("100", "100.01", Unit.MONEY, Change("no change", "flat", "")),
        ("0.80", "0.876", Unit.PERCENT, Change("+7.6 pp", "up", "bad")),
        ("0", "5", Unit.MONEY, None),
        (None, "5", Unit.MONEY, None),
    ],
)
def test_a_change_is_told_with_its_sign(
    before: str | None, now: str, unit: Unit, told: Change | None
) -> None:
    assert change(result(before, unit), result(now, unit), better="down") == told


def test_a_change_is_written_as_the_language_writes_it() -> None:
    with translation.override("da"):
        told = change(result("100", Unit.MONEY), result("124.34", Unit.MONEY), better="up")

    assert told is not None
    assert told.text == "+24,3\u00a0%"
