"""Who buys, by what they did before: new, returning, resurrecting; and dormant, who did not buy again.

PostHog's lifecycle, on qualifying orders. New is by the first order of all time, not by the first one looked at, so
a buyer of an interval is exactly one of the three, and who bought in the interval before is returning or dormant.
"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy

from clm.base.days import TICK, day_of
from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.periods import Period
from metrics.question import Asked
from metrics.result import Result, Unit, count
from metrics.spans import Spans, whole_months
from metrics.tally import Tally, group_of, select

KINDS = {
    "new": gettext_lazy("New"),
    "returning": gettext_lazy("Returning"),
    "resurrecting": gettext_lazy("Resurrecting"),
    "dormant": gettext_lazy("Dormant"),
}
DORMANT = "dormant"


def before(asked: Asked) -> datetime:
    """When the interval before the first one began: as many months, or as many days."""
    zone, spans = asked.setting.organisation.tz, asked.spans
    by_month = asked.question.breakdown == "month"
    end = whole_months(spans.start, spans.start + TICK, zone).end if by_month else asked.period.end
    first = Period(spans.start.astimezone(zone).date(), day_of(end, zone))
    return first.shifted(-1).start(zone)


def activity_sql(asked: Asked) -> str:
    """Counted by interval of an order and of the one after it first: `here` and `there`, 0 the one before the first.

    The last order of a customer in an interval stands for the customer there; resurrecting is who is left.
    """
    every = Spans((before(asked), *asked.spans.edges))
    key, join = ("g.key", "LEFT JOIN own g USING (customer)") if asked.by else ("NULL", "")
    views = {"own(customer, key)": group_of(asked)} if asked.by else {}
    views["steps"] = f"""
        SELECT {every.slot("f.at")} AS here, {every.slot("f.next")} AS there, f.is_first, {key}::text AS key, count(*) AS n
        FROM followed f {join} WHERE {every.within("f.at")} GROUP BY 1, 2, 3, 4"""
    source = f"""
        SELECT v.span, s.key, s.n, v.is_new, v.bought, v.is_back, v.is_gone
        FROM steps s CROSS JOIN LATERAL (VALUES
            (here - 1, is_first, there IS DISTINCT FROM here, false, false),
            (here, false, false, there = here + 1, there IS NULL OR there > here + 1)
        ) v(span, is_new, bought, is_back, is_gone)
        WHERE v.span BETWEEN 0 AND {len(asked.spans) - 1}"""
    bought, new, back, gone = (
        f"coalesce(sum(x.n) FILTER (WHERE x.{what}), 0)"
        for what in ("bought", "is_new", "is_back", "is_gone")
    )
    parts = f"""json_build_object(
        'new', {new}, 'returning', {back}, 'resurrecting', {bought} - {new} - {back}, 'dormant', {gone})"""
    columns = {"numerator": bought, "parts": parts}
    return select(asked, source, columns, views=views, key="x.key" if asked.by else "")


def read_activity(asked: Asked, tally: Tally) -> Result:
    counts = {kind: tally.parts.get(kind, 0) for kind in KINDS}
    return finished(asked, replace(tally, parts=counts), count(int(tally.numerator)))


def of_kind(result: Result, kind: str) -> Result:
    """Of the buyers of a result, those of one kind."""
    found = count(result.parts[kind])
    return replace(result, value=found.value, numerator=found.numerator, n=found.n, parts={})


DEFINITIONS = [
    Definition(
        slug="buyer-activity",
        name=gettext_lazy("Buyers"),
        about=gettext_lazy("New, returning, resurrecting; and dormant"),
        unit=Unit.COUNT,
        better="up",
        formula=gettext_lazy(
            "buyers of the period = new + returning + resurrecting; buyers of the period before = returning + dormant"
        ),
        numerator=gettext_lazy(
            "Customers with a qualifying order in the period. New: their first order ever lies in it. Returning: they bought in the period before too. Resurrecting: they bought before, but not in the period before. Dormant: they bought in the period before and not in this one, so they are none of its buyers."
        ),
        denominator="",
        edge_cases=gettext_lazy(
            "The period before is as long and ends where this one begins; whole months are compared with as many months. By month, all of each month counts, also where the period begins or ends within it, each against the month before. A period that still runs is compared with all of the one before: who is dormant may still buy. A first order that is refunded in full does not count: the next one is the first then. Calendar months and days in the organisation's time zone."
        ),
        source=gettext_lazy("PostHog lifecycle: new, returning, resurrecting, dormant."),
        per_stage=gettext_lazy("Of the customers in the stage at the as-of date."),
        shape="kinds",
        whole_months=True,
        sql=activity_sql,
        read=read_activity,
    )
]
