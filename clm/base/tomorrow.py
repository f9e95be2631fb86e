"""Nobody knows the facts of tomorrow: a question as of then would be answered with the present, as if it were known."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _

from clm.base import clock
from clm.base.days import end_of


class NotYet(ValueError):
    """The message is for the person who asked."""


def refuse_tomorrow(instant: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> None:
    """Any instant until the end of today may be asked about, later ones not. Raises NotYet."""
    today = (now or clock.now()).astimezone(zone).date()
    if instant > end_of(today, zone):
        raise NotYet(not_yet())


def has_begun(day: date) -> None:
    """For form fields: a day of the reader's zone that is asked about. Raises ValidationError."""
    if day > clock.now().astimezone(ZoneInfo(get_current_timezone_name())).date():
        raise ValidationError(not_yet(), code="future")


def not_yet() -> str:
    return _("Choose days that have begun: nobody knows the facts of tomorrow.")
