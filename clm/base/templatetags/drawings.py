"""Small drawings made on the server: no script, sharp on paper, no inline style."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypedDict

from django import template
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from clm.base import charts

register = template.Library()
WIDTH, HEIGHT, MARGIN = 100.0, 30.0, 2.0
Point = tuple[float, float]
HEAT_TOPS = (0.1, 0.2, 0.3, 0.5)


class CohortRow(TypedDict):
    label: str
    size: int
    shares: Sequence[float | None]  # by age; None: too young to know


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """A trend line with its area; gaps where a value is missing. Decorative unless `label` is given."""
    runs = _runs(values)
    if sum(len(run) for run in runs) < 2:
        return SafeString("")
    lines = " ".join("M" + " L".join(_pair(point) for point in run) for run in runs)
    areas = " ".join(
        f"M{run[0][0]:g},{HEIGHT:g} L"
        + " L".join(_pair(point) for point in run)
        + f" L{run[-1][0]:g},{HEIGHT:g} Z"
        for run in runs
    )
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" {}>'
        '<path class="spark-area" d="{}"/><path class="spark-line" d="{}"/></svg>',
        *(f"{WIDTH:g}", f"{HEIGHT:g}", role, areas, lines),
    )


def _runs(values: Sequence[float | None]) -> list[list[Point]]:
    known = [float(value) for value in values if value is not None]
    if not known:
        return []
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = WIDTH / max(1, len(values) - 1)
    points = [
        None
        if value is None
        else (index * step, HEIGHT - MARGIN - (float(value) - low) / span * (HEIGHT - 2 * MARGIN))
        for index, value in enumerate(values)
    ]
    return [[point for point in run if point] for known, run in groupby(points, key=bool) if known]


def _pair(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


@register.simple_tag
def meter(value: float, top: float, css: str = "") -> SafeString:
    """A horizontal bar, linear from zero. The number itself must stand beside it."""
    share = 0.0 if not top else max(0.0, min(100.0, float(value) / float(top) * 100))
    return format_html(
        '<svg class="meter {}" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="4"/>'
        '<rect width="{}%" height="100%" rx="4"/></svg>',
        css,
        f"{share:.3f}",
    )


@register.filter
def heat(share: float | None, top: float = 1.0) -> str:
    """The class of a cohort cell: heat-0 .. heat-9 for a fraction of 0 .. top. None: no class."""
    return "" if share is None else f"heat-{max(0, min(9, int(float(share) / top * 10 + 1e-9)))}"


@register.simple_tag
def heat_top(rows: Iterable[CohortRow]) -> float:
    """The round share that the darkest cell stands for, so that low retention still shows its shape.

    The first age is always everybody and does not count.
    """
    shares = [float(share) for row in rows for share in list(row["shares"])[1:] if share is not None]
    return next((top for top in HEAT_TOPS if top > max(shares, default=1.0)), 1.0)


@register.simple_tag
def chart_table(kind: str, data: object) -> charts.Table:
    return charts.table_of(kind, data)


@register.simple_tag
def chart_data(chart_id: str, data: object) -> SafeString:
    return json_script(data, f"{chart_id}-data")
