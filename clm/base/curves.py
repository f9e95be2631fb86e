"""Shapes of the drawings that are made on the server: curves by day, shares stacked by day, flows between two dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

MOST_POINTS = 400
TICKS = 4
LABEL_GAP = 8.5  # per cent of the height
NODE_GAP = 1.6
Side = Literal["start", "end"]


@dataclass(frozen=True)
class Point:
    day: int
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Layer:
    """A share by day, in the colour of a stage; it holds until the next point."""

    name: str
    slot: int
    points: Sequence[tuple[int, float]]


def ticks(last: int) -> list[int]:
    """Days below the axis, evenly spaced, the last at or beyond the last point."""
    step = max(1, -(-last // TICKS))
    return [step * number for number in range(TICKS + 1)]


def stairs(points: Sequence[tuple[int, float]], *, until: int) -> list[tuple[float, float]]:
    """Corners of a step line in a box of 100 by 100, the days from left to right, shares upwards."""
    corners: list[tuple[float, float]] = []
    height = 100.0
    for day, share in _thinned(points):
        x, y = day / until * 100, (1 - share) * 100
        corners += [(x, height), (x, y)] if corners else [(x, y)]
        height = y
    return corners


def _thinned(points: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
    if len(points) <= MOST_POINTS:
        return points
    every = -(-len(points) // MOST_POINTS)
    return [*points[::every], points[-1]]


@dataclass(frozen=True)
class Flow:
    """So many from one place to another; `start` and `end` index the places on either side."""

    start: int
    end: int
    number: int
    about: str


@dataclass(frozen=True)
class Place:
    name: str
    slot: int


@dataclass(frozen=True)
class Node:
    place: Place
    side: Side
    number: int
    top: float
    height: float
    label: float  # where its text goes, kept clear of its neighbours


@dataclass(frozen=True)
class Band:
    path: str
    slot: int
    about: str


@dataclass(frozen=True)
class Alluvium:
    nodes: list[Node]
    bands: list[Band]


def alluvium(places: Sequence[Place], flows: Sequence[Flow]) -> Alluvium:
    """Places on both sides in proportion to their numbers, linear, with bands between them; empty ones left out."""
    total = sum(flow.number for flow in flows)
    if not total:
        return Alluvium([], [])
    starts = _nodes(places, flows, "start", total)
    ends = _nodes(places, flows, "end", total)
    return Alluvium([*starts.values(), *ends.values()], list(_bands(places, flows, (starts, ends))))


def _nodes(places: Sequence[Place], flows: Sequence[Flow], side: Side, total: int) -> dict[int, Node]:
    numbers: dict[int, int] = {}
    for flow in flows:
        place = flow.start if side == "start" else flow.end
        numbers[place] = numbers.get(place, 0) + flow.number
    shown = [place for place in range(len(places)) if numbers.get(place)]
    room = 100 - NODE_GAP * (len(shown) - 1)
    tops, top = [], 0.0
    for place in shown:
        tops.append(top)
        top += numbers[place] / total * room + NODE_GAP
    heights = [numbers[place] / total * room for place in shown]
    labels = _apart([top + height / 2 for top, height in zip(tops, heights, strict=True)])
    return {
        place: Node(places[place], side, numbers[place], *where)
        for place, where in zip(shown, zip(tops, heights, labels, strict=True), strict=True)
    }


def _apart(middles: list[float]) -> list[float]:
    """Texts moved down, then up, until none covers another."""
    gap = min(LABEL_GAP, 100 / max(1, len(middles)))
    for place, (above, here) in enumerate(pairwise(list(middles)), start=1):
        middles[place] = max(here, middles[place - 1] + gap, above)
    lowest = 100 - gap / 2
    for place in reversed(range(len(middles))):
        middles[place] = min(middles[place], lowest)
        lowest = middles[place] - gap
    return middles


def _bands(
    places: Sequence[Place], flows: Sequence[Flow], nodes: tuple[dict[int, Node], dict[int, Node]]
) -> list[Band]:
    starts, ends = nodes
    used = {("start", place): node.top for place, node in starts.items()}
    used |= {("end", place): node.top for place, node in ends.items()}
    found = []
    for flow in sorted((flow for flow in flows if flow.number), key=lambda flow: (flow.start, flow.end)):
        thick = flow.number / starts[flow.start].number * starts[flow.start].height
        thin = flow.number / ends[flow.end].number * ends[flow.end].height
        left, right = used["start", flow.start], used["end", flow.end]
        used["start", flow.start] += thick
        used["end", flow.end] += thin
        path = (
            f"M0,{left:.2f} C50,{left:.2f} 50,{right:.2f} 100,{right:.2f} L100,{right + thin:.2f}"
            f" C50,{right + thin:.2f} 50,{left + thick:.2f} 0,{left + thick:.2f} Z"
        )
        found.append(Band(path, places[flow.start].slot, flow.about))
    return found
