"""Pairs of rules that would send the same customer back and forth, a move a day, found before they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from django.utils.translation import gettext as _

from clm.base.conditions import Condition, InvalidCondition, Node, parse
from lifecycle.conditions import InStage
from lifecycle.designing.blueprint import Blueprint, RulePlan

# So many other tests are tried in every combination; any further ones are taken to hold.
MOST_TRIED = 8
Truths = dict[Condition, bool]


@dataclass(frozen=True)
class _Rule:
    plan: RulePlan
    tree: Node

    def holds(self, stage: str, model: str, others: Truths) -> bool:
        """For somebody who entered the stage yesterday."""
        own = {one: stage in one.stages and one.for_days <= 1 for one in _own(self.tree, model)}
        return self.tree.holds(others | own)


def chases(plan: Blueprint) -> list[str]:
    """A sentence for each pair. Rules further up may keep the two from meeting, so it is no fault."""
    return [
        _(
            "“%(one)s” and “%(other)s” may send the same customers back and forth between %(here)s and %(there)s,"
            " a move a day, until they are parked. Let one of them ask for facts that the other excludes."
        )
        % {
            "one": plan.rule_name(one),
            "other": plan.rule_name(other),
            "here": plan.stage(one.stage) or one.stage,
            "there": plan.stage(other.stage) or other.stage,
        }
        for one, other in _pairs(plan)
    ]


def _pairs(plan: Blueprint) -> Iterator[tuple[RulePlan, RulePlan]]:
    for one, other in combinations(_readable(plan), 2):
        asks = _own(one.tree, plan.slug) or _own(other.tree, plan.slug)
        if asks and one.plan.stage != other.plan.stage and _chase(one, other, plan.slug):
            yield one.plan, other.plan


def _readable(plan: Blueprint) -> Iterator[_Rule]:
    for rule in plan.rules:
        try:
            yield _Rule(rule, parse(rule.condition))
        except InvalidCondition:  # told where it stands
            continue


def _own(tree: Node, model: str) -> list[InStage]:
    return [one for one in tree.conditions() if isinstance(one, InStage) and one.model == model]


def _chase(first: _Rule, second: _Rule, model: str) -> bool:
    """Whether some facts make the second lead out of the first one's stage, and the first out of the second's."""
    here, there = first.plan.stage, second.plan.stage
    return any(
        second.holds(here, model, others)
        and not first.holds(here, model, others)  # it comes first: who is there would stay
        and first.holds(there, model, others)
        for others in _combinations([first.tree, second.tree], model)
    )


def _combinations(trees: Sequence[Node], model: str) -> Iterator[Truths]:
    distinct = dict.fromkeys(one for tree in trees for one in tree.conditions())
    own = {one for tree in trees for one in _own(tree, model)}
    others = [one for one in distinct if one not in own]
    tried, taken = others[:MOST_TRIED], dict.fromkeys(others[MOST_TRIED:], True)
    for truths in product((True, False), repeat=len(tried)):
        yield dict(zip(tried, truths, strict=True)) | taken
