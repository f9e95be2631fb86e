from dataclasses import dataclass, field
from typing import Any

from lifecycle.models.labels import Labels
from lifecycle.models.stage import Kind


@dataclass(frozen=True)
class PresetStage:
    slug: str
    labels: Labels
    kind: Kind
    other_kinds: tuple[Kind, ...] = ()
    icon: str = ""
    is_initial: bool = False
    is_ours: bool = False

    def colour_at(self, position: int) -> int:
        """Grey where customers are lost, else by its place."""
        return 0 if self.kind == Kind.CHURNED else position

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All points of the neutral axis that it stands for, the main one first."""
        return (self.kind, *self.other_kinds)


@dataclass(frozen=True)
class PresetRule:
    stage: str
    labels: Labels
    condition: dict[str, Any]


@dataclass(frozen=True)
class PresetComponent:
    slug: str
    labels: Labels
    condition: dict[str, Any]


@dataclass(frozen=True)
class PresetModel:
    """`rules` stand in order of priority, highest first. `language` is that of the guide it follows."""

    slug: str
    language: str
    labels: Labels
    description: Labels
    credit: Labels
    stages: tuple[PresetStage, ...]
    rules: tuple[PresetRule, ...]
    components: tuple[PresetComponent, ...] = field(default=())
