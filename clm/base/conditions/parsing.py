import dataclasses
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any as Anything
from typing import TypeVar, get_type_hints

from django.utils.translation import gettext as _

from clm.base.conditions.leaf import Condition, Detail, Parameters
from clm.base.conditions.registry import offered
from clm.base.conditions.tree import All, Any, Leaf, Node, Not

MOST_LEVELS = 5
MOST_LEAVES = 50
MOST_TEXTS = 200
LONGEST_TEXT = 500
LARGEST = 10**12
DECIMALS = 4  # of amounts
Built = TypeVar("Built", bound=Parameters)
# NUL and lone surrogates: JSON may hold them, PostgreSQL does not.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class InvalidCondition(ValueError):
    """A tree that can't be used; the message names the leaf (by its path) and the cure.

    `place` is that path, `reason` the message without it; `parameter` the leaf's parameter, when it is one's fault.
    """

    def __init__(self, reason: str, place: str = "", parameter: str = "") -> None:
        self.reason, self.place, self.parameter = reason, place, parameter
        super().__init__(_("%(place)s: %(reason)s") % {"place": place, "reason": reason} if place else reason)


def parse(tree: Anything) -> Node:
    """A stored tree as objects. Raises InvalidCondition."""
    node = _node(tree, "condition", level=1)
    if sum(1 for _leaf in node.leaves()) > MOST_LEAVES:
        raise InvalidCondition(_("A condition has at most %(most)s tests; split it.") % {"most": MOST_LEAVES})
    return node


def _node(tree: Anything, path: str, *, level: int) -> Node:
    if level > MOST_LEVELS:
        reason = _("groups are nested deeper than %(most)s levels; flatten them.") % {"most": MOST_LEVELS}
        raise InvalidCondition(reason, path)
    if not isinstance(tree, dict):
        raise InvalidCondition(_("expected a group or a test, such as {“all”: […]}."), path)
    if set(tree) == {"all"} or set(tree) == {"any"}:
        return _group(next(iter(tree)), tree, path, level)
    if set(tree) == {"not"}:
        return Not(_node(tree["not"], f"{path}.not", level=level + _is_not(tree["not"])))
    return Leaf(_leaf(tree, path))


def _is_not(tree: Anything) -> bool:
    """Turning a group or test round is no level of its own; turning it round twice is."""
    return isinstance(tree, dict) and set(tree) == {"not"}


def _group(word: str, tree: dict[str, Anything], path: str, level: int) -> Node:
    parts = tree[word]
    if not isinstance(parts, list) or not parts:
        raise InvalidCondition(_("give at least one test."), f"{path}.{word}")
    nodes = tuple(_node(part, f"{path}.{word}[{index}]", level=level + 1) for index, part in enumerate(parts))
    return All(nodes) if word == "all" else Any(nodes)


def _leaf(tree: dict[str, Anything], path: str) -> Condition:
    unknown = set(tree) - {"condition", "parameters"}
    name = tree.get("condition")
    if unknown or not isinstance(name, str):
        raise InvalidCondition(_("expected “condition” and “parameters”."), path)
    if name not in offered():
        raise InvalidCondition(
            _("there is no condition “%(name)s”. Known: %(known)s.")
            % {"name": name, "known": ", ".join(sorted(offered()))},
            path,
        )
    parameters = tree.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise InvalidCondition(_("expected an object."), f"{path}.parameters")
    return _build(offered()[name], parameters, f"{path}.{name}")


def _build(kind: type[Built], parameters: dict[str, Anything], path: str, within: str = "") -> Built:
    """`within` stands before the names of the parameters of a detail: "properties.0."."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    for name in parameters:
        if name not in fields:
            raise InvalidCondition(
                _("unknown parameter “%(name)s”. Known: %(known)s.")
                % {"name": name, "known": ", ".join(fields)},
                path,
            )
    values = {}
    for name, field in fields.items():
        if name in parameters and parameters[name] is not None:
            try:
                values[name] = _given(parameters[name], hints[name], field.metadata, f"{path}.{name}", name)
            except Unfit as error:
                raise InvalidCondition(str(error), f"{path}.{name}", f"{within}{name}") from error
        elif field.default is dataclasses.MISSING:
            raise InvalidCondition(_("is required."), f"{path}.{name}", f"{within}{name}")
    return kind(**values)


def _given(
    raw: Anything, hint: Anything, described: Mapping[str, Anything], path: str, name: str
) -> Anything:
    kind = described["details"]
    if kind is None:
        return _value(raw, hint, described)
    if not isinstance(raw, list | tuple) or not all(isinstance(one, dict) for one in raw):
        raise Unfit(_("expected a list of objects."))
    if len(raw) > described["maximum"]:
        raise Unfit(_("has at most %(most)s entries.") % {"most": described["maximum"]})
    return tuple(_detail(kind, one, f"{path}[{place}]", f"{name}.{place}") for place, one in enumerate(raw))


def _detail(kind: type[Detail], raw: dict[str, Anything], path: str, name: str) -> Detail:
    try:
        return _build(kind, {key: in_text(value) for key, value in raw.items()}, path, f"{name}.")
    except InvalidCondition as error:
        if error.place:
            raise
        place = f"{path}.{error.parameter}"
        raise InvalidCondition(error.reason, place, f"{name}.{error.parameter}") from error


def in_text(raw: Anything) -> Anything:
    """A plain value of JSON as PostgreSQL reads it out as text; of a list each one."""
    return [_plain_text(one) for one in raw] if isinstance(raw, list) else _plain_text(raw)


def _plain_text(raw: Anything) -> Anything:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float):
        return f"{Decimal(str(raw)):f}"
    return raw


class Unfit(ValueError):
    """A value that a parameter can't have; says why."""


def _value(raw: Anything, hint: Anything, described: Mapping[str, Anything]) -> Anything:
    wanted, value = str(hint), raw
    if "tuple" in wanted:
        value = _texts(raw)
    elif "Decimal" in wanted:
        value = decimal_of(raw)
    elif "int" in wanted:
        value = _integer(raw)
    elif isinstance(raw, str | int | float | bool):
        value = _text(str(raw))
    else:
        raise Unfit(_("expected text."))
    _check_bounds(value, described)
    return value


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unfit(_("has at most %(most)s characters.") % {"most": LONGEST_TEXT})
    if UNSTORABLE.search(text):
        raise Unfit(_("contains a character that can't be stored; type it again."))
    return text


def _texts(raw: Anything) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not raw or not all(isinstance(item, str) for item in raw):
        raise Unfit(_("expected a list of texts with at least one entry."))
    if len(raw) > MOST_TEXTS:
        raise Unfit(_("has at most %(most)s entries.") % {"most": MOST_TEXTS})
    return tuple(_text(item) for item in raw)


def _integer(raw: Anything) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise Unfit(_("expected a whole number."))
    try:
        number = int(raw)
    except ValueError as error:
        raise Unfit(_("expected a whole number.")) from error
    if abs(number) > LARGEST:
        raise Unfit(_("this number is too large."))
    return number


def decimal_of(raw: Anything) -> Decimal:
    """As amounts are kept. Raises Unfit."""
    value = number_of(raw, largest=LARGEST)
    if value != round(value, DECIMALS):
        raise Unfit(_("At most four decimals are kept. Round the number first."))
    return value


def number_of(raw: Anything, *, largest: int) -> Decimal:
    """Raises Unfit."""
    try:
        value = Decimal(str(raw))
    except InvalidOperation as error:
        raise Unfit(_("expected a number.")) from error
    if not value.is_finite():
        raise Unfit(_("expected a number."))
    if value.copy_abs() > largest:  # `abs` has a largest number of its own
        raise Unfit(_("this number is too large."))
    return value or Decimal(0)  # whatever the exponent of a zero is


def _check_bounds(value: Anything, described: Mapping[str, Anything]) -> None:
    minimum, maximum, choices = described.get("minimum"), described.get("maximum"), described.get("choices")
    if minimum is not None and value < minimum:
        raise Unfit(_("is at least %(bound)s.") % {"bound": minimum})
    if maximum is not None and value > maximum:
        raise Unfit(_("is at most %(bound)s.") % {"bound": maximum})
    chosen = value if isinstance(value, tuple) else (value,)
    known = list(choices()) if choices else []
    if choices and not set(chosen) <= set(known):
        raise Unfit(_("choose from %(known)s.") % {"known": ", ".join(map(str, known))})
