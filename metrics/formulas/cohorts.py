"""Cohort retention: of the customers first won in a month, how many order (or are active) so many months later.

After ChartMogul's cohorts and Baremetrics' retention table, on calendar months. A month that is not over is
blank, not 0. Key of a tally: "cohort:age", months numbered from year 0; age -1 is the cohort's size.
"""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.days import start_of
from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.formulas.retention import active_at
from metrics.question import Asked
from metrics.result import Result, Unit, proportion
from metrics.spans import Spans, first_of_month, months_between, whole_months
from metrics.tally import Tally, select

SIZE = -1


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def cohort_months(asked: Asked) -> list[date]:
    """The whole months that the period touches."""
    return months_between(asked.spans.start, asked.spans.end, asked.setting.organisation.tz)


def _edges(asked: Asked) -> Spans:
    """The cohorts' months and all after them that are over by the as-of date."""
    zone = asked.setting.organisation.tz
    edges: list[datetime] = []
    month = cohort_months(asked)[0]
    while not edges or edges[-1] < asked.as_of:
        edges.append(start_of(month, zone))
        month = first_of_month(month, plus=1)
    return Spans((*edges, start_of(month, zone)))


def is_over(month: date, asked: Asked) -> bool:
    return start_of(first_of_month(month, plus=1), asked.setting.organisation.tz) <= asked.as_of


def cohorts_sql(asked: Asked) -> str:
    born = whole_months(asked.spans.start, asked.spans.end, asked.setting.organisation.tz)
    views = {
        "firsts": f"""
            SELECT customer, {_number("(acquired_at AT TIME ZONE %(zone)s)")} AS cohort
            FROM newcomers WHERE {born.within("acquired_at")}"""
    }
    views |= _active(asked) if asked.variant == "active" else _ordering()
    source = f"""
        SELECT 0 AS span, cohort || ':{SIZE}' AS key, 1 AS customers FROM firsts
        UNION ALL SELECT 0, f.cohort || ':' || s.month - f.cohort, 1 FROM firsts f JOIN seen s USING (customer)
        WHERE s.month >= f.cohort"""
    return select(asked, source, {"numerator": "count(*)"}, views=views, key="x.key")


def _ordering() -> dict[str, str]:
    return {"seen": f"SELECT DISTINCT customer, {_number('day')} AS month FROM orders"}


def _active(asked: Asked) -> dict[str, str]:
    edges = _edges(asked)
    first = month_number(cohort_months(asked)[0])
    return {
        "active": active_at(edges.edges[1:]),
        "seen": f"SELECT customer, place + {first} AS month FROM active",
    }


def _number(day: str) -> str:
    return f"(extract(year FROM {day}) * 12 + extract(month FROM {day}) - 1)::int"


def read_cell(asked: Asked, tally: Tally) -> Result:
    share = proportion(
        int(tally.numerator), int(tally.denominator), nothing=_("Nobody was won, or the month is not over.")
    )
    return finished(asked, tally, share)


DEFINITIONS = [
    Definition(
        slug="cohort-retention",
        name=gettext_lazy("Retention by cohort"),
        about=gettext_lazy("Share that orders again, by month since the first purchase"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy("customers of the cohort who ordered in the month ÷ customers of the cohort"),
        numerator=gettext_lazy(
            "Customers of the cohort with a qualifying order in the month; or active at its end (W rule)."
        ),
        denominator=gettext_lazy("Customers whose first qualifying order lies in the cohort's month."),
        edge_cases=gettext_lazy(
            "Calendar months in the organisation's time zone. Months that are not over are blank, not 0. The average row adds up numbers, not shares, over the cohorts whose month is over; its month 1 stands for the whole."
        ),
        source=gettext_lazy("ChartMogul cohorts; Baremetrics retention table."),
        breakdowns=frozenset(),
        variants={
            "ordering": gettext_lazy("Ordered in the month"),
            "active": gettext_lazy("Active at its end"),
        },
        shape="cohorts",
        sql=cohorts_sql,
        read=read_cell,
    )
]
