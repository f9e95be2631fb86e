"""A model as a drawing: its stages one below the other, moves onward on the right, moves back on the left. While nobody
has moved, the rules that lead to each stage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
REACH = 34  # of an arrow by which rules lead into a box
MOST_NUMBERS = 4


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
    """`path` draws it, `tip` its arrow head; `width` is linear in the flow. An exception has a `policy` and no head."""

    path: str
    tip: str
    width: str
    colour: int
    title: str
    policy: str = ""


@dataclass(frozen=True)
class FlowLine:
    from_stage: StagePlan
    to_stage: StagePlan
    count: int


@dataclass(frozen=True)
class Way:
    """Into the stage of the box by rules, from wherever they hold: their places in the order, and all of them by name."""

    box: Box
    places: list[int]
    title: str

    @property
    def numbers(self) -> str:
        shown = ", ".join(str(place) for place in self.places[:MOST_NUMBERS])
        return shown if len(self.places) <= MOST_NUMBERS else f"{shown} …"

    @property
    def path(self) -> str:
        return f"M{LEFT - REACH:g},{self.box.middle:g} H{LEFT - 7:g}"

    @property
    def tip(self) -> str:
        middle = self.box.middle
        return f"{LEFT:g},{middle:g} {LEFT - 8:g},{middle - 4:g} {LEFT - 8:g},{middle + 4:g}"

    @property
    def text_ends(self) -> float:
        return LEFT - REACH - 5


@dataclass(frozen=True)
class Picture:
    """`ways` stand in for the arcs while there are none."""

    boxes: list[Box]
    arcs: list[Arc]
    exceptions: list[Arc]
    lines: list[FlowLine]
    total: int
    ways: list[Way]

    width, box, tall = WIDTH, BOX, TALL

    @property
    def height(self) -> int:
        return TOP * 2 + len(self.boxes) * ROW - (ROW - TALL)

    @property
    def in_words(self) -> str:
        """What the drawing shows, for those who don't see it; the table has the numbers."""
        if not self.lines:
            return " ".join(
                filter(None, [_("Nobody moved in the last twelve months."), self._ways_in_words()])
            )
        most = self.lines[0]
        return _("%(moves)s moves in the last twelve months; most, %(count)s, from %(from)s to %(to)s.") % {
            "moves": number(self.total),
            "count": number(most.count),
            "from": most.from_stage,
            "to": most.to_stage,
        }

    def _ways_in_words(self) -> str:
        told = ", ".join(f"{way.box.stage} ({', '.join(map(str, way.places))})" for way in self.ways)
        return _("By their numbers, rules lead to: %(stages)s.") % {"stages": told} if told else ""

    @property
    def policies(self) -> set[str]:
        return {arc.policy for arc in self.exceptions}


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
    ways = [] if lines else _ways(plan, boxes)
    return Picture(boxes, arcs, _exceptions(plan, boxes, places), lines, total, ways)


def _ways(plan: Blueprint, boxes: list[Box]) -> list[Way]:
    ways = []
    for box in boxes:
        rules = [(n, rule) for n, rule in enumerate(plan.rules, 1) if rule.stage == box.stage.slug]
        if rules:
            title = "\n".join(f"{place}. {plan.rule_name(rule)}" for place, rule in rules)
            ways.append(Way(box, [place for place, _rule in rules], title))
    return ways


def _flow(boxes: list[Box], places: Mapping[str, int], line: FlowLine, most: int) -> Arc:
    width = max(THINNEST, line.count / most * WIDEST)
    title = _("%(from)s to %(to)s: %(count)s") % {
        "from": line.from_stage,
        "to": line.to_stage,
        "count": number(line.count),
    }
    ends = boxes[places[line.from_stage.slug]], boxes[places[line.to_stage.slug]]
    return _arc(*ends, width, line.to_stage.colour, title)


def _exceptions(plan: Blueprint, boxes: list[Box], places: Mapping[str, int]) -> list[Arc]:
    """One line from stage to stage, drawn as the strictest of its policies; the title tells which source has which."""
    sources: dict[tuple[str, str], dict[str, list[str]]] = {}
    for move in plan.moves:
        found = sources.setdefault((move.from_stage, move.to_stage), {})
        found.setdefault(move.policy, []).append(source_label(move.source))
    arcs = []
    for (left, went), by_policy in sources.items():
        one, other = boxes[places[left]], boxes[places[went]]
        titles = [
            words % {"from": one.stage, "to": other.stage, "sources": ", ".join(by_policy[policy])}
            for policy, words in _exceptions_in_words().items()
            if policy in by_policy
        ]
        strictest = Policy.FORBIDDEN if Policy.FORBIDDEN in by_policy else Policy.WITH_REASON
        arcs.append(replace(_arc(one, other, THINNEST, 0, "\n".join(titles)), policy=strictest.value))
    return arcs


def _exceptions_in_words() -> dict[str, str]:
    return {
        Policy.FORBIDDEN.value: _("%(from)s to %(to)s: forbidden (%(sources)s)"),
        Policy.WITH_REASON.value: _("%(from)s to %(to)s: only with a reason (%(sources)s)"),
    }


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
