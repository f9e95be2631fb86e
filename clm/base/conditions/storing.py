"""A tree of objects as it is stored: the other way of `parse`."""

import dataclasses
from decimal import Decimal
from typing import Any as Anything

from clm.base.conditions.leaf import Condition
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
    parameters = {
        field.name: _plain(value)
        for field in dataclasses.fields(condition)  # type: ignore[arg-type]
        if (value := getattr(condition, field.name)) != field.default
    }
    return {"condition": condition.name, "parameters": parameters}


def _plain(value: Anything) -> Anything:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
