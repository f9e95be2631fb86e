"""Where customers are in their lifecycle: how many, who came, who left, how long, how many move on.

Stays are half-open: a customer is in a stage at an instant when it was entered before and not left before.
stock(end) = stock(start) + entered - left. Time in stage is the Kaplan-Meier median, open stays censored.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import Result, Unit, count, proportion, undefined
from metrics.spans import literal
from metrics.tally import Tally, select, staying_at

CONVERSION_DAYS = 30


def _own_stage(asked: Asked) -> str:
    return "x.stage_id::text" if asked.by == "stage" else ""


def stock_sql(asked: Asked) -> str:
    ends, last = asked.spans.ends(), len(asked.spans) - 1
    source = f"""
        SELECT place AS span, customer, stage_id FROM stays, LATERAL generate_series(
            width_bucket(entered, {ends}), coalesce(width_bucket(left_at, {ends}) - 1, {last})) AS place"""
    if last == 0:
        source = (
            f"SELECT 0 AS span, customer, stage_id FROM stays WHERE {staying_at(literal(asked.spans.end))}"
        )
    return select(asked, source, {"numerator": "count(*)"}, key=_own_stage(asked))


def entered_sql(asked: Asked) -> str:
    return _passing(asked, "entered")


def left_sql(asked: Asked) -> str:
    return _passing(asked, "left_at")


def _passing(asked: Asked, column: str) -> str:
    spans = asked.spans
    source = (
        f"SELECT {spans.slot(column)} AS span, customer, stage_id FROM stays WHERE {spans.within(column)}"
    )
    return select(asked, source, {"numerator": "count(*)"}, key=_own_stage(asked))


def read_count(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, count(int(tally.numerator)))


def time_sql(asked: Asked) -> str:
    source = f"""
        SELECT 0 AS span, stage_id, extract(epoch FROM coalesce(left_at, {literal(asked.as_of)}) - entered)::bigint / 86400 AS day,
            count(left_at) AS closed, count(*) - count(left_at) AS still FROM stays GROUP BY 1, 2, 3"""
    columns = {
        "steps": "json_agg(json_build_array(x.day, x.closed, x.still))",
        "n": "sum(x.closed + x.still)",
    }
    return select(asked, source, columns, key=_own_stage(asked))


def read_time(asked: Asked, tally: Tally) -> Result:
    days = median_stay(tally.steps)
    if days is None:
        return finished(asked, tally, undefined(Unit.DAYS, _not_reached(tally), n=tally.n))
    return finished(asked, tally, Result(Unit.DAYS, Decimal(days), n=tally.n))


def _not_reached(tally: Tally) -> str:
    if not tally.steps:
        return _("Nobody was in the stage.")
    longest = max(day for day, _closed, _still in tally.steps)
    return _("More than half are still there: over %(days)d days.") % {"days": longest}


def median_stay(steps: Iterable[tuple[int, int, int]]) -> int | None:
    """The first day by which half have left (Kaplan-Meier); null when it never comes to that.

    steps: (whole days stayed, stays that ended, stays still open), in any order.
    """
    ended: dict[int, list[int]] = {}
    for day, closed, still in steps:
        here = ended.setdefault(day, [0, 0])
        here[0], here[1] = here[0] + closed, here[1] + still
    at_risk, staying = sum(map(sum, ended.values())), 1.0
    for day in sorted(ended):
        closed, still = ended[day]
        staying *= 1 - closed / at_risk
        at_risk -= closed + still
        if staying <= 0.5 + 1e-12:
            return day
    return None


def conversion_sql(asked: Asked) -> str:
    spans, horizon = asked.spans, f"interval '{CONVERSION_DAYS} days'"
    views = {
        "onward": f"""
            SELECT y.customer, y.stage_id, y.entered, s.position AS place, max(CASE WHEN s.kind = 'churned' THEN -1 ELSE s.position END)
                OVER (PARTITION BY y.customer ORDER BY y.entered
                    RANGE BETWEEN '1 microsecond' FOLLOWING AND {horizon} FOLLOWING) AS furthest
            FROM stays y JOIN lifecycle_stage s ON s.id = y.stage_id
            WHERE y.entered >= {literal(spans.start)} AND y.entered <= {literal(spans.end)} + {horizon}"""
    }
    source = f"""
        SELECT {spans.slot("entered")} AS span, customer, stage_id, furthest > place AS moved_on,
            entered + {horizon} <= {literal(asked.as_of)} AS mature FROM onward WHERE {spans.within("entered")}"""
    mature = "count(*) FILTER (WHERE x.mature)"
    columns = {
        "numerator": "count(*) FILTER (WHERE x.mature AND x.moved_on)",
        "denominator": mature,
        "parts": f"json_build_object('too_young', count(*) - {mature})",
    }
    return select(asked, source, columns, views=views, key=_own_stage(asked))


def read_conversion(asked: Asked, tally: Tally) -> Result:
    nothing = _("Nobody who entered in the period has had %(days)d days yet.") % {"days": CONVERSION_DAYS}
    share = proportion(int(tally.numerator), int(tally.denominator), nothing=nothing)
    return finished(asked, tally, share)


_AXIS = gettext_lazy("Own definition on stage periods; half-open stays.")

DEFINITIONS = [
    Definition(
        slug="customers-per-stage",
        name=gettext_lazy("Customers per stage"),
        about=gettext_lazy("Who is where at the as-of date"),
        unit=Unit.COUNT,
        better="",
        formula=gettext_lazy("customers in the stage at the as-of date"),
        numerator=gettext_lazy("Customers with a stay that began before and had not ended."),
        denominator="",
        edge_cases=gettext_lazy(
            "Everyone first seen is in exactly one stage of a model, so the stages add up to all customers."
        ),
        source=_AXIS,
        per_stage=gettext_lazy("The stage itself."),
        clock="state",
        needs_model=True,
        sql=stock_sql,
        read=read_count,
    ),
    Definition(
        slug="stage-entries",
        name=gettext_lazy("Entered a stage"),
        about=gettext_lazy("Stays begun in the period"),
        unit=Unit.COUNT,
        better="",
        formula=gettext_lazy("stays that began in the period"),
        numerator=gettext_lazy("Stays by the instant they began; a customer who comes twice counts twice."),
        denominator="",
        edge_cases=gettext_lazy("Customers per stage at the end = at the start + entered − left."),
        source=_AXIS,
        per_stage=gettext_lazy("The stage entered."),
        needs_model=True,
        sql=entered_sql,
        read=read_count,
    ),
    Definition(
        slug="stage-exits",
        name=gettext_lazy("Left a stage"),
        about=gettext_lazy("Stays ended in the period"),
        unit=Unit.COUNT,
        better="",
        formula=gettext_lazy("stays that ended in the period"),
        numerator=gettext_lazy("Stays by the instant they ended."),
        denominator="",
        edge_cases=gettext_lazy("Customers per stage at the end = at the start + entered − left."),
        source=_AXIS,
        per_stage=gettext_lazy("The stage left."),
        needs_model=True,
        sql=left_sql,
        read=read_count,
    ),
    Definition(
        slug="time-in-stage",
        name=gettext_lazy("Time in stage"),
        about=gettext_lazy("Median days of a stay"),
        unit=Unit.DAYS,
        better="",
        formula=gettext_lazy("days by which half of the stays have ended (Kaplan–Meier)"),
        numerator=gettext_lazy(
            "All stays begun before the as-of date; those still open count as far as they go."
        ),
        denominator="",
        edge_cases=gettext_lazy(
            "When more than half are still there the median is not reached: the longest stay seen is shown."
        ),
        source=gettext_lazy("Kaplan and Meier 1958; lifelines documentation."),
        per_stage=gettext_lazy("Stays in the stage."),
        clock="state",
        breakdowns=frozenset({"stage"}),
        needs_model=True,
        sql=time_sql,
        read=read_time,
    ),
    Definition(
        slug="stage-conversion",
        name=gettext_lazy("Stage conversion"),
        about=gettext_lazy("Moved on within 30 days"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy(
            "stays that led to a later stage within 30 days ÷ stays begun in the period, 30 days old"
        ),
        numerator=gettext_lazy(
            "Stays followed within 30 days by a stage further on in the model; skipping counts, churned does not."
        ),
        denominator=gettext_lazy("Stays begun in the period whose 30 days are over."),
        edge_cases=gettext_lazy(
            "Younger stays are in neither number and shown as too young. A step back is no conversion."
        ),
        source=gettext_lazy("HubSpot: differences between funnel report types (any order)."),
        per_stage=gettext_lazy("From the stage onwards."),
        needs_model=True,
        sql=conversion_sql,
        read=read_conversion,
    ),
]
