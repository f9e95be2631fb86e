import dataclasses
from decimal import Decimal, InvalidOperation
from typing import Any as Anything
from typing import get_type_hints

from django.utils.translation import gettext as _

from clm.base.conditions.leaf import Condition
from clm.base.conditions.registry import offered
from clm.base.conditions.tree import All, Any, Leaf, Node, Not

MOST_LEVELS = 5
MOST_LEAVES = 50


class InvalidCondition(ValueError):
    """A tree that can't be used; the message names the leaf (by its path) and the cure."""


def parse(tree: Anything) -> Node:
    """A stored tree as objects. Raises InvalidCondition."""
    node = _node(tree, "condition", level=1)
    if sum(1 for _leaf in node.leaves()) > MOST_LEAVES:
        raise InvalidCondition(_("A condition has at most %(most)s tests; split it.") % {"most": MOST_LEAVES})
    return node


def _node(tree: Anything, path: str, *, level: int) -> Node:
    if level > MOST_LEVELS:
        raise InvalidCondition(
            _("%(path)s: groups are nested deeper than %(most)s levels; flatten them.")
            % {"path": path, "most": MOST_LEVELS}
        )
    if not isinstance(tree, dict):
        raise InvalidCondition(
            _("%(path)s: expected a group or a test, such as {“all”: […]}.") % {"path": path}
        )
    if set(tree) == {"all"} or set(tree) == {"any"}:
        return _group(next(iter(tree)), tree, path, level)
    if set(tree) == {"not"}:
        return Not(_node(tree["not"], f"{path}.not", level=level + 1))
    return Leaf(_leaf(tree, path))


def _group(word: str, tree: dict[str, Anything], path: str, level: int) -> Node:
    parts = tree[word]
    if not isinstance(parts, list) or not parts:
        raise InvalidCondition(_("%(path)s.%(word)s: give at least one test.") % {"path": path, "word": word})
    nodes = tuple(_node(part, f"{path}.{word}[{index}]", level=level + 1) for index, part in enumerate(parts))
    return All(nodes) if word == "all" else Any(nodes)


def _leaf(tree: dict[str, Anything], path: str) -> Condition:
    unknown = set(tree) - {"condition", "parameters"}
    name = tree.get("condition")
    if unknown or not isinstance(name, str):
        raise InvalidCondition(_("%(path)s: expected “condition” and “parameters”.") % {"path": path})
    if name not in offered():
        raise InvalidCondition(
            _("%(path)s: there is no condition “%(name)s”. Known: %(known)s.")
            % {"path": path, "name": name, "known": ", ".join(sorted(offered()))}
        )
    parameters = tree.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise InvalidCondition(_("%(path)s.parameters: expected an object.") % {"path": path})
    return _build(offered()[name], parameters, f"{path}.{name}")


def _build(condition: type[Condition], parameters: dict[str, Anything], path: str) -> Condition:
    fields = {field.name: field for field in dataclasses.fields(condition)}  # type: ignore[arg-type]
    hints = get_type_hints(condition)
    for name in parameters:
        if name not in fields:
            raise InvalidCondition(
                _("%(path)s: unknown parameter “%(name)s”. Known: %(known)s.")
                % {"path": path, "name": name, "known": ", ".join(fields)}
            )
    values = {}
    for name, field in fields.items():
        if name in parameters and parameters[name] is not None:
            values[name] = _value(parameters[name], hints[name], field, f"{path}.{name}")
        elif field.default is dataclasses.MISSING:
            raise InvalidCondition(_("%(path)s.%(name)s: is required.") % {"path": path, "name": name})
    return condition(**values)


def _value(raw: Anything, hint: Anything, field: "dataclasses.Field[Anything]", path: str) -> Anything:
    wanted, value = str(hint), raw
    if "tuple" in wanted:
        value = _texts(raw, path)
    elif "Decimal" in wanted:
        value = _decimal(raw, path)
    elif "int" in wanted:
        value = _integer(raw, path)
    elif isinstance(raw, str | int | float | bool):
        value = str(raw)
    else:
        raise InvalidCondition(_("%(path)s: expected text.") % {"path": path})
    _check_bounds(value, field.metadata, path)
    return value


def _texts(raw: Anything, path: str) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not raw or not all(isinstance(item, str) for item in raw):
        raise InvalidCondition(
            _("%(path)s: expected a list of texts with at least one entry.") % {"path": path}
        )
    return tuple(raw)


def _integer(raw: Anything, path: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise InvalidCondition(_("%(path)s: expected a whole number.") % {"path": path})
    try:
        return int(raw)
    except ValueError as error:
        raise InvalidCondition(_("%(path)s: expected a whole number.") % {"path": path}) from error


def _decimal(raw: Anything, path: str) -> Decimal:
    try:
        value = Decimal(str(raw))
    except InvalidOperation as error:
        raise InvalidCondition(_("%(path)s: expected a number.") % {"path": path}) from error
    if not value.is_finite():
        raise InvalidCondition(_("%(path)s: expected a number.") % {"path": path})
    return value


def _check_bounds(value: Anything, described: Anything, path: str) -> None:
    minimum, maximum, choices = described.get("minimum"), described.get("maximum"), described.get("choices")
    if minimum is not None and value < minimum:
        raise InvalidCondition(_("%(path)s: is at least %(bound)s.") % {"path": path, "bound": minimum})
    if maximum is not None and value > maximum:
        raise InvalidCondition(_("%(path)s: is at most %(bound)s.") % {"path": path, "bound": maximum})
    chosen = value if isinstance(value, tuple) else (value,)
    known = list(choices()) if choices else []
    if choices and not set(chosen) <= set(known):
        raise InvalidCondition(
            _("%(path)s: choose from %(known)s.") % {"path": path, "known": ", ".join(map(str, known))}
        )
