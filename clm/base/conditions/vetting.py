"""What may be asked anew. What is stored may speak of things that are gone since; who saves it now is told."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any as Anything

from django.utils.translation import gettext as _

from clm.base.conditions.leaf import Condition
from clm.base.conditions.parsing import InvalidCondition, parse
from clm.base.conditions.tree import Node

Misfit = tuple[str, str]  # a parameter, such as "days" or "properties.1.value", and what is wrong with it
Misfits = Callable[[Condition], Iterable[Misfit]]
RANGES = (("at_least", "at_most"), ("first", "last"))


def vet(tree: Anything, misfits: Misfits | None = None) -> Node:
    """`parse`, for what is about to be saved. Raises InvalidCondition."""
    node = parse(tree)
    refuse_misfits(tree, node, misfits or misfits_of)
    return node


def refuse_misfits(tree: Anything, node: Node, misfits: Misfits) -> None:
    """`node` is the tree as it was parsed. Raises InvalidCondition, which names the first test that does not fit."""
    for path, leaf in zip(_paths(tree, "condition"), node.leaves(), strict=True):
        for name, reason in misfits(leaf.condition):
            place = re.sub(r"\.(\d+)", r"[\1]", name)
            raise InvalidCondition(reason, f"{path}.{leaf.condition.name}.{place}", name)


def misfits_of(condition: Condition, within: str = "") -> Iterator[Misfit]:
    yield from _upside_down(condition)
    yield from condition.misfits(within)


def _upside_down(condition: Condition) -> Iterator[Misfit]:
    fields = {field.name for field in dataclasses.fields(condition)}  # type: ignore[arg-type]
    for least, most in RANGES:
        if not {least, most} <= fields:
            continue
        low, high = getattr(condition, least), getattr(condition, most)
        if low is not None and high is not None and low > high:
            reason = _("%(most)s is less than %(least)s, so nobody fits. Exchange the two.")
            yield most, reason % {"most": high, "least": low}


def _paths(tree: Anything, path: str) -> Iterator[str]:
    """Of the leaves of a tree that can be parsed, in its order."""
    for word in ("all", "any"):
        if word in tree:
            for place, part in enumerate(tree[word]):
                yield from _paths(part, f"{path}.{word}[{place}]")
            return
    if "not" in tree:
        yield from _paths(tree["not"], f"{path}.not")
        return
    yield path
