"""Who stays: customer retention rate and churn rate, by sets.

S active at the start, E active at the end, N first bought in the period, R back in E but not in S,
C = S minus E; |E| = |S| - |C| + |N in E| + |R|. Without a contract a customer is active for W days after an
order; W is shown. Set form after cambashi-insights.com; the classic (E - N) / S overstates with R.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import Result, Unit, count, proportion
from metrics.spans import literal
from metrics.tally import Tally, select


def active_at(instants: Sequence[datetime]) -> str:
    """SELECT place, customer: who was active just before each of the instants (in order, places from 0)."""
    marks = f"ARRAY[{', '.join(map(literal, instants))}]"
    return f"""
        SELECT place, customer FROM spells, LATERAL generate_series(
            width_bucket(at, {marks}), width_bucket(least(lapses, next), {marks}) - 1) AS place
        WHERE at < {literal(instants[-1])} AND least(lapses, next) >= {literal(instants[0])}"""


def membership(asked: Asked) -> dict[str, str]:
    """sets(span, customer, before, after, new, saved)."""
    spans = asked.spans
    return {
        "active": active_at(spans.edges),
        "members": f"""
            SELECT place AS span, customer, true AS before, false AS after, false AS new, false AS saved FROM active
            UNION ALL SELECT place - 1, customer, false, true, false, false FROM active
            UNION ALL SELECT {spans.slot("acquired_at")}, customer, false, false, true, false
                FROM newcomers WHERE {spans.within("acquired_at")}
            UNION ALL SELECT {spans.slot("lapses")}, customer, false, false, false, true FROM spells
                WHERE next > lapses AND {spans.within("lapses")} AND {spans.slot("lapses")} = {spans.slot("next")}""",
        "sets": f"""
            SELECT span, customer, bool_or(before) AS before, bool_or(after) AS after, bool_or(new) AS new,
                bool_or(saved) AND bool_or(before) AND bool_or(after) AS saved
            FROM members WHERE span BETWEEN 0 AND {len(spans) - 1} GROUP BY span, customer""",
    }


_PARTS = """json_build_object(
    'inactive_after_days', (SELECT days FROM inactivity),
    'at_start', count(*) FILTER (WHERE x.before),
    'at_end', count(*) FILTER (WHERE x.after),
    'new', count(*) FILTER (WHERE x.new),
    'new_at_end', count(*) FILTER (WHERE x.new AND x.after),
    'returned', count(*) FILTER (WHERE x.after AND NOT x.before AND NOT x.new),
    'churned', count(*) FILTER (WHERE x.before AND NOT x.after),
    'saved', count(*) FILTER (WHERE x.saved),
    'same_period_churn', count(*) FILTER (WHERE x.new AND NOT x.after))"""


def retention_sql(asked: Asked) -> str:
    columns = {
        "numerator": "count(*) FILTER (WHERE x.before AND x.after)",
        "denominator": "count(*) FILTER (WHERE x.before)",
        "parts": _PARTS,
    }
    return select(asked, "SELECT * FROM sets", columns, views=membership(asked))


def read_retention(asked: Asked, tally: Tally) -> Result:
    return _read_share(asked, tally, int(tally.numerator))


def read_churn(asked: Asked, tally: Tally) -> Result:
    return _read_share(asked, tally, int(tally.denominator - tally.numerator))


def _read_share(asked: Asked, tally: Tally, part: int) -> Result:
    share = proportion(
        part, int(tally.denominator), nothing=_("Nobody was active at the start of the period.")
    )
    return finished(asked, tally, share).unless(_still_open(asked, tally))


def _still_open(asked: Asked, tally: Tally) -> str:
    days = tally.parts.get("inactive_after_days")
    end = asked.spans.edges[tally.span + 1]
    if days is None or (asked.setting.now - end).days >= days:
        return ""
    return _("Customers have %(days)d days to come back: the newest %(days)d days may still change.") % {
        "days": days
    }


def active_sql(asked: Asked) -> str:
    columns = {
        "numerator": "count(*)",
        "parts": "json_build_object('inactive_after_days', (SELECT days FROM inactivity))",
    }
    views = {"active": active_at(asked.spans.edges[1:])}
    return select(asked, "SELECT place AS span, customer FROM active", columns, views=views)


def read_active(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, count(int(tally.numerator)))


_SETS = gettext_lazy(
    "Active: not inactive yet. After how many days without an order somebody is inactive is set under Organisation, else it is the 90th percentile of the gaps between purchase days, in whole weeks, at least 30 days. New and returned customers are in neither number; who left and came back within the period counts as kept (“saved”). As many of the newest days are provisional."
)

DEFINITIONS = [
    Definition(
        slug="crr",
        name=gettext_lazy("CRR"),
        about=gettext_lazy("Customer retention rate"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy("customers active at the start and at the end ÷ customers active at the start"),
        numerator=gettext_lazy("Customers active at both ends of the period."),
        denominator=gettext_lazy("Customers active at the start."),
        edge_cases=_SETS,
        source=gettext_lazy(
            "Set form: cambashi-insights.com. The classic (E − N) ÷ S is equal only when as many returned as were new and lost."
        ),
        per_stage=gettext_lazy("Of the customers in the stage at the period's start."),
        stage_at="start",
        sql=retention_sql,
        read=read_retention,
    ),
    Definition(
        slug="churn",
        name=gettext_lazy("Churn rate"),
        about=gettext_lazy("Customers lost"),
        unit=Unit.PERCENT,
        better="down",
        formula=gettext_lazy(
            "customers active at the start and not at the end ÷ customers active at the start"
        ),
        numerator=gettext_lazy("Customers active at the start and not at the end."),
        denominator=gettext_lazy("Customers active at the start."),
        edge_cases=_SETS,
        source=gettext_lazy("1 − CRR; Stripe billing analytics glossary."),
        per_stage=gettext_lazy("Of the customers in the stage at the period's start."),
        stage_at="start",
        sql=retention_sql,
        read=read_churn,
    ),
    Definition(
        slug="active-customers",
        name=gettext_lazy("Active customers"),
        about=gettext_lazy("Ordered lately enough to be active"),
        unit=Unit.COUNT,
        better="up",
        formula=gettext_lazy(
            "customers whose last qualifying order is no older than the days after which they are inactive"
        ),
        numerator=gettext_lazy("Customers active at the as-of date."),
        denominator="",
        edge_cases=_SETS,
        source=gettext_lazy("Own definition."),
        per_stage=gettext_lazy("Of the customers in the stage at the as-of date."),
        clock="state",
        sql=active_sql,
        read=read_active,
    ),
]
