"""Answers as the shapes that charts draw (`clm.base.charts`)."""

from dataclasses import replace
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext as _

from clm.base.charts import FlowChart, HeatChart, Series, SeriesChart
from clm.base.curves import Alluvium, Flow, Layer, Place, Point, alluvium, ticks
from clm.base.templatetags.formats import date_local, number
from metrics.answer import Answer, Row
from metrics.formulas import activity
from metrics.names import Names
from metrics.result import Result, Unit
from metrics.stage_rows import DIRECTIONS

FEW, FEW_OF_ALL, SETTLED = 5, 0.02, 0.005
KIND_SLOTS = {"new": 1, "returning": 4, "resurrecting": 5, activity.DORMANT: 0}


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


def known_bars(answer: Answer, names: Names) -> SeriesChart | None:
    """Bars of the parts that have a value; nothing when there is none to see."""
    known = [row for row in answer.rows if row.result and row.result.value is not None]
    if not any(row.result and row.result.value for row in known):
        return None
    return bars(replace(answer, rows=known), names)


class KindLine(TypedDict):
    label: str
    counts: list[tuple[str, int]]  # kind in words, customers
    buyers: int  # without the dormant
    result: Result  # of any of them: how far they can be trusted


def kind_lines(answer: Answer) -> list[KindLine]:
    """A line for each part, its four kinds of buyers beside one another."""
    rows = [(row, row.result) for row in answer.rows if row.result]
    lines: list[KindLine] = []
    for place in range(0, len(rows), len(activity.KINDS)):
        kinds = rows[place : place + len(activity.KINDS)]
        buyers = sum(_whole(result) for row, result in kinds if row.keys["kind"] != activity.DORMANT)
        counts = [(row.labels[-1], _whole(result)) for row, result in kinds]
        label, result = " → ".join(kinds[0][0].labels[:-1]), kinds[0][1]
        lines.append({"label": label, "counts": counts, "buyers": buyers, "result": result})
    return lines


def activity_bars(answer: Answer, names: Names) -> SeriesChart | None:
    """Stacked: who bought above zero, the dormant below; nothing when there is nobody."""
    lines = kind_lines(answer)
    if not any(number for line in lines for _kind, number in line["counts"]):
        return None
    return {
        "labels": [line["label"] for line in lines],
        "series": [_kind_series(kind, place, lines) for place, kind in enumerate(activity.KINDS)],
        "unit": unit_of(answer),
        "stacked": True,
        "horizontal": answer.asked.question.breakdown != "month",
    }


def _kind_series(kind: str, place: int, lines: list[KindLine]) -> Series:
    sign = -1 if kind == activity.DORMANT else 1
    values: list[float | None] = [float(sign * line["counts"][place][1]) for line in lines]
    return {"name": str(activity.KINDS[kind]), "values": values, "stage": KIND_SLOTS[kind]}


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


def stream(answer: Answer, names: Names) -> Alluvium:
    """As `flow`, drawn on the server, with those who came and who went."""
    order = ["", *(stage.slug for stage in names.stages)]
    places = [Place(_("Not there yet"), 0), *(Place(str(stage), stage.colour) for stage in names.stages)]
    flows = [
        Flow(order.index(row.keys["from"]), order.index(row.keys["to"]), _whole(row.result), _told(row))
        for row in answer.rows
    ]
    return alluvium(places, flows)


class FlowLine(TypedDict):
    name: str
    slot: int
    cells: list[tuple[int, float, str]]  # how many, of the row, in which direction
    total: int


def flow_matrix(answer: Answer, names: Names) -> list[FlowLine]:
    """A line for each stage at the start, newcomers first; a cell for each stage at the end."""
    found = {(row.keys["from"], row.keys["to"]): row for row in answer.rows}
    starts = [("", _("Not there yet"), 0), *((one.slug, str(one), one.colour) for one in names.stages)]
    lines: list[FlowLine] = []
    for slug, name, slot in starts:
        row = [found.get((slug, stage.slug)) for stage in names.stages]
        numbers = [_whole(one.result) if one else 0 for one in row]
        total = sum(numbers)
        cells = [
            (
                number,
                number / total if total else 0.0,
                str(DIRECTIONS.get(one.flag or "next", "")) if one else "",
            )
            for one, number in zip(row, numbers, strict=True)
        ]
        lines.append({"name": name, "slot": slot, "cells": cells, "total": total})
    return lines


def _told(row: Row) -> str:
    flag = str(DIRECTIONS.get(row.flag, ""))
    told = f"{row.label}: {number(_whole(row.result))}"
    return f"{told} ({flag})" if flag else told


def _whole(result: Result | None) -> int:
    return int(result.value or 0) if result else 0


def heat(answer: Answer, names: Names) -> HeatChart:
    """Pairs of stages: from each row to each column."""
    found = {row.key: row.result for row in answer.rows}
    cells = [
        [_number(result.value) if (result := found.get(f"{source.slug}>{target.slug}")) else None
         for target in names.stages]
        for source in names.stages
    ]  # fmt: skip
    labels = [str(stage) for stage in names.stages]
    return {"labels": labels, "row_labels": labels, "rows": cells, "unit": unit_of(answer)}


def still(answer: Answer, names: Names) -> SeriesChart:
    """The share still in the stage by day, as a line."""
    values = [_number(row.result.value) if row.result else None for row in answer.rows]
    return {
        "labels": [row.labels[-1] for row in answer.rows],
        "series": [{"name": answer.name, "values": values}],
        "unit": unit_of(answer),
    }


def curve_of(answer: Answer) -> list[Point]:
    return [
        Point(int(row.keys["day"]), float(row.result.value), _number(row.result.ci_low), _number(row.result.ci_high))
        for row in answer.rows
        if row.result and row.result.value is not None
    ]  # fmt: skip


def axis_of(answer: Answer, *, until: int = 0) -> int:
    """The last day that curves of stays are drawn to; at least `until`. A few very long stays would press all the others
    against the edge, and what is drawn of the last few is chance (Pocock, Clayton and Altman, Lancet 2002).

    It is the last day before which at least 5 and 2 % of those who came were there and followed, but no later than a
    third beyond the day from which on the share stays within half a per cent of where it ends.
    """
    points = [
        (int(row.keys["day"]), row.result.n or 0, float(row.result.value))
        for row in answer.rows
        if row.result and row.result.value is not None
    ]
    if not points:
        return until
    enough = max(FEW, points[0][1] * FEW_OF_ALL)
    known = [point for point in points if point[1] >= enough] or points
    last, _at_risk, end = known[-1]
    settled = next(day for day, _at_risk, share in known if share - end <= SETTLED)
    return max(min(last, -(-settled * 4 // 3)) if settled else last, until, 1)


def longest_beyond(answer: Answer, *, axis: int) -> int | None:
    """The longest stay in days, where the axis drawn to `axis` ends before it; null where all is drawn."""
    longest = max((point.day for point in curve_of(answer)), default=0)
    return longest if longest > ticks(axis)[-1] else None


def layers_of(answer: Answer, names: Names) -> list[Layer]:
    """Where stays led, by day."""
    slots = {stage.slug: stage.colour for stage in names.stages}
    points: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for row in answer.rows:
        if row.result and row.result.value is not None:
            way = (row.keys["to"], row.labels[1])
            points.setdefault(way, []).append((int(row.keys["day"]), float(row.result.value)))
    return [Layer(label, slots.get(slug, 0), found) for (slug, label), found in points.items()]


def ways_out(answer: Answer, names: Names) -> SeriesChart:
    """Where stays had led by the last day."""
    ends = {layer.name: layer.points[-1][1] for layer in layers_of(answer, names)}
    slots = [layer.slot for layer in layers_of(answer, names)]
    series: list[Series] = [{"name": answer.name, "values": list(ends.values())}]
    return {"labels": list(ends), "series": series, "unit": unit_of(answer), "stages": slots}


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
