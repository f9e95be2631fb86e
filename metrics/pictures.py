"""Answers as the shapes that charts draw (`clm.base.charts`)."""

from decimal import Decimal
from typing import TypedDict

from clm.base.charts import FlowChart, SeriesChart
from clm.base.templatetags.formats import date_local
from metrics.answer import Answer
from metrics.names import Names
from metrics.result import Unit


def unit_of(answer: Answer) -> str:
    return answer.asked.currency if answer.unit == Unit.MONEY else answer.unit.value


def bars(answer: Answer, names: Names) -> SeriesChart:
    values = [_number(row.result.value if row.result else None) for row in answer.rows]
    chart: SeriesChart = {
        "labels": [row.label for row in answer.rows],
        "series": [{"name": answer.name, "values": values}],
        "unit": unit_of(answer),
    }
    if answer.asked.question.breakdown == "stage":
        chart["stages"] = [row.slot or 0 for row in answer.rows]
    return chart


def flow(answer: Answer, names: Names) -> FlowChart:
    """Only those who were there at both dates: newcomers have nowhere to flow from."""
    places = {stage.slug: place for place, stage in enumerate(names.stages)}
    zone = answer.asked.setting.organisation.tz
    return {
        "stages": [{"name": str(stage), "slot": stage.colour} for stage in names.stages],
        "periods": [date_local(edge.astimezone(zone).date()) for edge in answer.asked.spans.edges],
        "flows": [
            {
                "period": 0,
                "source": places[row.keys["from"]],
                "target": places[row.keys["to"]],
                "value": float(row.result.value or 0) if row.result else 0.0,
            }
            for row in answer.rows
            if row.keys["from"] and row.keys["to"]
        ],
        "unit": "count",
    }


class CohortLine(TypedDict):
    label: str
    size: Decimal | None
    shares: list[Decimal | None]


def triangle(answer: Answer, *, most: int | None = None) -> tuple[list[CohortLine], list[int]]:
    """Rows and ages for `<c-cohorts>`: cohorts with customers, the newest `most` of them, then the average."""
    lines: dict[str, CohortLine] = {}
    for row in answer.rows:
        line = lines.setdefault(row.keys["cohort"], {"label": row.labels[0], "size": None, "shares": []})
        if row.result:
            line["shares"].append(row.result.value)
            line["size"] = line["size"] or row.result.denominator
    filled = [line for line in lines.values() if line["size"]]
    shown = filled[-(most + 1) :] if most else filled
    ages = max((len(line["shares"]) for line in shown), default=0)
    for line in shown:
        line["shares"] += [None] * (ages - len(line["shares"]))
    return shown, list(range(ages))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
