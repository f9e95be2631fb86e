"""A model as a drawing: its stages one below the other, moves onward on the right, moves back on the left."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clm.base.templatetags.formats import number
from lifecycle.designing.blueprint import Blueprint, StagePlan
from lifecycle.designing.difference import source_label
from lifecycle.flows import Flows
from lifecycle.models import Policy

WIDTH, ROW, BOX, TALL, TOP = 360, 56, 144, 36, 8
LEFT, RIGHT = (WIDTH - BOX) / 2, (WIDTH + BOX) / 2
WIDEST, THINNEST = 9.0, 0.75
LEAST_SHARE = 0.005  # smaller flows are in the table only
LONGEST = 19
APART = 6


@dataclass(frozen=True)
class Box:
    stage: StagePlan
    place: int
    customers: int

    @property
    def y(self) -> int:
        return TOP + self.place * ROW

    @property
    def x(self) -> float:
        return LEFT

    @property
    def middle(self) -> float:
        return self.y + TALL / 2

    @property
    def name(self) -> str:
        name = str(self.stage)
        return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


@dataclass(frozen=True)
class Arc:
    """`path` draws it, `tip` its arrow head; `width` is linear in the flow, 0 for a forbidden move nobody makes."""

    path: str
    tip: str
    width: str
    colour: int
    title: str


@dataclass(frozen=True)
class FlowLine:
    from_stage: StagePlan
    to_stage: StagePlan
    count: int


@dataclass(frozen=True)
class Picture:
    boxes: list[Box]
    arcs: list[Arc]
    forbidden: list[Arc]
    lines: list[FlowLine]
    total: int

    width, box, tall = WIDTH, BOX, TALL

    @property
    def height(self) -> int:
        return TOP * 2 + len(self.boxes) * ROW - (ROW - TALL)

    @property
    def in_words(self) -> str:
        """What the drawing shows, for those who don't see it; the table has the numbers."""
        if not self.lines:
            return _("Nobody moved in the last twelve months.")
        most = self.lines[0]
        return _("%(moves)s moves in the last twelve months; most, %(count)s, from %(from)s to %(to)s.") % {
            "moves": number(self.total),
            "count": number(most.count),
            "from": most.from_stage,
            "to": most.to_stage,
        }


def picture_of(plan: Blueprint, flows: Flows, customers: Mapping[str, int]) -> Picture:
    places = {stage.slug: place for place, stage in enumerate(plan.stages)}
    boxes = [Box(stage, place, customers.get(stage.slug, 0)) for place, stage in enumerate(plan.stages)]
    lines = [
        FlowLine(boxes[places[left]].stage, boxes[places[went]].stage, count)
        for (left, went), count in sorted(flows.items(), key=lambda flow: -flow[1])
        if left in places and went in places
    ]
    total = sum(line.count for line in lines)
    most = max((line.count for line in lines), default=1)
    drawn = [line for line in lines if line.count >= total * LEAST_SHARE]
    arcs = [_flow(boxes, places, line, most) for line in reversed(drawn)]
    return Picture(boxes, arcs, _forbidden(plan, boxes, places), lines, total)


def _flow(boxes: list[Box], places: Mapping[str, int], line: FlowLine, most: int) -> Arc:
    width = max(THINNEST, line.count / most * WIDEST)
    title = _("%(from)s to %(to)s: %(count)s") % {
        "from": line.from_stage,
        "to": line.to_stage,
        "count": number(line.count),
    }
    ends = boxes[places[line.from_stage.slug]], boxes[places[line.to_stage.slug]]
    return _arc(*ends, width, line.to_stage.colour, title)


def _forbidden(plan: Blueprint, boxes: list[Box], places: Mapping[str, int]) -> list[Arc]:
    barred: dict[tuple[str, str], list[str]] = {}
    for move in plan.moves:
        if move.policy == Policy.FORBIDDEN:
            barred.setdefault((move.from_stage, move.to_stage), []).append(source_label(move.source))
    arcs = []
    for (left, went), sources in barred.items():
        one, other = boxes[places[left]], boxes[places[went]]
        words = {"from": one.stage, "to": other.stage, "sources": ", ".join(sources)}
        title = _("%(from)s to %(to)s: forbidden (%(sources)s)") % words
        arcs.append(_arc(one, other, THINNEST, 0, title))
    return arcs


def _arc(one: Box, other: Box, width: float, colour: int, title: str) -> Arc:
    """From the side of one box round to the same side of the other: on the right downwards, on the left upwards."""
    far = other.place - one.place
    side, direction = (RIGHT, 1) if far > 0 else (LEFT, -1)
    begins, ends = one.middle + APART * direction, other.middle - APART * direction
    bow = side + direction * min(18 + 13 * abs(far), LEFT - 4) * 1.25
    head = side + direction * 7
    path = f"M{side:g},{begins:g} C{bow:g},{begins:g} {bow:g},{ends:g} {head:g},{ends:g}"
    reach = 3 + width / 2
    tip = f"{side:g},{ends:g} {head + direction:g},{ends - reach:g} {head + direction:g},{ends + reach:g}"
    return Arc(path, tip, f"{width:.2f}", colour, title)
