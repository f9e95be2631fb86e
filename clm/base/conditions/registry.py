from typing import TypeVar

from clm.base.conditions.leaf import Condition

_conditions: dict[str, type[Condition]] = {}
C = TypeVar("C", bound=type[Condition])


def offer(condition: C) -> C:
    """Class decorator: make a condition available in rules and segments under its name, for ever."""
    _conditions[condition.name] = condition
    return condition


def offered() -> dict[str, type[Condition]]:
    return _conditions
