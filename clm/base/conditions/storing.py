"""A tree of objects as it is stored: the other way of `parse`."""

import dataclasses
from decimal import Decimal
from typing import Any as Anything

from clm.base.conditions.leaf import Condition, Detail
from clm.base.conditions.tree import All, Any, Leaf, Node, Not


def stored(node: Node) -> dict[str, Anything]:
    """Parameters that have their defaults are left out, so that equal trees are stored alike."""
    if isinstance(node, Leaf):
        return stored_leaf(node.condition)
    if isinstance(node, Not):
        return {"not": stored(node.part)}
    if isinstance(node, All | Any):
        return {"all" if isinstance(node, All) else "any": [stored(part) for part in node.parts]}
    raise TypeError(node)


def stored_leaf(condition: Condition) -> dict[str, Anything]:
    return {"condition": condition.name, "parameters": _parameters(condition)}


def _parameters(given: Condition | Detail) -> dict[str, Anything]:
    return {
        field.name: _plain(value)
        for field in dataclasses.fields(given)  # type: ignore[arg-type]
        if (value := getattr(given, field.name)) != field.default
    }


def _plain(value: Anything) -> Anything:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Detail):
        return _parameters(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
