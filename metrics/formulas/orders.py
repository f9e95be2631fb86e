"""What customers order: order value, frequency, repeat purchases.

Formulas after Google's `aovMicros` and Shopify's `sales` schema (gross, discounts, returns, net); the cohort
form of the repeat rate because the window form is biased down by new buyers.
"""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import PLACES, Result, Unit, proportion, ratio
from metrics.spans import literal
from metrics.tally import Tally, select

REPEAT_WITHIN_DAYS = 90


def order_value_sql(asked: Asked) -> str:
    spans, amount = asked.spans, "gross" if asked.variant == "gross" else "revenue"
    source = f"SELECT {spans.slot('at')} AS span, customer, {amount} AS amount FROM orders WHERE {spans.within('at')}"
    columns = {
        "numerator": "sum(x.amount)",
        "denominator": "count(x.amount)",
        "n": "count(x.amount)",
        "excluded": "count(*) - count(x.amount)",
    }
    if asked.variant == "median":
        columns["value"] = "percentile_cont(0.5) WITHIN GROUP (ORDER BY x.amount)"
    return select(asked, source, columns)


def read_order_value(asked: Asked, tally: Tally) -> Result:
    nothing = _("No orders in the period.")
    mean = ratio(
        Unit.MONEY, tally.numerator, tally.denominator, nothing=nothing, n=tally.n, currency=asked.currency
    )
    if asked.variant == "median" and tally.value is not None:
        mean = replace(mean, value=tally.value.quantize(PLACES))
    return finished(asked, tally, mean)


def frequency_sql(asked: Asked) -> str:
    spans = asked.spans
    source = f"SELECT {spans.slot('at')} AS span, customer FROM orders WHERE {spans.within('at')}"
    buyers = "count(DISTINCT x.customer)"
    return select(asked, source, {"numerator": "count(*)", "denominator": buyers, "n": buyers})


def read_frequency(asked: Asked, tally: Tally) -> Result:
    nothing = _("No buyers in the period.")
    return finished(
        asked, tally, ratio(Unit.NUMBER, tally.numerator, tally.denominator, nothing=nothing, n=tally.n)
    )


def repeat_sql(asked: Asked) -> str:
    return _repeat_in_cohort(asked) if asked.variant == "cohort" else _repeat_in_window(asked)


def _repeat_in_window(asked: Asked) -> str:
    spans = asked.spans
    source = f"""
        SELECT {spans.slot("at")} AS span, customer, min(day) < max(day) AS again
        FROM orders WHERE {spans.within("at")} GROUP BY 1, 2"""
    return select(asked, source, {"numerator": "count(*) FILTER (WHERE x.again)", "denominator": "count(*)"})


def _repeat_in_cohort(asked: Asked) -> str:
    spans, horizon = asked.spans, f"a.acquired_at + interval '{REPEAT_WITHIN_DAYS} days'"
    source = f"""
        SELECT {spans.slot("a.acquired_at")} AS span, a.customer, {horizon} <= {literal(asked.as_of)} AS mature,
            min(o.day) < max(o.day) AS again
        FROM newcomers a JOIN orders o ON o.customer = a.customer AND o.at < {horizon}
        WHERE {spans.within("a.acquired_at")} GROUP BY 1, 2, 3"""
    mature = "count(*) FILTER (WHERE x.mature)"
    columns = {
        "numerator": "count(*) FILTER (WHERE x.mature AND x.again)",
        "denominator": mature,
        "parts": f"json_build_object('too_young', count(*) - {mature})",
    }
    return select(asked, source, columns)


def read_repeat(asked: Asked, tally: Tally) -> Result:
    young = tally.parts.get("too_young", 0)
    nothing = _("No buyers in the period.")
    if young:
        nothing = _("Nobody has had the %(days)d days yet.") % {"days": REPEAT_WITHIN_DAYS}
    share = proportion(int(tally.numerator), int(tally.denominator), nothing=nothing)
    return finished(asked, tally, share)


def sales_sql(asked: Asked) -> str:
    spans = asked.spans
    source = (
        f"SELECT {spans.slot('at')} AS span, customer, amount, orders FROM moves WHERE {spans.within('at')}"
    )
    columns = {
        "numerator": "sum(x.amount)",
        "n": "sum(x.orders)",
        "excluded": "count(*) FILTER (WHERE x.amount IS NULL)",
    }
    return select(asked, source, columns)


def read_sales(asked: Asked, tally: Tally) -> Result:
    found = Result(Unit.MONEY, tally.numerator, tally.numerator, None, asked.currency, tally.n)
    return finished(asked, tally, found)


def bought_sql(asked: Asked) -> str:
    spans = asked.spans
    source = f"SELECT {spans.slot('at')} AS span, customer FROM orders WHERE {spans.within('at')}"
    return select(asked, source, {"numerator": "count(*)", "n": "count(*)"})


def read_bought(asked: Asked, tally: Tally) -> Result:
    return finished(
        asked, tally, Result(Unit.COUNT, tally.numerator, tally.numerator, n=int(tally.numerator))
    )


_BY_STAGE = gettext_lazy("Of the customers in the stage at the as-of date.")
_QUALIFYING = gettext_lazy(
    "Qualifying orders are paid, no tests, and above zero after the refunds known: a full refund removes the order, a partial one only the money."
)

DEFINITIONS = [
    Definition(
        slug="revenue",
        name=gettext_lazy("Revenue"),
        about=gettext_lazy("Money in less money back"),
        unit=Unit.MONEY,
        better="up",
        formula=gettext_lazy("net value of paid orders − refunds paid out in the period"),
        numerator=gettext_lazy(
            "Net orders on the order's day, less refunds on the refund's day (cash view)."
        ),
        denominator="",
        edge_cases=gettext_lazy(
            "Tax, shipping and discounts are not revenue. Orders without an exchange rate are left out and counted."
        ),
        source=gettext_lazy("Own definition, cash view."),
        per_stage=_BY_STAGE,
        sql=sales_sql,
        read=read_sales,
    ),
    Definition(
        slug="orders",
        name=gettext_lazy("Orders"),
        about=gettext_lazy("Qualifying orders"),
        unit=Unit.COUNT,
        better="up",
        formula=gettext_lazy("qualifying orders in the period"),
        numerator=_QUALIFYING,
        denominator="",
        edge_cases=gettext_lazy("Counted on the order's day in the organisation's time zone."),
        source=gettext_lazy("Own definition."),
        per_stage=_BY_STAGE,
        sql=bought_sql,
        read=read_bought,
    ),
    Definition(
        slug="aov",
        name=gettext_lazy("AOV"),
        about=gettext_lazy("Average order value"),
        unit=Unit.MONEY,
        better="up",
        formula=gettext_lazy("net revenue ÷ orders"),
        numerator=gettext_lazy(
            "Net value of the qualifying orders of the period, less their refunds, dated back to the order."
        ),
        denominator=gettext_lazy("Qualifying orders of the period."),
        edge_cases=_QUALIFYING,
        source=gettext_lazy("Google aovMicros; Shopify sales schema."),
        per_stage=_BY_STAGE,
        variants={
            "net": gettext_lazy("Net mean"),
            "gross": gettext_lazy("Gross mean"),
            "median": gettext_lazy("Net median"),
        },
        sql=order_value_sql,
        read=read_order_value,
    ),
    Definition(
        slug="purchase-frequency",
        name=gettext_lazy("Purchase frequency"),
        about=gettext_lazy("Orders per buyer"),
        unit=Unit.NUMBER,
        better="up",
        formula=gettext_lazy("orders ÷ buyers"),
        numerator=gettext_lazy("Qualifying orders of the period."),
        denominator=gettext_lazy("Different customers who ordered in the period."),
        edge_cases=gettext_lazy("Never below 1: who did not order is not in it."),
        source=gettext_lazy("Malartu, purchase frequency."),
        per_stage=_BY_STAGE,
        sql=frequency_sql,
        read=read_frequency,
    ),
    Definition(
        slug="repeat-purchase-rate",
        name=gettext_lazy("Repeat purchase rate"),
        about=gettext_lazy("Buyers who bought again"),
        unit=Unit.PERCENT,
        better="up",
        formula=gettext_lazy("buyers on two or more days ÷ buyers"),
        numerator=gettext_lazy(
            "Buyers with orders on at least two days: in the period, or within 90 days of the first order."
        ),
        denominator=gettext_lazy("Buyers of the period; or customers acquired in it whose 90 days are over."),
        edge_cases=gettext_lazy(
            "Orders of one day are one purchase. The form in the period is biased down by new buyers; the one by first purchase is fairer."
        ),
        source=gettext_lazy("Calc-pilot on cohort and window."),
        per_stage=_BY_STAGE,
        variants={
            "window": gettext_lazy("In the period"),
            "cohort": gettext_lazy("Within 90 days of the first purchase"),
        },
        sql=repeat_sql,
        read=read_repeat,
    ),
]
