"""Dates: read in the way that was said, never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from customers.intake.dates import DateFormat, fitting_formats, parse_instant

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("2026-06-30", DateFormat.ISO, datetime(2026, 6, 29, 22, tzinfo=UTC)),
        ("2026-06-30T12:00:00Z", DateFormat.ISO, datetime(2026, 6, 30, 12, tzinfo=UTC)),
        ("2026-06-30 12:00:00.25+02:00", DateFormat.ISO, datetime(2026, 6, 30, 10, 0, 0, 250_000, UTC)),
        ("2026/1/5 7:05", DateFormat.ISO, datetime(2026, 1, 5, 6, 5, tzinfo=UTC)),
        ("19970101", DateFormat.COMPACT, datetime(1996, 12, 31, 23, tzinfo=UTC)),
        ("31/12/26", DateFormat.DAY_FIRST, datetime(2026, 12, 30, 23, tzinfo=UTC)),
        ("31.12.1999 23.59", DateFormat.DAY_FIRST, datetime(1999, 12, 31, 22, 59, tzinfo=UTC)),
        ("12/31/2026 11:59 PM", DateFormat.MONTH_FIRST, datetime(2026, 12, 31, 22, 59, tzinfo=UTC)),
        ("12/31/2026 12:30 am", DateFormat.MONTH_FIRST, datetime(2026, 12, 30, 23, 30, tzinfo=UTC)),
        ("1798675200", DateFormat.UNIX, datetime(2026, 12, 31, tzinfo=UTC)),
        # An hour that does not exist in spring, one that comes twice in autumn: the first.
        ("2026-03-29 02:30", DateFormat.ISO, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25 02:30", DateFormat.ISO, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_its_zone(text: str, date_format: DateFormat, expected: datetime) -> None:
    assert parse_instant(text, date_format, COPENHAGEN) == expected


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("2026-02-30", DateFormat.ISO),
        ("0000-00-00", DateFormat.ISO),
        ("2026-06-30 25:00", DateFormat.ISO),
        ("2026-06-30 13:00 PM", DateFormat.ISO),
        ("31/12/2026", DateFormat.MONTH_FIRST),
        ("31/12/2026", DateFormat.ISO),
        ("yesterday", DateFormat.DAY_FIRST),
        ("-5", DateFormat.UNIX),
        ("٣", DateFormat.UNIX),
    ],
)
def test_what_is_no_date_is_refused(text: str, date_format: DateFormat) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse_instant(text, date_format, COPENHAGEN)


@pytest.mark.parametrize(
    ("texts", "fitting"),
    [
        (["2026-06-30"], [DateFormat.ISO]),
        (["19970101"], [DateFormat.COMPACT]),
        (["31/12/26", "01/02/26"], [DateFormat.DAY_FIRST]),
        (["12/31/26"], [DateFormat.MONTH_FIRST]),
        (["01/02/26"], [DateFormat.DAY_FIRST, DateFormat.MONTH_FIRST]),
        (["31/12/26", "12/31/26"], [DateFormat.DAY_FIRST, DateFormat.MONTH_FIRST]),
        (["2026-06-30"] * 9 + ["2026-02-31"], [DateFormat.ISO]),
        (["2026-06-30", "soon"], []),
        ([], []),
    ],
)
def test_the_format_is_known_only_when_one_fits(texts: list[str], fitting: list[DateFormat]) -> None:
    assert fitting_formats(texts) == fitting
