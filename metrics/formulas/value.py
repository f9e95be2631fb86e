"""What customers are worth so far: historic CLV, or revenue to date while no margin is known.

Sum of net revenue (refunds dated back to the order) times margin, over all customers, one-time buyers
included (after Klar and Malartu).
"""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import Result, Unit, ratio
from metrics.spans import literal
from metrics.tally import Tally, select


def value_sql(asked: Asked) -> str:
    return _by_span(asked) if len(asked.spans) > 1 else _at_once(asked)


def _at_once(asked: Asked) -> str:
    source = f"""
        SELECT 0 AS span, customer, sum(revenue) AS revenue, 1 AS customers, count(*) - count(revenue) AS lost
        FROM orders WHERE at < {literal(asked.spans.end)} GROUP BY customer"""
    return select(asked, source, _COLUMNS)


def _by_span(asked: Asked) -> str:
    """Sums for each span first, then added up: a state takes in all that came before."""
    spans = asked.spans
    views = {
        "steps": f"""
            SELECT greatest(0, {spans.slot("at")}) AS slot, sum(revenue) AS revenue, 0 AS customers,
                count(*) - count(revenue) AS lost FROM orders GROUP BY 1
            UNION ALL
            SELECT greatest(0, {spans.slot("acquired_at")}), 0, count(*), 0 FROM newcomers GROUP BY 1"""
    }
    source = "SELECT s.span, t.revenue, t.customers, t.lost FROM steps t JOIN spans s ON t.slot <= s.span"
    return select(asked, source, _COLUMNS, views=views)


_COLUMNS = {
    "numerator": "sum(x.revenue)",
    "denominator": "sum(x.customers)",
    "n": "sum(x.customers)",
    "excluded": "sum(x.lost)",
}


def read_value(asked: Asked, tally: Tally) -> Result:
    margin = asked.setting.organisation.margin
    worth = tally.numerator * (Decimal(1) if margin is None else margin)
    found = ratio(
        Unit.MONEY,
        worth,
        tally.denominator,
        nothing=_("Nobody has bought yet."),
        n=tally.n,
        currency=asked.currency,
    )
    return finished(asked, tally, found)


DEFINITIONS = [
    Definition(
        slug="clv",
        name=gettext_lazy("CLV to date"),
        without_margin=gettext_lazy("Revenue to date"),
        about=gettext_lazy("Average per customer"),
        unit=Unit.MONEY,
        better="up",
        formula=gettext_lazy("net revenue of all customers so far × margin ÷ customers"),
        numerator=gettext_lazy(
            "Net value of all qualifying orders before the as-of date, less refunds, times the margin."
        ),
        denominator=gettext_lazy("Customers with at least one qualifying order, one-time buyers included."),
        edge_cases=gettext_lazy(
            "While the organisation has no margin, revenue is not called CLV but revenue to date. Orders without an exchange rate are left out and counted."
        ),
        source=gettext_lazy("Klar, Malartu: historic CLV."),
        per_stage=gettext_lazy("Of the customers in the stage at the as-of date."),
        clock="state",
        sql=value_sql,
        read=read_value,
    )
]
