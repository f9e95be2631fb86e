"""Dates as files write them. Which day comes first is never guessed: the person who brings the file says it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class DateFormat(models.TextChoices):
    ISO = "iso", gettext_lazy("2026-12-31 (year first)")
    COMPACT = "compact", gettext_lazy("20261231")
    DAY_FIRST = "day_first", gettext_lazy("31/12/2026 (day first)")
    MONTH_FIRST = "month_first", gettext_lazy("12/31/2026 (month first)")
    UNIX = "unix", gettext_lazy("1798675200 (seconds since 1970)")


_TIME = r"(?:[T ,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<offset>Z|z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
_PATTERNS = {
    DateFormat.ISO: re.compile(
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TIME, re.ASCII
    ),
    DateFormat.COMPACT: re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _TIME, re.ASCII),
    DateFormat.DAY_FIRST: re.compile(
        r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME, re.ASCII
    ),
    DateFormat.MONTH_FIRST: re.compile(
        r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME, re.ASCII
    ),
}
_SECONDS = re.compile(r"\d{1,11}(\.\d+)?", re.ASCII)


def parse_instant(text: str, date_format: DateFormat, zone: ZoneInfo | None) -> datetime:
    """In UTC. Without a zone of its own a time is local to `zone`; with `zone` None it must have one.

    A day alone is its first moment. Of a local time that comes twice in autumn, the first is meant. Raises ValueError.
    """
    if date_format == DateFormat.UNIX:
        return _from_seconds(text)
    found = _PATTERNS[date_format].fullmatch(text)
    if not found:
        raise ValueError(
            _("“%(text)s” is not a date written like %(like)s.")
            % {"text": text[:40], "like": date_format.label}
        )
    parts = found.groupdict()
    try:
        return _zoned(_naive(parts), parts["offset"], zone)
    except (ValueError, OverflowError) as error:
        raise (
            _Missing(str(error))
            if isinstance(error, _Missing)
            else ValueError(_("“%(text)s” is not a day of the calendar.") % {"text": text[:40]})
        ) from None


class _Missing(ValueError):
    """The text lacks something a person has to add."""


def _from_seconds(text: str) -> datetime:
    if not _SECONDS.fullmatch(text):
        raise ValueError(_("“%(text)s” is not a number of seconds since 1970.") % {"text": text[:40]})
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(text))


def _naive(parts: dict[str, str | None]) -> datetime:
    year, month, day = (int(parts[name] or 0) for name in ("year", "month", "day"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    fraction = int(((parts["fraction"] or "") + "000000")[:6])
    return datetime(year, month, day, _of_half(hour, parts["half"]), minute, second, fraction)  # noqa: DTZ001


def _of_half(hour: int, half: str | None) -> int:
    """The hour of a 24-hour clock."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _zoned(naive: datetime, offset: str | None, zone: ZoneInfo | None) -> datetime:
    if offset is None:
        if zone is None:
            raise _Missing(_("The time needs a time zone, such as 2026-06-30T12:00:00+02:00."))
        return naive.replace(tzinfo=zone).astimezone(UTC)
    if offset in ("Z", "z", "UTC"):
        return naive.replace(tzinfo=UTC)
    sign, digits = (-1 if offset[0] == "-" else 1), offset[1:].replace(":", "").ljust(4, "0")
    return naive.replace(tzinfo=UTC) - sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


MOSTLY = 0.8


def fitting_formats(texts: Iterable[str]) -> list[DateFormat]:
    """The formats that read every text; where wrong dates spoil all, those that read most. Two: a person must choose."""
    sample = [text.strip() for text in texts if text.strip()]
    read = {each: sum(_fits(text, each) for text in sample) for each in DateFormat} if sample else {}
    whole = [each for each, count in read.items() if count == len(sample)]
    some = [each for each, count in read.items() if count > 0]
    return whole or (
        some if len(some) > 1 or any(read[each] >= MOSTLY * len(sample) for each in some) else []
    )


def _fits(text: str, date_format: DateFormat) -> bool:
    try:
        read = parse_instant(text, date_format, ZoneInfo("UTC"))
    except ValueError:
        return False
    return (1990 if date_format == DateFormat.UNIX else 1900) <= read.year < 2100
