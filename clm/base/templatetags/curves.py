"""Drawings of curves and flows: SVG from the server, numbers as HTML beside it, so that text keeps its size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clm.base.curves import Alluvium, Layer, Point, stairs, ticks
from clm.base.templatetags.formats import number

register = template.Library()
LONGEST_NAME = 18


@register.inclusion_tag("base/_curve.html")
def curve(
    points: Sequence[Point], label: str, mark: int | None = None, end: int | None = None
) -> dict[str, Any]:
    """A share by day with its band; `mark` is a day to point at, such as the median. Drawn to the day `end`, or to all."""
    days = ticks(end or max((point.day for point in points), default=1))
    until = days[-1]
    shown = [point for point in points if point.day <= until]
    if 0 < len(shown) < len(points):  # the share stays as it is until the next day on which somebody left
        shown.append(replace(shown[-1], day=until))
    points = shown
    line = stairs([(point.day, point.share) for point in points], until=until)
    known = [point for point in points if point.low is not None and point.high is not None]
    upper = stairs([(point.day, point.high or 0) for point in known], until=until)
    lower = stairs([(point.day, point.low or 0) for point in known], until=until)
    marked = (
        format_html('<path class="curve-mark" d="M{0},50 V100 M0,50 H{0}"/>', f"{mark / until * 100:.2f}")
        if mark is not None
        else SafeString("")
    )
    drawn = format_html(
        '<path class="curve-band" d="{}"/><path class="curve-line" d="{}"/>{}',
        _closed(upper, lower) if known else "",
        _path(line),
        marked,
    )
    return {"drawn": drawn, "days": days, "label": label}


@register.inclusion_tag("base/_curve.html")
def stack(layers: Sequence[Layer], label: str, end: int | None = None) -> dict[str, Any]:
    """Shares that add up, each in its stage's colour, from the bottom up; what is left is white. `end` as above."""
    every = sorted({day for layer in layers for day, _share in layer.points})
    days = ticks(end or max(every, default=1))
    every = [day for day in every if day <= days[-1]] or [0]
    below, areas = dict.fromkeys(every, 0.0), []
    for layer in layers:
        above = {day: below[day] + share for day, share in _filled(layer, every).items()}
        edges = [stairs(_held(edge, days[-1]), until=days[-1]) for edge in (above, below)]
        areas.append((layer.slot, _closed(*edges), layer.name))
        below = above
    drawn = format_html_join("", '<path class="stack-area stage-{}" d="{}"><title>{}</title></path>', areas)
    return {"drawn": drawn, "days": days, "label": label}


def _held(edge: dict[int, float], until: int) -> list[tuple[int, float]]:
    """The last share stays as it is until the end of the drawing."""
    points = sorted(edge.items())
    return [*points, (until, points[-1][1])]


def _filled(layer: Layer, days: Sequence[int]) -> dict[int, float]:
    """The share on every day; between its points it stays as it was."""
    points, share, found = dict(layer.points), 0.0, {}
    for day in days:
        share = points.get(day, share)
        found[day] = share
    return found


@register.simple_tag
def alluvial(flows: Alluvium, label: str) -> SafeString:
    texts = format_html_join(
        "",
        '<text class="flow-name" x="{}" y="{}%" text-anchor="{}"><tspan x="{}">{}</tspan>'
        '<tspan class="flow-number" x="{}" dy="1.15em">{}</tspan></text>',
        (
            (x, f"{node.label - 1.2:.2f}", anchor, x, _short(node.place.name), x, number(node.number))
            for node in flows.nodes
            for x, anchor in [("27%", "end") if node.side == "start" else ("73%", "start")]
        ),
    )
    nodes = format_html_join(
        "",
        '<rect class="flow-node stage-{}" x="{}" y="{}" width="2" height="{}"><title>{}: {}</title></rect>',
        (
            (node.place.slot, 0 if node.side == "start" else 98, f"{node.top:.2f}", f"{node.height:.2f}",
             node.place.name, node.number)
            for node in flows.nodes
        ),
    )  # fmt: skip
    bands = format_html_join(
        "",
        '<path class="flow-band stage-{}" d="{}"><title>{}</title></path>',
        ((band.slot, band.path, band.about) for band in flows.bands),
    )
    return format_html(
        '<svg class="alluvial" role="img" aria-label="{}">{}<svg x="29%" width="42%" height="100%"'
        ' viewBox="0 0 100 100" preserveAspectRatio="none">{}{}</svg></svg>',
        label,
        texts,
        bands,
        nodes,
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in corners) if corners else ""


def _closed(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> str:
    return f"{_path(upper)} L{' L'.join(f'{x:.2f},{y:.2f}' for x, y in reversed(lower))} Z" if upper else ""
