"""A version of a model as one value, apart from the database: what the designer changes, files hold and diffs compare."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clm.base.conditions import InvalidCondition, parse
from clm.base.conditions.storing import stored
from lifecycle.designing.versions import read_whole
from lifecycle.models import Kind, LifecycleModel, ModelVersion, Rule, VersionStage, VersionStatus
from lifecycle.models.labels import Labels, label_of

if TYPE_CHECKING:  # presets are published, and publishing looks at blueprints
    from lifecycle.presets.shape import PresetModel, PresetRule, PresetStage

Tree = dict[str, Any]
SOURCES = ("rule", "person", "api", "import")


@dataclass(frozen=True)
class StagePlan:
    slug: str
    labels: Labels
    kind: str
    other_kinds: tuple[str, ...] = ()
    colour: int = 1
    icon: str = ""
    is_initial: bool = False
    minimum_stay: int = 0

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug

    @property
    def kinds_in_words(self) -> str:
        """The points of the shared axis it stands for, the main one first."""
        kinds = (self.kind, *self.other_kinds)
        return ", ".join(str(Kind(kind).label) if kind in Kind.values else kind for kind in kinds)


@dataclass(frozen=True)
class RulePlan:
    """`key` is the same for a rule in force and its copy in the draft; 0 for one that is new."""

    stage: str
    labels: Labels
    condition: Tree
    key: int = 0


@dataclass(frozen=True)
class ComponentPlan:
    slug: str
    labels: Labels
    condition: Tree

    def __str__(self) -> str:
        return label_of(self.labels) or self.slug


@dataclass(frozen=True, order=True)
class MovePlan:
    """An exception to "any stage to any other, for every source"."""

    from_stage: str
    to_stage: str
    source: str
    policy: str = field(compare=False)

    @property
    def edge(self) -> tuple[str, str, str]:
        return self.from_stage, self.to_stage, self.source


@dataclass(frozen=True)
class Blueprint:
    """Stages, rules and components in their order; `slug` is that of the model."""

    slug: str
    labels: Labels
    description: Labels
    stages: tuple[StagePlan, ...] = ()
    rules: tuple[RulePlan, ...] = ()
    components: tuple[ComponentPlan, ...] = ()
    moves: tuple[MovePlan, ...] = ()

    def stage(self, slug: str) -> StagePlan | None:
        return next((stage for stage in self.stages if stage.slug == slug), None)

    def component(self, slug: str) -> ComponentPlan | None:
        return next((component for component in self.components if component.slug == slug), None)

    def rule(self, key: int) -> RulePlan | None:
        return next((rule for rule in self.rules if rule.key == key), None)

    def rule_name(self, rule: RulePlan) -> str:
        return label_of(rule.labels) or f"→ {self.stage(rule.stage) or rule.stage}"


def blueprint_of(version: ModelVersion) -> Blueprint:
    """No query where it was read whole, else as many as that takes; what the version itself holds stays as it is."""
    version = copy(version)
    read_whole(version)
    model, rules = version.model, version.rules.all()
    components = version.component_rules.all() if getattr(version, "has_components", True) else ()
    edges = version.edge_policies.all() if getattr(version, "has_exceptions", True) else ()
    moves = (MovePlan(one.from_stage.slug, one.to_stage.slug, one.source, one.policy) for one in edges)
    return Blueprint(
        model.slug,
        version.labels or model.labels,
        version.description or model.description,
        tuple(_stage(use) for use in version.stage_uses.all()),
        tuple(
            RulePlan(rule.stage.slug, rule.labels, rule.condition, key_of(rule, version)) for rule in rules
        ),
        tuple(
            ComponentPlan(rule.component.slug, rule.labels or rule.component.labels, rule.condition)
            for rule in components
        ),
        tuple(sorted(moves)),
    )


def _stage(use: VersionStage) -> StagePlan:
    return StagePlan(
        use.stage.slug,
        use.labels,
        use.kind,
        tuple(use.other_kinds),
        use.colour,
        use.icon,
        use.is_initial,
        use.minimum_stay_days,
    )


def key_of(rule: Rule, version: ModelVersion) -> int:
    """The same for a rule in force and for its copy in the draft."""
    return rule.origin_id or rule.pk if version.status == VersionStatus.DRAFT else rule.pk


def blueprint_of_preset(preset: "PresetModel") -> Blueprint:
    return Blueprint(
        preset.slug,
        preset.labels,
        preset.description,
        tuple(_preset_stage(stage, place) for place, stage in enumerate(preset.stages, start=1)),
        tuple(_preset_rule(rule) for rule in preset.rules),
        tuple(ComponentPlan(one.slug, one.labels, one.condition) for one in preset.components),
    )


def _preset_stage(stage: "PresetStage", place: int) -> StagePlan:
    return StagePlan(
        stage.slug,
        stage.labels,
        stage.kind.value,
        tuple(kind.value for kind in stage.other_kinds),
        stage.colour_at(place),
        stage.icon,
        stage.is_initial,
    )


def _preset_rule(rule: "PresetRule") -> RulePlan:
    return RulePlan(rule.stage, rule.labels, rule.condition)


def for_model(blueprint: Blueprint, model: LifecycleModel) -> Blueprint:
    """The same for another model: tests that asked for stages of the old one ask for those of the new one."""
    old, new = blueprint.slug, model.slug
    return replace(
        blueprint,
        slug=new,
        rules=tuple(replace(rule, condition=_asking(rule.condition, old, new)) for rule in blueprint.rules),
        components=tuple(
            replace(one, condition=_asking(one.condition, old, new)) for one in blueprint.components
        ),
    )


def _asking(tree: Any, old: str, new: str) -> Any:
    if isinstance(tree, list):
        return [_asking(part, old, new) for part in tree]
    if not isinstance(tree, Mapping):
        return tree
    changed = {word: _asking(part, old, new) for word, part in tree.items()}
    if tree.get("condition") in ("in_stage", "was_in_stage") and old != new:
        given = changed.get("parameters")
        if isinstance(given, dict) and given.get("model") == old:
            changed["parameters"] = given | {"model": new}
    return changed


def keyed(blueprint: Blueprint, like: Blueprint) -> Blueprint:
    """With the keys of the rules that it has in common with another: the same key, else name and stage, else test and stage."""
    free = {rule.key: rule for rule in like.rules}
    keys = [rule.key if free.pop(rule.key, None) else 0 for rule in blueprint.rules]
    for by_name in (True, False):
        keys = [
            key or _take(rule, free, by_name=by_name) for key, rule in zip(keys, blueprint.rules, strict=True)
        ]
    rules = zip(blueprint.rules, keys, strict=True)
    return replace(blueprint, rules=tuple(replace(rule, key=key) for rule, key in rules))


def _take(rule: RulePlan, free: dict[int, RulePlan], *, by_name: bool) -> int:
    for key, other in free.items():
        same = other.labels == rule.labels if by_name else other.condition == rule.condition
        if same and other.stage == rule.stage:
            del free[key]
            return key
    return 0


def same_test(one: Tree, other: Tree) -> bool:
    """Whether two stored conditions are the same but for how they are written."""
    return one == other or _canonical(one) == _canonical(other)


def _canonical(tree: Tree) -> Any:
    try:
        return stored(parse(tree))
    except InvalidCondition:
        return tree


def by_slug(stages: Iterable[StagePlan]) -> dict[str, StagePlan]:
    return {stage.slug: stage for stage in stages}
