"""The two clocks of every question: `as_of` (what had happened) and `known_at` (what was known)."""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from clm.base.days import end_of, start_of
from clm.base.tomorrow import NotYet, refuse_tomorrow

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST_YEAR, LAST_YEAR = 1900, 9998


class NotAnInstant(ValueError):
    """The message is for the person who wrote it."""


class Asked(NamedTuple):
    as_of: datetime | None
    known_at: datetime | None


AS_OF = OpenApiParameter(
    "as_of",
    OpenApiTypes.STR,
    description="What had happened before this instant. A date means the end of that local day. Default: now."
    " Nothing beyond today.",
)
KNOWN_AT = OpenApiParameter(
    "known_at",
    OpenApiTypes.STR,
    description="What was known at this instant, before later corrections. Default: everything known now. Nothing"
    " beyond today.",
)
CHANGED_SINCE = OpenApiParameter(
    "changed_since",
    OpenApiTypes.STR,
    description="Only what changed at or after this instant; a date: from its start on.",
)


def asked(request: Request, zone: ZoneInfo) -> Asked:
    """`as_of` and `known_at` of the query string; None where not given."""
    return Asked(
        clock_parameter(request, "as_of", zone=zone), clock_parameter(request, "known_at", zone=zone)
    )


def clock_parameter(request: Request, name: str, *, zone: ZoneInfo) -> datetime | None:
    """An instant that is asked about, at the latest the end of today; else a 400 that names the parameter."""
    instant = instant_parameter(request, name, zone=zone)
    if instant is None:
        return None
    try:
        refuse_tomorrow(instant, zone)
    except NotYet as error:
        raise ValidationError({name: [str(error)]}) from error
    return instant


def instant_parameter(request: Request, name: str, *, zone: ZoneInfo, start: bool = False) -> datetime | None:
    """An instant, or a date that means the end (or the `start`) of that local day. Unreadable: a 400 that names it."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        if DAY.fullmatch(text):
            return (start_of if start else end_of)(parsed_day(text), zone)
        return parsed_instant(text)
    except NotAnInstant as error:
        raise ValidationError({name: [str(error)]}) from error


def parsed_instant(text: str) -> datetime:
    try:
        # A plus sign that was not percent-encoded arrives as a space.
        instant = parse_datetime(
            text.strip().replace(" +", "+") if "T" not in text else text.replace(" ", "+")
        )
    except ValueError as error:
        raise NotAnInstant(_("There is no such date or time.")) from error
    if instant is None:
        raise NotAnInstant(_("Use an ISO 8601 date and time, such as 2026-06-30T14:00:00Z."))
    if instant.tzinfo is None:
        raise NotAnInstant(_("It needs a time zone, such as Z or +02:00 at its end."))
    return within_years(instant)


def within_years(instant: datetime) -> datetime:
    """In UTC; calendars end and database ranges start somewhere."""
    try:
        utc = instant.astimezone(UTC)
    except OverflowError as error:
        raise NotAnInstant(_out_of_range()) from error
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise NotAnInstant(_out_of_range())
    return utc


def parsed_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotAnInstant(_("There is no such date.")) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotAnInstant(_out_of_range())
    return day


def _out_of_range() -> str:
    return _("The year must be between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
