"""A model as its page tells it: stages with their customers, rules in words, versions, exceptions."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from clm.accounts.models import Job, User
from clm.accounts.models.job import JobStatus
from customers.models import Customer
from lifecycle.drafting import sentence_of
from lifecycle.models import (
    CurrentStage,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Rule,
    Stage,
    VersionStage,
    VersionStatus,
)
from lifecycle.models.labels import label_of
from lifecycle.presets import PresetModel, shipped
from lifecycle.replay import walks_of


@dataclass(frozen=True)
class PresetChip:
    name: str
    colour: int
    is_ours: bool


@dataclass(frozen=True)
class PresetCard:
    slug: str
    name: str
    about: str
    stages: list[PresetChip]


def preset_cards(*, without: set[str]) -> list[PresetCard]:
    return [
        PresetCard(preset.slug, label_of(preset.labels), label_of(preset.description), _chips(preset))
        for preset in shipped().values()
        if preset.slug not in without
    ]


def _chips(preset: PresetModel) -> list[PresetChip]:
    return [
        PresetChip(label_of(stage.labels), stage.colour_at(position), stage.is_ours)
        for position, stage in enumerate(preset.stages, start=1)
    ]


@dataclass(frozen=True)
class StageLine:
    use: VersionStage
    customers: int

    @property
    def stage(self) -> Stage:
        return self.use.stage


@dataclass(frozen=True)
class RuleLine:
    place: int
    rule: Rule
    sentence: str


@dataclass(frozen=True)
class ComponentLine:
    name: str
    sentence: str


@dataclass(frozen=True)
class Description:
    version: ModelVersion
    stages: list[StageLine]
    rules: list[RuleLine]
    edges: list[EdgePolicy]
    components: list[ComponentLine]

    @property
    def customers(self) -> int:
        return sum(line.customers for line in self.stages)


def describe(version: ModelVersion, *, seen_by: User) -> Description:
    """With the customers that the user may see, as they are now. Five queries."""
    counts = customers_by_stage(version.model, seen_by=seen_by)
    uses = version.stage_uses.select_related("stage")
    rules = version.rules.select_related("stage").order_by("priority", "pk")
    components = version.component_rules.select_related("component").order_by("component__position")
    return Description(
        version,
        [StageLine(use, counts.get(use.stage_id, 0)) for use in uses],
        [RuleLine(place, rule, sentence_of(rule.condition)) for place, rule in enumerate(rules, start=1)],
        list(version.edge_policies.select_related("from_stage", "to_stage").order_by("pk")),
        [ComponentLine(str(rule), sentence_of(rule.condition)) for rule in components],
    )


def customers_by_stage(model: LifecycleModel, *, seen_by: User) -> dict[int, int]:
    current = CurrentStage.objects.filter(model=model)
    if seen_by.is_restricted:
        current = current.filter(customer__in=Customer.objects.visible_to(seen_by))
    return dict(current.values_list("stage_id").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Versions:
    """All versions of a model, the newest first. One query."""

    all: list[ModelVersion]

    @classmethod
    def of(cls, model: LifecycleModel) -> "Versions":
        versions = list(model.versions.select_related("published_by"))
        for version in versions:
            version.model = model
        return cls(versions)

    @property
    def draft(self) -> ModelVersion | None:
        return next((version for version in self.all if version.status == VersionStatus.DRAFT), None)

    @property
    def shown(self) -> ModelVersion:
        """The one in force, else the newest."""
        return next(
            (version for version in self.all if version.status == VersionStatus.PUBLISHED), self.all[0]
        )

    @property
    def past(self) -> list[ModelVersion]:
        """Published and retired ones."""
        return [version for version in self.all if version.status != VersionStatus.DRAFT]


@dataclass(frozen=True)
class HistoryState:
    """Whether somebody is working out the history, and how long it took the last time."""

    running: Job | None
    last: Job | None

    @property
    def took(self) -> timedelta | None:
        last = self.last
        return last.finished_at - last.started_at if last and last.finished_at and last.started_at else None

    @property
    def took_text(self) -> str:
        seconds = self.took.total_seconds() if self.took else 0
        if seconds < 60:
            return _("%(seconds)s s") % {"seconds": round(seconds, 1)}
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}

    @property
    def is_replay(self) -> bool:
        return self.running is not None and self.running.kind == "lifecycle.replay"


LOOKED_AT = 20


def history_state(versions: Versions) -> HistoryState:
    jobs = list(walks_of(versions.all)[:LOOKED_AT])
    return HistoryState(
        next((job for job in jobs if job.is_open), None),
        next(
            (
                job
                for job in jobs
                if job.kind == "lifecycle.replay" and job.status != JobStatus.CANCELLED and not job.is_open
            ),
            None,
        ),
    )
