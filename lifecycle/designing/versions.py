"""Which version is meant, and all that it is made of."""

from collections.abc import Sequence

from django.db.models import Prefetch, prefetch_related_objects

from lifecycle.models import (
    ComponentRule,
    EdgePolicy,
    LifecycleModel,
    ModelVersion,
    Rule,
    VersionStage,
    VersionStatus,
)


def version_of(model: LifecycleModel, number: str) -> ModelVersion | None:
    """The version so numbered, or the draft by that word; without a number the one in force, else the newest."""
    return among(list(model.versions.select_related("model").order_by("-number")), number)


def among(versions: Sequence[ModelVersion], number: str) -> ModelVersion | None:
    """The same of versions that are at hand, the newest first."""
    if not number:
        in_force = (one for one in versions if one.status == VersionStatus.PUBLISHED)
        return next(in_force, versions[0] if versions else None)
    if number == VersionStatus.DRAFT:
        return next((one for one in versions if one.status == VersionStatus.DRAFT), None)
    return next((one for one in versions if str(one.number) == number.lstrip("0")), None)


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
