"""A model as a text file: JSON with sorted keys, one rule a block. What is exported and imported again is the same.

A file that can't be read is refused with the line and what to do there.
"""

import json
import re
from collections.abc import Callable, Iterator
from json.decoder import py_scanstring  # type: ignore[attr-defined]
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions.parsing import UNSTORABLE
from lifecycle.designing.blueprint import Blueprint, ComponentPlan, MovePlan, RulePlan, StagePlan, keyed
from lifecycle.designing.checking import BadBlueprint, Fault, Path, check

FORMAT = 1
MOST_BYTES = 1_000_000
MOST_LEVELS = 40
Json = dict[str, Any]
Lines = dict[Path, int]
STAGE = {"slug", "name", "kinds", "colour", "icon", "is_initial", "minimum_stay_days"}
WHOLE = {"format", "slug", "name", "description", "stages", "rules", "components", "moves"}


class BadFile(ValueError):
    """The file can't be read; `faults` are (line, reason), in the file's order."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = sorted(faults)
        line, reason = self.faults[0]
        super().__init__(_("Line %(line)s: %(reason)s") % {"line": line, "reason": reason})

    def told(self) -> list[str]:
        return [
            _("Line %(line)s: %(reason)s") % {"line": line, "reason": reason} for line, reason in self.faults
        ]


def render(plan: Blueprint) -> str:
    return json.dumps(document(plan), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def document(plan: Blueprint) -> Json:
    return {
        "format": FORMAT,
        "slug": plan.slug,
        "name": plan.labels,
        "description": plan.description,
        "stages": [_stage(stage) for stage in plan.stages],
        "rules": [
            {"stage": rule.stage, "name": rule.labels, "condition": rule.condition} for rule in plan.rules
        ],
        "components": [
            {"slug": one.slug, "name": one.labels, "condition": one.condition} for one in plan.components
        ],
        "moves": [
            {"from": move.from_stage, "to": move.to_stage, "source": move.source, "policy": move.policy}
            for move in plan.moves
        ],
    }


def _stage(stage: StagePlan) -> Json:
    return {
        "slug": stage.slug,
        "name": stage.labels,
        "kinds": [stage.kind, *stage.other_kinds],
        "colour": stage.colour,
        "icon": stage.icon,
        "is_initial": stage.is_initial,
        "minimum_stay_days": stage.minimum_stay,
    }


def read(text: str, before: Blueprint | None = None) -> Blueprint:
    """What it says; `before` is what it is to take the place of. Raises BadFile."""
    value, lines = _parsed(text)
    try:
        plan = plan_of(value)
        check(keyed(plan, before) if before else plan, before)
    except BadBlueprint as error:
        raise BadFile([(_line(lines, fault.path), fault.reason) for fault in error.faults]) from error
    return plan


def decoded(content: bytes) -> str:
    """The text of an uploaded file. Raises BadFile."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile([(line, _("This is not UTF-8 text. Save the file as UTF-8."))]) from error


def plan_of(value: Any) -> Blueprint:
    """The blueprint that a parsed document says; of the right shape, not yet checked. Raises BadBlueprint."""
    faults = list(_misshapen(value))
    if faults:
        raise BadBlueprint(faults)
    return Blueprint(
        value["slug"],
        value["name"],
        value.get("description", {}),
        tuple(_stage_plan(one) for one in value["stages"]),
        tuple(
            RulePlan(one["stage"], one.get("name", {}), one["condition"]) for one in value.get("rules", [])
        ),
        tuple(
            ComponentPlan(one["slug"], one["name"], one["condition"]) for one in value.get("components", [])
        ),
        tuple(
            MovePlan(one["from"], one["to"], one["source"], one["policy"]) for one in value.get("moves", [])
        ),
    )


def _stage_plan(one: Json) -> StagePlan:
    kind, *others = one["kinds"]
    return StagePlan(
        one["slug"],
        one["name"],
        kind,
        tuple(others),
        one.get("colour", 1),
        one.get("icon", ""),
        one.get("is_initial", False),
        one.get("minimum_stay_days", 0),
    )


SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "stages": (STAGE, {"slug", "name", "kinds"}),
    "rules": ({"stage", "name", "condition"}, {"stage", "condition"}),
    "components": ({"slug", "name", "condition"}, {"slug", "name", "condition"}),
    "moves": ({"from", "to", "source", "policy"}, {"from", "to", "source", "policy"}),
}


def _misshapen(value: Any) -> Iterator[Fault]:
    yield from _object(value, (), WHOLE, {"format", "slug", "name", "stages"})
    if not isinstance(value, dict):
        return
    if value.get("format", FORMAT) != FORMAT:
        yield Fault(("format",), _("Only format %(format)s can be read.") % {"format": FORMAT})
    yield from _fields(value, ())
    for part, (known, needed) in SHAPES.items():
        things = value.get(part, [])
        if not isinstance(things, list):
            yield Fault((part,), _("Expected a list in square brackets."))
            continue
        for place, one in enumerate(things):
            yield from _object(one, (part, place), known, needed)
            if isinstance(one, dict):
                yield from _fields(one, (part, place))


def _object(value: Any, path: Path, known: set[str], needed: set[str]) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, _("Expected an object in curly brackets."))
        return
    for name in value.keys() - known:
        reason = _("“%(name)s” is unknown here. Known: %(known)s.")
        yield Fault((*path, name), reason % {"name": name[:50], "known": ", ".join(sorted(known))})
    for name in sorted(needed - value.keys()):
        yield Fault(path, _("“%(name)s” is missing here; add it.") % {"name": name})


def _fields(value: Json, path: Path) -> Iterator[Fault]:
    for name, given in value.items():
        fits, cure = FITS.get(name, (_is_text, gettext_lazy("Expected text in quotation marks.")))
        if not fits(given):
            yield Fault((*path, name), str(cure))


def _is_text(given: Any) -> bool:
    return isinstance(given, str)


def _is_number(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _is_kinds(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(one, str) for one in given)


def _is_labels(given: Any) -> bool:
    return isinstance(given, dict) and all(isinstance(text, str) for text in given.values())


_NUMBER = (_is_number, gettext_lazy("Expected a whole number."))
_LABELS = (_is_labels, gettext_lazy("Expected names by language, such as {“en”: “Loyalty”}."))
_TRUTH = (lambda given: isinstance(given, bool), gettext_lazy("Expected true or false."))
_TREE = (
    lambda given: isinstance(given, dict),
    gettext_lazy("Expected a group or a test, such as {“all”: […]}."),
)
_KINDS = (_is_kinds, gettext_lazy("Expected a list of points of the shared axis, such as [“active”]."))
_LISTED = (lambda given: True, "")  # looked at by itself
FITS: dict[str, tuple[Callable[[Any], bool], Any]] = {
    "colour": _NUMBER,
    "minimum_stay_days": _NUMBER,
    "format": _NUMBER,
    "name": _LABELS,
    "description": _LABELS,
    "is_initial": _TRUTH,
    "condition": _TREE,
    "kinds": _KINDS,
    **dict.fromkeys(SHAPES, _LISTED),
}


def _parsed(text: str) -> tuple[Any, Lines]:
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise BadFile([(1, _("The file is larger than 1 MB; a model is a few kilobytes."))])
    _check_depth(text)
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        reason = _(
            "This is not JSON: look for a missing comma, quotation mark or bracket here or just before."
        )
        raise BadFile([(error.lineno, reason)]) from error
    except ValueError as error:
        raise BadFile([(1, _("A number here is too large or none at all; give an ordinary one."))]) from error
    scan = _Scan(text)
    scan.value(())
    return value, scan.lines


def _no_number(name: str) -> float:
    raise ValueError(name)


def _check_depth(text: str) -> None:
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > MOST_LEVELS:
            line = text.count("\n", 0, found.start()) + 1
            reason = _("Nested deeper than %(most)s levels; flatten it.") % {"most": MOST_LEVELS}
            raise BadFile([(line, reason)])


class _Scan:
    """The line of each value in a text that is known to be JSON. Raises BadFile for what JSON allows and we don't."""

    SPACE = re.compile(r"[ \t\n\r]*")
    SCALAR = re.compile(r"[^\s,\]}]+")

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line, self.counted = text, 0, 1, 0
        self.lines: Lines = {}

    def skip(self) -> str:
        found = self.SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.text[self.at : self.at + 1]

    def value(self, path: Path) -> None:
        begins = self.skip()
        self.lines[path] = self.line
        if begins == "{":
            self.members(path)
        elif begins == "[":
            self.items(path)
        elif begins == '"':
            self.string()
        else:
            found = self.SCALAR.match(self.text, self.at)
            self.at = found.end() if found else self.at + 1

    def string(self) -> str:
        text, self.at = py_scanstring(self.text, self.at + 1)
        if UNSTORABLE.search(text):
            raise BadFile([(self.line, _("Contains a character that can't be stored; type the text again."))])
        return str(text)

    def members(self, path: Path) -> None:
        self.at += 1
        seen: set[str] = set()
        while self.skip() != "}":
            name = self.string()
            if name in seen:
                raise BadFile(
                    [(self.line, _("“%(name)s” stands here twice; keep one.") % {"name": name[:50]})]
                )
            seen.add(name)
            self.skip()
            self.at += 1  # the colon
            self.value((*path, name))
            if self.skip() == ",":
                self.at += 1
        self.at += 1

    def items(self, path: Path) -> None:
        self.at += 1
        place = 0
        while self.skip() != "]":
            self.value((*path, place))
            place += 1
            if self.skip() == ",":
                self.at += 1
        self.at += 1


def _line(lines: Lines, path: Path) -> int:
    """Of the value there, else of what it would stand in. A test's parameters stand one level deeper than its path."""
    known: Path = ()
    for step in path:
        deeper = next(
            (each for each in ((*known, step), (*known, "parameters", step)) if each in lines), None
        )
        known = deeper or known
    return lines[known]
