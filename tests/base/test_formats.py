"""Numbers, money and dates as a reader of each language expects them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import timezone, translation

from clm.base.money import Money
from clm.base.templatetags import formats
from clm.base.templatetags.formats import NONE

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "1,234.5"), ("da", "1.234,5"), ("sv", f"1{NBSP}234,5"), ("nl", "1.234,5"), ("de", "1.234,5")],
)
def test_numbers_follow_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.number(Decimal("1234.50")) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "€42.60"),
        ("da", f"42,60{NBSP}€"),
        ("sv", f"42,60{NBSP}€"),
        ("nl", f"€{NBSP}42,60"),
        ("de", f"42,60{NBSP}€"),
    ],
)
def test_money_follows_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("42.6"), "EUR") == shown
        assert formats.money(Money(Decimal("42.6"), "EUR")) == shown


def test_money_has_the_digits_of_its_currency() -> None:
    assert formats.money(Decimal("1234.5"), "JPY") == "¥1,234"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(9999, "€9,999.00"), (2500315.63, "€2.5M"), (-25000, "-€25K"), (None, NONE), ("", NONE)],
)
def test_large_money_is_short(value: float | None, shown: str) -> None:
    assert formats.short_money(value, "EUR") == shown


@pytest.mark.parametrize(("value", "shown"), [(0.874, "87.4%"), (1, "100%"), (0, "0%"), (None, NONE)])
def test_a_fraction_is_a_percentage(value: float | None, shown: str) -> None:
    assert formats.percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(46, "+46"), (-2, "-2"), (0, "0"), (-0.4, "0"), (12.5, "+13"), (-12.5, "-13"), (None, NONE)],
)
def test_points_carry_their_sign(value: float | None, shown: str) -> None:
    assert formats.points(value) == shown


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("EUR", "€0.50"),
        ("percent", "50%"),
        ("days", "0 d"),
        ("points", "+1"),
        ("count", "0.5"),
        ("else", "0.5"),
    ],
)
def test_a_value_is_shown_by_its_unit(unit: str, shown: str) -> None:
    assert formats.measure(0.5, unit) == shown


def test_an_instant_is_shown_in_the_readers_zone() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    with timezone.override("Europe/Copenhagen"):
        assert formats.date_local(late) == "Jul 1, 2026"
        assert formats.datetime_local(late).replace("\u202f", " ") == "Jul 1, 2026, 1:30 AM"


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Jul 1, 2026, 2:05 PM"),
        ("da", "1. jul. 2026 14.05"),
        ("sv", "1 juli 2026 14:05"),
        ("nl", "1 jul 2026, 14:05"),
        ("de", "01.07.2026, 14:05"),
    ],
)
def test_an_instant_is_written_as_the_language_writes_it(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.datetime_local(datetime(2026, 7, 1, 14, 5, tzinfo=UTC)).replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", f"SEK{NBSP}2.5M"), ("sv", f"2,5{NBSP}mn{NBSP}kr"), ("de", f"2,5{NBSP}Mio.{NBSP}SEK")],
)
def test_short_money_keeps_its_distance_from_the_currency(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.short_money(2500315, "SEK") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NOW - timedelta(hours=3), "3 hours ago"),
        (NOW + timedelta(days=2), "in 2 days"),
        (date(2026, 11, 22), "today"),
        (date(2026, 11, 19), "3 days ago"),
        (None, NONE),
    ],
)
def test_how_long_ago(value: datetime | date | None, shown: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert formats.ago(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1, "1 byte"), (999, "999 bytes"), (1_536_000, "1.5 MB"), (2 * 10**12, "2,000 GB"), (None, NONE)],
)
def test_sizes_of_files(value: int | None, shown: str) -> None:
    assert formats.human_size(value) == shown


def test_a_result_is_shown_by_its_unit() -> None:
    cac = SimpleNamespace(value=Decimal("42.6"), unit="money", currency="EUR", reason="")

    assert formats.result(cac) == "€42.60"


def test_a_result_without_value_gives_its_reason() -> None:
    cac = SimpleNamespace(value=None, unit="money", currency="EUR", reason='Spent 400 EUR, "0" customers.')

    html = formats.result(cac)

    assert html == '<abbr class="not-available" title="Spent 400 EUR, &quot;0&quot; customers.">n/a</abbr>'


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", ("€12.6K", "12.6K")), ("de", (f"12.591{NBSP}€", "12.591")), ("sv", (f"12,6{NBSP}tn{NBSP}€", f"12,6{NBSP}tn"))],
)  # fmt: skip
def test_what_a_language_does_not_shorten_is_whole_and_grouped(language: str, shown: tuple[str, str]) -> None:
    amount = Decimal("12591.3881")

    with translation.override(language):
        assert (formats.short_money(amount, "EUR"), formats.short_number(amount)) == shown
