"""The shapes that `<c-chart>` draws, and each as a table: what a screen reader, a printer and a doubter read."""

from typing import Any, Literal, NotRequired, TypedDict

from django.utils.translation import gettext as _

from clm.base.templatetags.formats import measure

Kind = Literal["bar", "line", "sankey", "heatmap"]


class Series(TypedDict):
    name: str
    values: list[float | None]
    stage: NotRequired[int]  # colour slot 0..12; without it, slots in turn (one series alone: the accent)
    provisional: NotRequired[bool]


class SeriesChart(TypedDict):
    """Bars and lines. `unit`: number, count, percent (values are fractions), days, points, or an ISO currency."""

    labels: list[str]
    series: list[Series]
    unit: str
    stages: NotRequired[list[int]]  # a colour slot for each label
    hrefs: NotRequired[list[str]]  # where a click on a label's bar goes
    horizontal: NotRequired[bool]  # bars lie unless False
    stacked: NotRequired[bool]
    zoomed: NotRequired[bool]  # a line's axis need not start at zero


class FlowStage(TypedDict):
    name: str
    slot: NotRequired[int]


class Flow(TypedDict):
    """From stage `source` at periods[period] to stage `target` at periods[period + 1]; both index `stages`."""

    period: int
    source: int
    target: int
    value: float
    href: NotRequired[str]


class FlowChart(TypedDict):
    """Sankey. Flows under half a per cent are not drawn, but stand in the table."""

    stages: list[FlowStage]
    periods: list[str]
    flows: list[Flow]
    unit: str


class HeatChart(TypedDict):
    labels: list[str]
    row_labels: list[str]
    rows: list[list[float | None]]
    unit: str


class Table(TypedDict):
    head: list[str]
    text_columns: int  # the columns after these hold numbers
    rows: list[list[str]]


def table_of(kind: str, data: Any) -> Table:
    """The chart's numbers as text in the reader's language; the first column heads the row."""
    if kind == "sankey":
        return _flow_table(data)
    return _heat_table(data) if kind == "heatmap" else _series_table(data)


def _series_table(data: SeriesChart) -> Table:
    rows = zip(data["labels"], *(series["values"] for series in data["series"]), strict=True)
    return {
        "head": ["", *(series["name"] for series in data["series"])],
        "text_columns": 1,
        "rows": [[label, *(measure(value, data["unit"]) for value in values)] for label, *values in rows],
    }


def _flow_table(data: FlowChart) -> Table:
    stages, periods = data["stages"], data["periods"]
    return {
        "head": [_("From"), _("To"), _("Customers")],
        "text_columns": 2,
        "rows": [
            [
                f"{stages[flow['source']]['name']}, {periods[flow['period']]}",
                f"{stages[flow['target']]['name']}, {periods[flow['period'] + 1]}",
                measure(flow["value"], data["unit"]),
            ]
            for flow in data["flows"]
        ],
    }


def _heat_table(data: HeatChart) -> Table:
    rows = zip(data["row_labels"], data["rows"], strict=True)
    return {
        "head": ["", *data["labels"]],
        "text_columns": 1,
        "rows": [[label, *(measure(value, data["unit"]) for value in values)] for label, values in rows],
    }
