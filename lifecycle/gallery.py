"""The ready-made models as their pages tell them: stages, rules in words, and what facts they need."""

from collections.abc import Collection
from dataclasses import dataclass

from lifecycle.conditions import KnownStages
from lifecycle.drafting import sentence_of
from lifecycle.models import Kind, Stage
from lifecycle.models.labels import Labels, label_of
from lifecycle.presets import PresetComponent, PresetModel, PresetRule, PresetStage, shipped
from lifecycle.sourcing import Sourced, Sources


@dataclass(frozen=True)
class StageTold:
    stage: PresetStage
    colour: int
    sourced: Sourced | None = None

    @property
    def name(self) -> str:
        return label_of(self.stage.labels)

    @property
    def original(self) -> str:
        return self.stage.labels.get("original", "")

    @property
    def kinds(self) -> list[str]:
        return [str(kind.label) for kind in self.stage.kinds]


@dataclass(frozen=True)
class RuleTold:
    place: int
    name: str
    stage: StageTold
    sentence: str


@dataclass(frozen=True)
class ComponentTold:
    name: str
    original: str
    sentence: str
    sourced: Sourced


@dataclass(frozen=True)
class Preset:
    """A ready-made model in the reader's language, without what its rules need."""

    model: PresetModel

    @property
    def slug(self) -> str:
        return self.model.slug

    @property
    def name(self) -> str:
        return label_of(self.model.labels)

    @property
    def about(self) -> str:
        return label_of(self.model.description)

    @property
    def credit(self) -> str:
        return label_of(self.model.credit)

    @property
    def language(self) -> str:
        return self.model.language

    @property
    def stages(self) -> list[StageTold]:
        return [
            StageTold(stage, stage.colour_at(place)) for place, stage in enumerate(self.model.stages, start=1)
        ]

    @property
    def components(self) -> list[str]:
        return [label_of(component.labels) for component in self.model.components]


def presets(*, without: Collection[str] = ()) -> list[Preset]:
    return [Preset(model) for slug, model in shipped().items() if slug not in without]


@dataclass(frozen=True)
class PresetTold:
    preset: Preset
    stages: list[StageTold]
    rules: list[RuleTold]
    components: list[ComponentTold]


def tell(model: PresetModel) -> PresetTold:
    """One query, for the facts there are."""
    preset = Preset(model)
    sources = Sources(
        [*(rule.condition for rule in model.rules), *(beside.condition for beside in model.components)]
    )
    stages = {
        told.stage.slug: StageTold(told.stage, told.colour, _sourced(model, told.stage, sources))
        for told in preset.stages
    }
    return PresetTold(
        preset,
        list(stages.values()),
        [_rule(model, place, rule, stages) for place, rule in enumerate(model.rules, start=1)],
        [_component(component, sources) for component in model.components],
    )


def _sourced(model: PresetModel, stage: PresetStage, sources: Sources) -> Sourced | None:
    leading = [rule.condition for rule in model.rules if rule.stage == stage.slug]
    return sources.of(leading) if leading else None


def _rule(model: PresetModel, place: int, rule: PresetRule, stages: dict[str, StageTold]) -> RuleTold:
    named = [Stage(slug=one.slug, labels=one.labels) for one in model.stages]
    sentence = sentence_of(rule.condition, KnownStages(model.slug, named))
    return RuleTold(place, label_of(rule.labels), stages[rule.stage], sentence)


def _component(component: PresetComponent, sources: Sources) -> ComponentTold:
    labels: Labels = component.labels
    return ComponentTold(
        label_of(labels),
        labels.get("original", ""),
        sentence_of(component.condition),
        sources.of([component.condition]),
    )


@dataclass(frozen=True)
class AxisRow:
    """One point of the neutral axis, and the stages that stand for it, model by model."""

    kind: Kind
    cells: list[tuple[Preset, list[StageTold]]]


def axis(models: list[Preset]) -> list[AxisRow]:
    rows = [
        AxisRow(
            kind, [(model, [told for told in model.stages if kind in told.stage.kinds]) for model in models]
        )
        for kind in Kind
    ]
    return [row for row in rows if any(stages for _model, stages in row.cells)]
