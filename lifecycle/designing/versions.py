"""Which version is meant, and all that it is made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects

from clm.base.db import ClockTimestamp
from lifecycle.models import (
    ComponentRule,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Parking,
    Rule,
    VersionStage,
    VersionStatus,
)


@dataclass(frozen=True)
class Versions:
    """All versions of a model, the newest first, and which of them is meant."""

    all: list[ModelVersion]

    @classmethod
    def of(cls, slug: str) -> "Versions":
        """Of the model so named, as read at an instant. One query.

        Raises LifecycleModel.DoesNotExist, also when it has no version.
        """
        parked = Parking.objects.filter(model=OuterRef("model"), released_at=None)
        versions = _told(ModelVersion.objects.filter(model__slug=slug).select_related("published_by"))
        found: list[ModelVersion] = [*versions.annotate(any_parked=Exists(parked), read_at=ClockTimestamp())]
        if not found:
            raise LifecycleModel.DoesNotExist
        return cls(found)

    @classmethod
    def of_model(cls, model: LifecycleModel) -> "Versions":
        """One query."""
        return cls([*_told(ModelVersion.objects.filter(model=model))])

    @property
    def model(self) -> LifecycleModel:
        return self.all[0].model

    @property
    def read_at(self) -> datetime:
        return cast(Any, self.all[0]).read_at  # type: ignore[no-any-return]

    @property
    def draft(self) -> ModelVersion | None:
        return self._being(VersionStatus.DRAFT)

    @property
    def in_force(self) -> ModelVersion | None:
        return self._being(VersionStatus.PUBLISHED)

    @property
    def last_in_force(self) -> ModelVersion | None:
        """The one in force, else the one that was last; none when the model never was."""
        return self.in_force or next(iter(self.past), None)

    @property
    def is_retired(self) -> bool:
        """Whether the model was in force and is no more."""
        return self.in_force is None and bool(self.past)

    @property
    def shown(self) -> ModelVersion:
        """The one in force, else the newest."""
        return self.in_force or self.all[0]

    @property
    def in_work(self) -> ModelVersion:
        """What an editor shows: the draft, else what is shown."""
        return self.draft or self.shown

    @property
    def past(self) -> list[ModelVersion]:
        """Published and retired ones."""
        return [version for version in self.all if version.status != VersionStatus.DRAFT]

    def named(self, number: str) -> ModelVersion | None:
        """The version so numbered, or the draft by that word; without a number the one that is shown."""
        if not number:
            return self.shown if self.all else None
        if number == VersionStatus.DRAFT:
            return self.draft
        return next((version for version in self.all if str(version.number) == number.lstrip("0")), None)

    def _being(self, status: VersionStatus) -> ModelVersion | None:
        return next((version for version in self.all if version.status == status), None)


def _told(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """The newest first, with the word whether they have exceptions and components."""
    told: QuerySet[ModelVersion] = versions.select_related("model").annotate(
        has_exceptions=Exists(EdgePolicy.objects.filter(version=OuterRef("pk"))),
        has_components=Exists(ComponentRule.objects.filter(version=OuterRef("pk"))),
    )
    return told.order_by("-number")


def read_whole(*versions: ModelVersion) -> None:
    """Read all parts of versions that are only looked at: four queries for all of them, however many.

    Two where they were read with the word that none has components or exceptions.
    """
    parts = [
        Prefetch("stage_uses", VersionStage.objects.select_related("stage").order_by("position", "pk")),
        Prefetch("rules", Rule.objects.select_related("stage").order_by("priority", "pk")),
    ]
    if any(getattr(version, "has_components", True) for version in versions):
        components = ComponentRule.objects.select_related("component")
        ordered = components.order_by("position", "component__position")
        parts.append(Prefetch("component_rules", ordered))
    if any(getattr(version, "has_exceptions", True) for version in versions):
        moves = EdgePolicy.objects.select_related("from_stage", "to_stage")
        parts.append(Prefetch("edge_policies", moves))
    prefetch_related_objects(versions, *parts)
