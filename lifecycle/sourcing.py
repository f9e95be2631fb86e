"""Which facts a rule needs, and whether there are any yet: a stage without says so instead of staying silently empty."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from clm.base.conditions import Condition, InvalidCondition, Node, parse
from clm.base.conditions.tree import All, Leaf
from clm.base.conditions.tree import Any as AnyOf
from customers.conditions import DidEvent, FieldIs, FirstSeen, RandomBucket
from lifecycle.conditions import InStage, WasInStage

# Tests that everybody passes or fails without anything having to arrive.
_WITHOUT_FACTS = (FieldIs, FirstSeen, InStage, RandomBucket, WasInStage)
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Need:
    """A kind of fact: an event's name, or what else arrives."""

    name: str
    is_event: bool
    is_here: bool


@dataclass(frozen=True)
class Sourced:
    """What a stage or component needs. `can_hold`: the facts that are here could make a rule hold."""

    needs: list[Need]
    can_hold: bool

    def __str__(self) -> str:
        """What is missing, in words; nothing where the facts suffice."""
        missing = ", ".join(need.name for need in self.needs if not need.is_here)
        return "" if self.can_hold else _("No such facts yet: %(kinds)s.") % {"kinds": missing}


class Sources:
    """What arrives in this company, as far as these stored conditions ask. One query, for all of them."""

    def __init__(self, stored: Iterable[object]) -> None:
        self._trees = {repr(tree): node for tree in stored if (node := _parsed(tree))}
        conditions = {condition for node in self._trees.values() for condition in node.conditions()}
        self._events, self._here = _look(conditions)

    def of(self, stored: Iterable[object]) -> Sourced:
        """Of rules of which one is enough."""
        nodes = [node for tree in stored if (node := self._trees.get(repr(tree)))]
        conditions = dict.fromkeys(condition for node in nodes for condition in node.conditions())
        needs = dict.fromkeys(need for condition in conditions for need in self._needs(condition))
        return Sourced(list(needs), any(self._can_hold(node) for node in nodes))

    def _needs(self, condition: Condition) -> list[Need]:
        if isinstance(condition, DidEvent):
            return [Need(name, True, name in self._events) for name in condition.names]
        if isinstance(condition, _WITHOUT_FACTS):
            return []
        return [Need(str(condition.family), False, self._here[type(condition)])]

    def _can_hold(self, node: Node) -> bool:
        if isinstance(node, Leaf):
            needs = self._needs(node.condition)
            return not needs or any(need.is_here for need in needs)
        if isinstance(node, All):
            return all(map(self._can_hold, node.parts))
        if isinstance(node, AnyOf):
            return any(map(self._can_hold, node.parts))
        return True  # what must not be is so while nothing arrives


def _parsed(tree: object) -> Node | None:
    try:
        return parse(tree)
    except InvalidCondition:
        return None


def _look(conditions: Iterable[Condition]) -> tuple[set[str], dict[type[Condition], bool]]:
    """The names of all events there are, and of other tests whether there is any fact that could turn them.

    Of events only those are looked at that came since the last look.
    """
    kinds = {type(each): each for each in conditions if not isinstance(each, (DidEvent, *_WITHOUT_FACTS))}
    facts = [each.changes(zone="UTC", known_at=None)[0].order_by().query for each in kinds.values()]
    asked = [query.sql_with_params() for query in facts]
    key = f"event-names:{connection.settings_dict['NAME']}"
    last, names = cache.get(key) or (0, set())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT max(id), array_agg(DISTINCT name){"".join(f", EXISTS({sql})" for sql, _values in asked)}
            FROM customers_event WHERE id > %s""",  # noqa: S608  # compiled by the ORM; values travel as parameters
            [*(value for _sql, values in asked for value in values), last],
        )
        newest, came, *here = cursor.fetchone()
    if newest:
        names = names | set(came)
        cache.set(key, (newest, names), KEPT_SECONDS)
    return names, dict(zip(kinds, here, strict=True))
