"""What a blueprint must be to be kept: each fault with the place it stands at, and the cure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clm.base.conditions import Condition, InvalidCondition, misfits_of, parse, vet
from clm.base.conditions.parsing import UNSTORABLE
from customers.conditions import InSegment
from lifecycle.conditions.stages import InStage, OfStages, WasInStage
from lifecycle.designing.blueprint import (
    SOURCES,
    Blueprint,
    ComponentPlan,
    RulePlan,
    StagePlan,
    same_test,
)
from lifecycle.models import Kind, Policy
from lifecycle.models.labels import Labels

LANGUAGES = ("en", "da", "sv", "nl", "de", "original")
MOST_STAGES, MOST_RULES, MOST_COMPONENTS = 30, 100, 20
LONGEST_NAME, LONGEST_TEXT, LONGEST_SLUG = 250, 1000, 50
MOST_STAY_DAYS = 3650
COLOURS = range(13)
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """`path` leads to the fault in the file: ("rules", 2, "condition")."""

    path: Path
    reason: str
    short: str = ""  # where the place is plain to see


class BadBlueprint(ValueError):
    """The model can't be kept like this; the first fault is the message."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults[0].reason)


@dataclass(frozen=True)
class Faulty:
    """A rule (by its key) or a component (by its slug) that can't be asked as it stands; `told` names it."""

    path: Path
    name: str
    reason: str
    told: str
    rule: int = 0
    component: str = ""


def check(plan: Blueprint, before: Blueprint | None = None) -> None:
    """Raises BadBlueprint. Conditions that could not be asked `before` either, and are the same, are left to `faulty`."""
    faults = [*_model(plan), *_stages(plan), *_rules(plan), *_components(plan), *_moves(plan)]
    if faults and before:
        faults = [fault for fault in faults if not _stood_before(fault, plan, before)]
    if faults:
        raise BadBlueprint(faults)


def _stood_before(fault: Fault, plan: Blueprint, before: Blueprint) -> bool:
    part, place, *rest = (*fault.path, "", "")[:3]
    if rest != ["condition"] or not isinstance(place, int):
        return False
    now: RulePlan | ComponentPlan = plan.rules[place] if part == "rules" else plan.components[place]
    then = before.rule(now.key) if isinstance(now, RulePlan) else before.component(now.slug)
    return bool(
        then and same_test(then.condition, now.condition) and any(_condition(before, then.condition, ()))
    )


def faulty(plan: Blueprint) -> list[Faulty]:
    """What keeps the plan from being asked, simulated or published: all of it, in order."""
    return [*_faulty_rules(plan), *_faulty_components(plan)]


def _faulty_rules(plan: Blueprint) -> Iterator[Faulty]:
    for place, rule in enumerate(plan.rules):
        path: Path = ("rules", place, "condition")
        name = plan.rule_name(rule)
        for fault in _condition(plan, rule.condition, path):
            reason = capfirst(fault.short)
            told = _("The rule “%(rule)s”: %(error)s") % {"rule": name, "error": reason}
            yield Faulty(fault.path, name, reason, told, rule=rule.key)
        if _asks_for(rule.condition, plan.slug, (WasInStage,)):
            reason = _(
                "The rule “%(rule)s” asks for earlier stages of its own model; use facts or another model instead."
            ) % {"rule": name}
            yield Faulty(path, name, reason, reason, rule=rule.key)


def _faulty_components(plan: Blueprint) -> Iterator[Faulty]:
    for place, component in enumerate(plan.components):
        path: Path = ("components", place, "condition")
        name = str(component)
        for fault in _condition(plan, component.condition, path):
            reason = capfirst(fault.short)
            yield Faulty(fault.path, name, reason, f"{name}: {reason}", component=component.slug)
        if _asks_for(component.condition, plan.slug, (InStage, WasInStage)):
            reason = _("The component “%(component)s” asks for stages of its own model; use facts instead.")
            told = reason % {"component": name}
            yield Faulty(path, name, told, told, component=component.slug)


def _asks_for(tree: object, model: str, kinds: tuple[type[OfStages], ...]) -> bool:
    try:
        asked = [leaf for leaf in parse(tree).conditions() if isinstance(leaf, kinds)]
    except InvalidCondition:
        return False  # told already
    return any(leaf.model == model for leaf in asked)


def _model(plan: Blueprint) -> Iterator[Fault]:
    yield from _slug(plan.slug, ("slug",))
    yield from _names(plan.labels, ("name",), LONGEST_NAME, required=True)
    yield from _names(plan.description, ("description",), LONGEST_TEXT)


def _slug(slug: str, path: Path) -> Iterator[Fault]:
    if len(slug) > LONGEST_SLUG or not SLUG.match(slug):
        reason = _("“%(slug)s” is no key: use at most %(most)s small letters a to z, digits and hyphens.")
        yield Fault(path, reason % {"slug": slug[:LONGEST_SLUG], "most": LONGEST_SLUG})


def _names(labels: Labels, path: Path, most: int, *, required: bool = False) -> Iterator[Fault]:
    for language, name in labels.items():
        if language not in LANGUAGES:
            reason = _("“%(language)s” is no language of this product: use %(known)s.")
            yield Fault(
                (*path, language), reason % {"language": language[:20], "known": ", ".join(LANGUAGES)}
            )
        elif not name.strip() or len(name) > most or UNSTORABLE.search(name):
            reason = _("A name has 1 to %(most)s characters; leave the language out where there is none.")
            yield Fault((*path, language), reason % {"most": most})
    if required and not labels:
        yield Fault(path, _("Give it a name in at least one language."))


def _stages(plan: Blueprint) -> Iterator[Fault]:
    if not 1 <= len(plan.stages) <= MOST_STAGES:
        yield Fault(("stages",), _("A model has 1 to %(most)s stages.") % {"most": MOST_STAGES})
    if len([stage for stage in plan.stages if stage.is_initial]) != 1:
        yield Fault(("stages",), _("Exactly one stage is the first one: everybody enters there."))
    seen: set[str] = set()
    for place, stage in enumerate(plan.stages):
        yield from _stage(stage, ("stages", place))
        if stage.slug in seen:
            reason = _("There are two stages “%(slug)s”; give one another key.") % {"slug": stage.slug}
            yield Fault(("stages", place, "slug"), reason)
        seen.add(stage.slug)


def _stage(stage: StagePlan, path: Path) -> Iterator[Fault]:
    yield from _slug(stage.slug, (*path, "slug"))
    yield from _names(stage.labels, (*path, "name"), LONGEST_NAME, required=True)
    kinds = (stage.kind, *stage.other_kinds)
    for place, kind in enumerate(kinds):
        if kind not in Kind.values:
            reason = _("“%(kind)s” is no point of the shared axis: use %(known)s.")
            yield Fault(
                (*path, "kinds", place), reason % {"kind": kind[:20], "known": ", ".join(Kind.values)}
            )
    if len(set(kinds)) < len(kinds):
        yield Fault(
            (*path, "kinds"), _("Each point of the shared axis stands once; the first is the main one.")
        )
    if stage.colour not in COLOURS:
        yield Fault((*path, "colour"), _("A colour is a number from 0 (grey) to 12."))
    if not 0 <= stage.minimum_stay <= MOST_STAY_DAYS:
        reason = _("A minimum stay has 0 to %(most)s days.") % {"most": MOST_STAY_DAYS}
        yield Fault((*path, "minimum_stay_days"), reason)
    if len(stage.icon) > 40 or not re.fullmatch(r"[a-z0-9-]*", stage.icon):
        yield Fault((*path, "icon"), _("An icon is the name of one, such as “heart”, or nothing."))


def _rules(plan: Blueprint) -> Iterator[Fault]:
    if len(plan.rules) > MOST_RULES:
        yield Fault(("rules",), _("A model has at most %(most)s rules.") % {"most": MOST_RULES})
    for place, rule in enumerate(plan.rules):
        yield from _known(plan, rule.stage, ("rules", place, "stage"))
        yield from _names(rule.labels, ("rules", place, "name"), LONGEST_NAME)
        yield from _condition(plan, rule.condition, ("rules", place, "condition"))


def _known(plan: Blueprint, slug: str, path: Path) -> Iterator[Fault]:
    if plan.stage(slug) is None:
        known = ", ".join(stage.slug for stage in plan.stages)
        reason = _("There is no stage “%(slug)s” in this version. There are: %(known)s.")
        yield Fault(path, reason % {"slug": slug[:LONGEST_SLUG], "known": known})


def _condition(plan: Blueprint, tree: object, path: Path) -> Iterator[Fault]:
    def misfits(leaf: Condition) -> Iterator[tuple[str, str]]:
        if isinstance(leaf, OfStages) and leaf.model == plan.slug:  # of this version, not of what is in force
            return leaf.misfits_among(stage.slug for stage in plan.stages)
        if isinstance(leaf, InSegment) and not leaf.found():
            reason = _("There is no segment “%(slug)s”. Choose one that exists.")
            return iter([("segment", reason % {"slug": leaf.segment})])
        return misfits_of(leaf)

    try:
        vet(tree, misfits)
    except InvalidCondition as error:
        inner = error.place.removeprefix("condition")
        steps = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", inner)]
        yield Fault((*path, *steps), str(error), error.reason)


def _components(plan: Blueprint) -> Iterator[Fault]:
    if len(plan.components) > MOST_COMPONENTS:
        reason = _("A model has at most %(most)s components.") % {"most": MOST_COMPONENTS}
        yield Fault(("components",), reason)
    seen: set[str] = set()
    for place, component in enumerate(plan.components):
        path: Path = ("components", place)
        yield from _slug(component.slug, (*path, "slug"))
        yield from _names(component.labels, (*path, "name"), LONGEST_NAME, required=True)
        yield from _condition(plan, component.condition, (*path, "condition"))
        if component.slug in seen:
            reason = _("There are two components “%(slug)s”; give one another key.")
            yield Fault((*path, "slug"), reason % {"slug": component.slug})
        seen.add(component.slug)


def _moves(plan: Blueprint) -> Iterator[Fault]:
    seen: set[tuple[str, str, str]] = set()
    for place, move in enumerate(plan.moves):
        path: Path = ("moves", place)
        yield from _known(plan, move.from_stage, (*path, "from"))
        yield from _known(plan, move.to_stage, (*path, "to"))
        if move.from_stage == move.to_stage:
            yield Fault((*path, "to"), _("A move leads from one stage to another."))
        if move.source not in SOURCES:
            yield Fault(
                (*path, "source"), _("A move is made by one of: %(known)s.") % {"known": ", ".join(SOURCES)}
            )
        if move.policy not in Policy.values:
            reason = _("An exception is one of: %(known)s. Leave allowed moves out.")
            yield Fault((*path, "policy"), reason % {"known": ", ".join(Policy.values)})
        if move.edge in seen:
            yield Fault(path, _("This move stands here twice; take one out."))
        seen.add(move.edge)
