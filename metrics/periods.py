"""Periods as people name them: whole local days, the last 30 of them, this quarter, or from a day to a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from clm.base.days import end_of, start_of
from metrics.question import QuestionError
from metrics.spans import Spans, first_of_month

DAY = timedelta(days=1)
PRESETS = {
    "7d": _("Last 7 days"),
    "30d": _("Last 30 days"),
    "90d": _("Last 90 days"),
    "12m": _("Last 12 months"),
    "month": _("This month"),
    "quarter": _("This quarter"),
    "year": _("This year"),
}
DEFAULT = "30d"
RIPE_DAYS, RIPE_YEAR = 90, 365
_DAYS = {"7d": 7, "30d": 30, "90d": 90}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Usual(Enum):
    """The period while nobody chooses one: the last 30 days, or 90 or 365 days that are ripe (`Period.ripe`)."""

    RECENT = auto()
    RIPE = auto()  # 90 days, for the least wait
    RIPE_FOR_DAYS = auto()  # a year, for the days asked about, when they are more


@dataclass(frozen=True)
class Period:
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise QuestionError(
                "to", str(_("The period ends before it starts. Choose a last day on or after the first."))
            )

    @classmethod
    def preset(cls, name: str, day: date) -> "Period":
        """The one that ends with, or contains, a day. Raises QuestionError."""
        if name in _DAYS:
            return cls(day - timedelta(days=_DAYS[name] - 1), day)
        if name == "12m":
            return cls(_year_before(day), day)
        if name in _MONTHS:
            months = _MONTHS[name]
            first = date(day.year, (day.month - 1) // months * months + 1, 1)
            return cls(first, first_of_month(first, plus=months) - DAY)
        known = ", ".join(PRESETS)
        raise QuestionError(
            "period", str(_("There is no such period. Use one of: %(known)s.")) % {"known": known}
        )

    @classmethod
    def ripe(cls, day: date, *, before: date, wait: int, length: int = RIPE_DAYS) -> "Period":
        """The days up to a day, but ended so long before another one that everybody has had the days to wait."""
        last = min(day, before - timedelta(days=wait + 1))
        return cls(last - timedelta(days=length - 1), last)

    def start(self, zone: ZoneInfo) -> datetime:
        return start_of(self.first, zone)

    def end(self, zone: ZoneInfo) -> datetime:
        return end_of(self.last, zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int | None:
        """How many whole calendar months it is; null when it is not."""
        after = self.last + DAY
        if self.first.day != 1 or after.day != 1:
            return None
        return (after.year - self.first.year) * 12 + after.month - self.first.month

    def shifted(self, steps: int) -> "Period":
        """As many periods later (or earlier); whole months stay whole months."""
        if months := self.months:
            first = first_of_month(self.first, plus=steps * months)
            return Period(first, first_of_month(first, plus=months) - DAY)
        return Period(self.first + steps * self.days * DAY, self.last + steps * self.days * DAY)

    def run_up(self, count: int, zone: ZoneInfo, *, until: datetime) -> Spans:
        """So many neighbouring periods, this one the last, cut off at `until`."""
        starts = [self.shifted(-back).start(zone) for back in reversed(range(count))]
        return Spans((*starts, max(min(self.end(zone), until), starts[-1] + timedelta(microseconds=1))))


def _year_before(day: date) -> date:
    """The day after the same day a year ago; 1 March for 28 and 29 February."""
    return (
        first_of_month(day, plus=-11)
        if (day + DAY).day == 1
        else date(day.year - 1, day.month, day.day) + DAY
    )
