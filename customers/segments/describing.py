"""A segment as its pages tell it: in words, in numbers, over time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.charts import SeriesChart
from clm.base.conditions import InvalidCondition
from clm.base.days import LocalDate, start_of
from clm.base.uses import Use, uses
from customers.models import Customer, Segment, SegmentMember
from customers.models.segment import Computing, SegmentMemberQuerySet

STALE_AFTER = timedelta(minutes=10)
TREND_DAYS = 90
RECENT_DAYS = 30
NEWEST = 10


def in_words(segment: Segment) -> str:
    """What is wrong with the conditions, when they can't be read any more."""
    if not segment.is_dynamic:
        return _("Customers who were added by hand")
    try:
        return segment.tree.sentence()
    except InvalidCondition as error:
        return str(error)


def is_stale(segment: Segment, now: datetime) -> bool:
    """By conditions, and not looked at for so long that something must be wrong."""
    return bool(
        segment.is_dynamic
        and segment.status == Computing.FRESH
        and segment.computed_at
        and segment.computed_at < now - STALE_AFTER
    )


@dataclass(frozen=True)
class Line:
    """A segment in the list. `count` is of the customers whom the reader sees."""

    segment: Segment
    count: int
    uses: list[Use]
    is_stale: bool


def lines(segments: list[Segment], *, seen_by: User) -> list[Line]:
    """Three queries or so, whatever the number of segments."""
    counts = {segment.pk: segment.count for segment in segments}
    if seen_by.is_restricted:
        counts = _seen_counts(segments, seen_by)
    used, now = uses("segment"), clock.now()
    return [
        Line(segment, counts.get(segment.pk, 0), used.get(segment.slug, []), is_stale(segment, now))
        for segment in segments
    ]


def _seen_counts(segments: list[Segment], user: User) -> dict[int, int]:
    own = SegmentMember.objects.open().filter(
        segment__in=segments, customer__in=Customer.objects.visible_to(user).present().values("pk")
    )
    return dict(own.values_list("segment").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Description:
    """Numbers of the customers whom the reader sees; `newest` are the last who entered."""

    count: int
    entered: int
    left: int
    trend: SeriesChart | None
    newest: list[SegmentMember]


def describe(segment: Segment, *, seen_by: User, as_of: datetime) -> Description:
    """Three queries."""
    periods = segment.periods()
    if seen_by.is_restricted:
        periods = periods.filter(customer__in=Customer.objects.visible_to(seen_by).values("pk"))
    count = periods.open().count() if seen_by.is_restricted else segment.count
    zone = Organisation.objects.current().tz
    since = as_of - timedelta(days=RECENT_DAYS)
    recent = periods.aggregate(
        entered=Count("pk", filter=Q(entered_at__gte=since)), left=Count("pk", filter=Q(left_at__gte=since))
    )
    newest = periods.open().select_related("customer").order_by("-entered_at", "-pk")[:NEWEST]
    return Description(
        count, recent["entered"], recent["left"], _trend(segment, periods, count, as_of, zone), list(newest)
    )


def _trend(
    segment: Segment, periods: SegmentMemberQuerySet, count: int, now: datetime, zone: ZoneInfo
) -> SeriesChart | None:
    """Members at the end of each day, from today backwards; nothing on the day it was made."""
    today = now.astimezone(zone).date()
    first = max(segment.created_at.astimezone(zone).date(), today - timedelta(days=TREND_DAYS))
    if first >= today:
        return None
    start = start_of(first, zone)
    grown = _growth_by_day(periods, start, zone)
    days = [today - timedelta(days=back) for back in range((today - first).days + 1)]
    sizes, size = [], count
    for day in days:
        sizes.append(float(size))
        size -= grown[day]
    return {
        "labels": [date_format(day, "j M") for day in reversed(days)],
        "series": [{"name": _("Customers"), "values": list(reversed(sizes))}],
        "unit": "count",
    }


def _growth_by_day(periods: SegmentMemberQuerySet, start: datetime, zone: ZoneInfo) -> Counter[date]:
    """Who came less who went."""
    came, went = (
        periods.filter(**{f"{moment}__gte": start})
        .annotate(day=LocalDate(moment, zone.key), sign=Value(sign))
        .values_list("day", "sign")
        .annotate(number=Count("pk"))
        for moment, sign in (("entered_at", 1), ("left_at", -1))
    )
    grown: Counter[date] = Counter()
    for day, sign, number in came.union(went, all=True):
        grown[day] += sign * number
    return grown
