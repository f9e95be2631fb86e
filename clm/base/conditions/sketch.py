"""A tree of conditions while somebody works on it in a form: it may be unfinished, and knows what is wrong where.

In the form each line has a path ("0", "0.2", "0.2.1"); its values are named "<name>-<path>-<part>":
`join` for a group; `condition`, `not` and "p-<parameter>" for a test, "p-<parameter>.<place>.<its>" for its details.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base.conditions.inputs import (
    Input,
    Typed,
    Values,
    inputs_of,
    raw_values,
    typed_values,
    with_detail,
    without_detail,
)
from clm.base.conditions.parsing import MOST_LEAVES, MOST_LEVELS, InvalidCondition, parse
from clm.base.conditions.registry import offered
from clm.base.conditions.storing import stored
from clm.base.conditions.tree import Node
from clm.base.conditions.vetting import misfits_of, vet

JOINS = {
    "all": gettext_lazy("All of these hold"),
    "any": gettext_lazy("At least one of these holds"),
    "none": gettext_lazy("None of these holds"),
    "not_all": gettext_lazy("Not all of these hold"),
}
MOST_LINES = 2 * MOST_LEAVES
ROOT = "0"
GetList = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Slip:
    """`field` is the id of the input in the form of the builder so named."""

    field: str
    label: Any
    reason: str


@dataclass
class Sketch:
    """A group (with a `join` and `parts`) or a test (with a `condition`, perhaps none yet, and raw `values`)."""

    join: str = ""
    parts: "list[Sketch]" = field(default_factory=list)
    condition: str = ""
    is_not: bool = False
    values: Values = field(default_factory=dict)
    path: str = ROOT
    errors: dict[str, str] = field(default_factory=dict)
    is_new: bool = False  # just added: where typing goes on
    new_detail: str = ""  # of a test: the detail that was just added
    within: str = ""  # the draft that it is part of: see `WITHIN`

    @property
    def is_group(self) -> bool:
        return bool(self.join)

    @property
    def error(self) -> str:
        """What is wrong with the line as a whole."""
        return self.errors.get("", "")

    @property
    def level(self) -> int:
        return self.path.count(".") + 1

    @property
    def takes_groups(self) -> bool:
        """A group within it leaves a level for its tests."""
        return self.level + 2 <= MOST_LEVELS

    @cached_property
    def inputs(self) -> list[Input]:
        """Read once what is wrong is known."""
        known = offered().get(self.condition)
        typed = Typed(self.values, self.errors, self.within, self.new_detail)
        return inputs_of(known, typed) if known else []

    @property
    def has_extra(self) -> bool:
        return any(one.is_extra for one in self.inputs)

    @property
    def extra_error(self) -> bool:
        return any(one.is_extra and one.error for one in self.inputs)

    @property
    def joins(self) -> list[tuple[str, Any]]:
        return list(JOINS.items())

    def lines(self) -> "Iterator[Sketch]":
        yield self
        for part in self.parts:
            yield from part.lines()

    def numbered(self, path: str = ROOT) -> "Sketch":
        self.path = path
        for place, part in enumerate(self.parts):
            part.numbered(f"{path}.{place}")
        return self

    def part_of(self, draft: str) -> "Sketch":
        for line in self.lines():
            line.within = draft
        return self

    def tree(self) -> dict[str, Any]:
        """As it would be stored, with values as they were typed."""
        if not self.is_group:
            known = offered().get(self.condition)
            parameters = raw_values(known, self.values) if known else {}
            leaf = {"condition": self.condition, "parameters": parameters}
            return {"not": leaf} if self.is_not else leaf
        group = {"all" if self.join in ("all", "not_all") else "any": [part.tree() for part in self.parts]}
        return {"not": group} if self.join in ("none", "not_all") else group

    def checked(self) -> Node:
        """The finished tree. Raises InvalidCondition, and notes at each line what is wrong with it."""
        for line in self.lines():
            line.errors = {}
            reason = line._refusal()
            if reason:
                line.errors = {reason.parameter: capfirst(reason.reason)}
        wrong = [line for line in self.lines() if line.errors]
        if wrong:
            raise InvalidCondition(_("Complete the tests that are marked."))
        return parse(self.tree())

    def slips(self, name: str) -> "list[Slip]":
        """What was typed and can't be, of a tree that was checked; what is still to be filled in is none."""
        return [
            Slip(f"{name}-{line.path}-p-{one.name}", one.label, one.error)
            for line in self.lines()
            for asked in line.inputs
            for one in asked.within
            if one.error and one.values
        ]

    def _refusal(self) -> InvalidCondition | None:
        if self.is_group:
            return None if self.parts else InvalidCondition(_("Add a test here, or remove the group."))
        if not self.condition:
            return InvalidCondition(_("Choose a test, or remove this line."))
        try:
            vet(self.tree(), partial(misfits_of, within=self.within))
        except InvalidCondition as error:
            return error
        return None

    def worked_on(self, action: str) -> "Sketch":
        """With one change made: "test:0.1" and "group:0.1" add below a group, "remove:0.1.2" takes a line away.

        "more:0.1:properties" gives a test one more of its details, "less:0.1:properties.2" takes the third away.
        """
        verb, _colon, path = action.partition(":")
        path, _colon, detail = path.partition(":")
        lines = {line.path: line for line in self.lines()}
        if verb == "remove" and "." in path and path in lines:
            lines[path.rpartition(".")[0]].parts.remove(lines[path])
        elif verb in ("test", "group") and path in lines and lines[path].is_group and len(lines) < MOST_LINES:
            added = Sketch(is_new=True)
            if verb == "group" and lines[path].takes_groups:
                added = Sketch(join="any", parts=[added])
            lines[path].parts.append(added)
        elif verb in ("more", "less") and path in lines:
            lines[path]._detailed(verb, detail)
        return self.numbered()

    def _detailed(self, verb: str, detail: str) -> None:
        asked = {one.name: one for one in self.inputs if one.detail}
        del self.inputs  # they are others then
        key, _dot, place = detail.rpartition(".")
        if verb == "less" and key in asked and re.fullmatch("[0-9]{1,2}", place):
            self.values = without_detail(key, int(place), self.values)
        elif verb == "more" and detail in asked and asked[detail].takes_more:
            self.values = with_detail(detail, self.values)
            self.new_detail = f"{detail}.{len(asked[detail].details)}"


def blank() -> Sketch:
    return Sketch(join="all", parts=[Sketch()]).numbered()


def sketch_of(tree: Any) -> Sketch:
    """Of a stored tree; what can't be read any more becomes a line without a test."""
    if not isinstance(tree, Mapping) or not tree:
        return blank()
    sketch = _read(tree)
    return (sketch if sketch.is_group else Sketch(join="all", parts=[sketch])).numbered()


def _read(tree: Any, *, is_not: bool = False) -> Sketch:
    if not isinstance(tree, Mapping):
        return Sketch()
    if "not" in tree:
        return _read(tree["not"], is_not=not is_not)
    for word, joins in (("all", ("all", "not_all")), ("any", ("any", "none"))):
        if word in tree:
            return Sketch(join=joins[is_not], parts=[_read(part) for part in tree[word]])
    name = str(tree.get("condition", ""))
    known = offered().get(name)
    values = typed_values(known, tree.get("parameters") or {}) if known else {}
    return Sketch(condition=name, is_not=is_not, values=values)


def sketch_from(data: Mapping[str, Any], getlist: GetList, name: str) -> Sketch | None:
    """What a form sent; None when it sent nothing of this name."""
    found = re.compile(
        rf"{re.escape(name)}-(\d{{1,3}}(?:\.\d{{1,3}}){{0,8}})-(join|condition|not|p-\w+(?:\.\d{{1,2}}\.\w+)?)"
    )
    given: dict[tuple[int, ...], dict[str, list[str]]] = {}
    for key in data:
        if match := found.fullmatch(key):
            place = tuple(map(int, match[1].split(".")))
            given.setdefault(place, {})[match[2]] = [text.replace("\x00", "") for text in getlist(key)]
    lines: dict[tuple[int, ...], Sketch] = {}
    for place in sorted(given, key=lambda place: (len(place), place))[:MOST_LINES]:
        line = _line(given[place])
        if len(place) > 1 and place[:-1] not in lines:
            continue
        if len(place) > 1:
            lines[place[:-1]].parts.append(line)
        lines[place] = line
    root = lines.get((0,))
    return root.numbered() if root else None


def _line(given: Mapping[str, list[str]]) -> Sketch:
    if "join" in given:
        return Sketch(join=given["join"][-1] if given["join"][-1] in JOINS else "all")
    values = {name.removeprefix("p-"): texts for name, texts in given.items() if name.startswith("p-")}
    condition = (given.get("condition") or [""])[-1]
    return Sketch(condition=condition, is_not=bool("".join(given.get("not", []))), values=values)


def finished(sketch: Sketch) -> dict[str, Any]:
    """As it is stored. Raises InvalidCondition."""
    return stored(sketch.checked())
