"""The designer's single changes, each a plain function of what the draft says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from lifecycle.conditions import InStage
from lifecycle.designing.blueprint import (
    Blueprint,
    ComponentPlan,
    MovePlan,
    RulePlan,
    StagePlan,
    same_test,
)
from lifecycle.designing.checking import BadBlueprint, Fault

T = TypeVar("T", StagePlan, RulePlan, ComponentPlan)


def _refuse(reason: str) -> BadBlueprint:
    return BadBlueprint([Fault((), reason)])


def moved(things: Sequence[T], place: int, by: int) -> tuple[T, ...]:
    """So many places up (negative) or down, at most to the end; the others close ranks."""
    if not 0 <= place < len(things):
        return tuple(things)
    order = list(things)
    one = order.pop(place)
    order.insert(max(place + by, 0), one)
    return tuple(order)


def add_stage(plan: Blueprint, stage: StagePlan) -> Blueprint:
    return _with_initial(replace(plan, stages=(*plan.stages, stage)), stage)


def change_stage(plan: Blueprint, slug: str, stage: StagePlan) -> Blueprint:
    """Raises BadBlueprint when it would leave the model without a first stage, or is gone."""
    before = plan.stage(slug)
    if before is None:
        raise _refuse(_("This stage is not part of the draft any more."))
    if before.is_initial and not stage.is_initial:
        raise _refuse(_("Everybody enters here. Make another stage the first one instead."))
    stages = tuple(stage if one.slug == slug else one for one in plan.stages)
    return _with_initial(replace(plan, stages=stages), stage)


def _with_initial(plan: Blueprint, stage: StagePlan) -> Blueprint:
    """Exactly one is the first: the stage takes it over when it says so."""
    if not stage.is_initial:
        return plan
    stages = tuple(replace(one, is_initial=one.slug == stage.slug) for one in plan.stages)
    return replace(plan, stages=stages)


def move_stage(plan: Blueprint, slug: str, by: int) -> Blueprint:
    place = next((place for place, one in enumerate(plan.stages) if one.slug == slug), -1)
    return replace(plan, stages=moved(plan.stages, place, by))


def retire_stage(plan: Blueprint, slug: str) -> Blueprint:
    """With the rules that lead there or are for who is there, and the moves from and to it.

    Raises BadBlueprint for the first stage.
    """
    stage = plan.stage(slug)
    if stage and stage.is_initial:
        raise _refuse(_("Everybody enters here. Make another stage the first one, then take this one out."))
    return replace(
        plan,
        stages=tuple(one for one in plan.stages if one.slug != slug),
        rules=tuple(_rules_without(plan, slug)),
        moves=tuple(move for move in plan.moves if slug not in (move.from_stage, move.to_stage)),
    )


def _rules_without(plan: Blueprint, slug: str) -> Iterator[RulePlan]:
    for rule in plan.rules:
        condition = _asking_without(rule.condition, plan.slug, slug)
        if rule.stage != slug and condition is not None:
            yield replace(rule, condition=condition)


def _asking_without(tree: Any, model: str, slug: str) -> Any:
    """The test with that stage taken out of what it asks for; None when nothing of it could hold any more.

    What is denied stays as it is, and so does what can't be read: checking tells of it.
    """
    if not isinstance(tree, Mapping):
        return tree
    for word in ("all", "any"):
        if isinstance(tree.get(word), list):
            parts = [_asking_without(part, model, slug) for part in tree[word]]
            rest = [part for part in parts if part is not None]
            may_hold = len(rest) == len(parts) if word == "all" else bool(rest)
            return {**tree, word: rest} if may_hold else None
    given = tree.get("parameters")
    if tree.get("condition") != InStage.name or not isinstance(given, Mapping) or given.get("model") != model:
        return tree
    asked = [one for one in given.get("stages", ()) if one != slug]
    if len(asked) == len(given.get("stages", ())):
        return tree
    return {**tree, "parameters": {**given, "stages": asked}} if asked else None


def add_rule(plan: Blueprint, rule: RulePlan) -> Blueprint:
    return replace(plan, rules=(*plan.rules, rule))


def change_rule(plan: Blueprint, key: int, rule: RulePlan) -> Blueprint:
    before = plan.rule(key)
    if before is None:
        raise _refuse(_("This rule is not part of the draft any more."))
    condition = before.condition if same_test(before.condition, rule.condition) else rule.condition
    kept = replace(rule, key=key, condition=condition)
    return replace(plan, rules=tuple(kept if one.key == key else one for one in plan.rules))


def move_rule(plan: Blueprint, key: int, by: int) -> Blueprint:
    place = next((place for place, one in enumerate(plan.rules) if one.key == key), -1)
    return replace(plan, rules=moved(plan.rules, place, by))


def remove_rule(plan: Blueprint, key: int) -> Blueprint:
    return replace(plan, rules=tuple(rule for rule in plan.rules if rule.key != key))


def put_component(plan: Blueprint, component: ComponentPlan) -> Blueprint:
    """Change the one of that slug, or add it."""
    before = plan.component(component.slug)
    if before is None:
        return replace(plan, components=(*plan.components, component))
    if same_test(before.condition, component.condition):
        component = replace(component, condition=before.condition)
    changed = tuple(component if one.slug == component.slug else one for one in plan.components)
    return replace(plan, components=changed)


def move_component(plan: Blueprint, slug: str, by: int) -> Blueprint:
    place = next((place for place, one in enumerate(plan.components) if one.slug == slug), -1)
    return replace(plan, components=moved(plan.components, place, by))


def remove_component(plan: Blueprint, slug: str) -> Blueprint:
    return replace(plan, components=tuple(one for one in plan.components if one.slug != slug))


def set_moves(plan: Blueprint, source: str, policies: dict[tuple[str, str], str]) -> Blueprint:
    """The exceptions for one source; those for the others stay."""
    others = [move for move in plan.moves if move.source != source]
    own = [MovePlan(*edge, source, policy) for edge, policy in policies.items() if policy]
    return replace(plan, moves=tuple(sorted([*others, *own])))
