from django.db import transaction

from clm.accounts.models import AuditEntry, User
from lifecycle.mapping import suggest
from lifecycle.models import (
    Component,
    ComponentRule,
    LifecycleModel,
    ModelVersion,
    Rule,
    Stage,
    VersionStage,
)
from lifecycle.presets.danish_six import DANISH_SIX
from lifecycle.presets.danish_twelve import DANISH_TWELVE
from lifecycle.presets.dutch_six import DUTCH_SIX
from lifecycle.presets.german_five import GERMAN_FIVE, GERMAN_FIVE_DEVELOPMENT
from lifecycle.presets.shape import PresetModel
from lifecycle.presets.swedish_six import SWEDISH_SIX
from lifecycle.publishing import publish


def shipped() -> dict[str, PresetModel]:
    presets = (
        SWEDISH_SIX,
        DANISH_TWELVE,
        DUTCH_SIX,
        DANISH_SIX,
        GERMAN_FIVE,
        GERMAN_FIVE_DEVELOPMENT,
    )
    return {preset.slug: preset for preset in presets}


@transaction.atomic
def install(slug: str, *, by: User | None) -> LifecycleModel:
    """Make a preset a model of this company, published; the one there is when it was chosen before.

    The first model becomes the primary one. Customers get their stages by a replay.
    """
    existing = LifecycleModel.objects.filter(preset=slug).first()
    if existing:
        return existing
    preset = shipped()[slug]
    model = LifecycleModel.objects.create(
        slug=slug,
        preset=slug,
        labels=preset.labels,
        description=preset.description,
        is_primary=LifecycleModel.objects.primary() is None,
    )
    version = ModelVersion.objects.create(
        model=model, number=1, labels=preset.labels, description=preset.description
    )
    stages = _make_stages(model, version, preset)
    for priority, rule in enumerate(preset.rules, start=1):
        Rule.objects.create(
            version=version,
            stage=stages[rule.stage],
            priority=priority * 10,
            labels=rule.labels,
            condition=rule.condition,
        )
    _make_components(model, version, preset)
    AuditEntry.objects.record("model.installed", model, by=by, preset=slug)
    suggest(model, by=by)
    publish(version, by=by)
    return model


def _make_stages(model: LifecycleModel, version: ModelVersion, preset: PresetModel) -> dict[str, Stage]:
    stages = {}
    for position, stage in enumerate(preset.stages, start=1):
        stages[stage.slug] = Stage.objects.create(
            model=model,
            slug=stage.slug,
            labels=stage.labels,
            kind=stage.kind,
            other_kinds=list(stage.other_kinds),
            is_initial=stage.is_initial,
            is_ours=stage.is_ours,
            position=position,
            colour=stage.colour_at(position),
            icon=stage.icon,
        )
        VersionStage.objects.create(version=version, stage=stages[stage.slug], position=position)
    return stages


def _make_components(model: LifecycleModel, version: ModelVersion, preset: PresetModel) -> None:
    for position, component in enumerate(preset.components, start=1):
        made = Component.objects.create(
            model=model, slug=component.slug, labels=component.labels, position=position
        )
        ComponentRule.objects.create(
            version=version,
            component=made,
            position=position,
            labels=component.labels,
            condition=component.condition,
        )
