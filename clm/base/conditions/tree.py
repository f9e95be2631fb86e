from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any as Anything

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from clm.base.conditions.asking import truths_for
from clm.base.conditions.leaf import Asked, Condition, Evidence


@dataclass(frozen=True)
class Verdict:
    """Whether a part of a tree holds for one customer, and why."""

    holds: bool
    sentence: str
    evidence: Evidence | None = None
    parts: Sequence["Verdict"] = ()
    any_of: bool = False  # one of the parts is enough
    opposite: "Verdict | None" = None  # what this one denies

    def missing(self) -> list["Verdict"]:
        """The leaves that would have to change for the whole to hold."""
        if self.holds:
            return []
        if not self.parts:
            return [self]
        return [leaf for part in self.parts for leaf in part.missing()]

    def leaves(self) -> list["Verdict"]:
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]

    @property
    def is_compound(self) -> bool:
        return len(self.parts) > 1 or any(part.is_compound for part in self.parts)

    def denied(self) -> "Verdict":
        """The contrary, down to the leaves: each tells what there is. Not all of several is one of them not."""
        if self.opposite:
            return self.opposite
        return Verdict(
            not self.holds,
            _not(_in_brackets(self.sentence) if self.is_compound else self.sentence),
            replace(self.evidence, missing="") if self.evidence else None,
            parts=[part.denied() for part in self.parts],
            any_of=not self.any_of,
            opposite=self,
        )


def _not(sentence: str) -> str:
    return _("not: %(sentence)s") % {"sentence": sentence}


def _in_brackets(sentence: str) -> str:
    return f"({sentence})"


class Node(ABC):
    @abstractmethod
    def to_q(self, asked: Asked) -> Q: ...

    @abstractmethod
    def leaves(self) -> Iterator["Leaf"]: ...

    @abstractmethod
    def sentence(self) -> str: ...

    @abstractmethod
    def holds(self, truths: dict[Condition, bool]) -> bool:
        """The tree's truth from that of its leaves."""

    @abstractmethod
    def verdict(self, truths: dict[Condition, bool], customer: Model, asked: Asked) -> Verdict: ...

    def conditions(self) -> list[Condition]:
        """The distinct conditions of the tree, in order."""
        return list(dict.fromkeys(leaf.condition for leaf in self.leaves()))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Anything, Anything]]:
        """Every instant at which the truth of a leaf may change, as (customer_id, at)."""
        found: list[QuerySet[Anything, Anything]] = []
        for condition in self.conditions():
            found += condition.changes(zone=zone, known_at=known_at)
            found += [leaving.moments(zone) for leaving in condition.leavings(known_at=known_at)]
        return found

    def redefined_at(self) -> datetime | None:
        """When what a leaf rests on, besides facts, last changed."""
        changed = (condition.redefined_at() for condition in self.conditions())
        return max(filter(None, changed), default=None)

    def explain(self, customers: QuerySet[Anything, Anything], asked: Asked) -> Verdict | None:
        """Why, for the one customer in `customers`; none when nobody is."""
        customer = customers.first()
        return None if customer is None else self.explain_of(customer, asked)

    def explain_of(self, customer: Model, asked: Asked) -> Verdict:
        """One query for the truth of all leaves, then their evidence."""
        return self.verdict(truths_for(customer, self.conditions(), asked), customer, asked)


@dataclass(frozen=True)
class Leaf(Node):
    condition: Condition

    def to_q(self, asked: Asked) -> Q:
        return self.condition.to_q(asked)

    def leaves(self) -> Iterator["Leaf"]:
        yield self

    def sentence(self) -> str:
        return self.condition.sentence()

    def holds(self, truths: dict[Condition, bool]) -> bool:
        return truths[self.condition]

    def verdict(self, truths: dict[Condition, bool], customer: Model, asked: Asked) -> Verdict:
        holds = truths[self.condition]
        evidence = self.condition.evidence(customer, asked, holds=holds)
        return Verdict(holds, self.sentence(), replace(evidence, missing="") if holds else evidence)


@dataclass(frozen=True)
class Not(Node):
    part: Node

    def to_q(self, asked: Asked) -> Q:
        return ~self.part.to_q(asked)

    def leaves(self) -> Iterator[Leaf]:
        return self.part.leaves()

    def sentence(self) -> str:
        return _not(_bracketed(self.part))

    def holds(self, truths: dict[Condition, bool]) -> bool:
        return not self.part.holds(truths)

    def verdict(self, truths: dict[Condition, bool], customer: Model, asked: Asked) -> Verdict:
        return self.part.verdict(truths, customer, asked).denied()


@dataclass(frozen=True)
class _Group(Node):
    parts: tuple[Node, ...]

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()

    def _joined(self, word: str) -> str:
        if len(self.parts) == 1:
            return self.parts[0].sentence()
        return f" {word} ".join(_bracketed(part) for part in self.parts)

    def verdict(self, truths: dict[Condition, bool], customer: Model, asked: Asked) -> Verdict:
        parts = [part.verdict(truths, customer, asked) for part in self.parts]
        return Verdict(self.holds(truths), self.sentence(), parts=parts, any_of=isinstance(self, Any))


def _bracketed(node: Node) -> str:
    return _in_brackets(node.sentence()) if _is_compound(node) else node.sentence()


def _is_compound(node: Node) -> bool:
    """Several tests, so that a sentence around it needs brackets."""
    if isinstance(node, _Group):
        return len(node.parts) > 1 or _is_compound(node.parts[0])
    return isinstance(node, Not) and _is_compound(node.part)


class All(_Group):
    def to_q(self, asked: Asked) -> Q:
        return reduce(and_, (part.to_q(asked) for part in self.parts))

    def sentence(self) -> str:
        return self._joined(_("and"))

    def holds(self, truths: dict[Condition, bool]) -> bool:
        return all(part.holds(truths) for part in self.parts)


class Any(_Group):
    def to_q(self, asked: Asked) -> Q:
        return reduce(or_, (part.to_q(asked) for part in self.parts))

    def sentence(self) -> str:
        return self._joined(_("or"))

    def holds(self, truths: dict[Condition, bool]) -> bool:
        return any(part.holds(truths) for part in self.parts)
