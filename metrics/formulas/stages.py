"""Where customers are in their lifecycle: how many, who came, who left.

Stays are half-open: a customer is in a stage at an instant when it was entered before and not left before.
stock(end) = stock(start) + entered - left.
"""

from django.utils.translation import gettext_lazy

from metrics.definition import Definition
from metrics.formulas.marks import finished
from metrics.question import Asked
from metrics.result import Result, Unit, count
from metrics.spans import literal
from metrics.tally import Tally, select, staying_at


def own_stage(asked: Asked) -> str:
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
    return select(asked, source, {"numerator": "count(*)"}, key=own_stage(asked))


def entered_sql(asked: Asked) -> str:
    return _passing(asked, "entered")


def left_sql(asked: Asked) -> str:
    return _passing(asked, "left_at")


def _passing(asked: Asked, column: str) -> str:
    spans = asked.spans
    source = (
        f"SELECT {spans.slot(column)} AS span, customer, stage_id FROM stays WHERE {spans.within(column)}"
    )
    return select(asked, source, {"numerator": "count(*)"}, key=own_stage(asked))


def read_count(asked: Asked, tally: Tally) -> Result:
    return finished(asked, tally, count(int(tally.numerator)))


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
]
