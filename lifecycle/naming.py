"""Stages and components are called as the version in force calls them."""

from lifecycle.models import Component, ModelVersion, Stage
from lifecycle.models.stage import OUT_OF_USE
from lifecycle.models.version import OF_A_STAGE


def take_over_names(version: ModelVersion) -> None:
    """Make the model, its stages and its components what the version says of them. Stages not in use have no place: none is further on."""
    model = version.model
    if version.labels:
        model.labels, model.description = version.labels, version.description
        model.save(update_fields=["labels", "description"])
    _take_over_stages(version)
    for rule in version.component_rules.exclude(labels={}):
        Component.objects.filter(pk=rule.component_id).update(labels=rule.labels, position=rule.position)


def _take_over_stages(version: ModelVersion) -> None:
    stages = Stage.objects.filter(model=version.model)
    stages.update(is_initial=False)  # before another becomes it: there is one at any time
    uses = list(version.stage_uses.order_by("position"))
    for use in uses:
        told = {name: getattr(use, name) for name in OF_A_STAGE}
        stages.filter(pk=use.stage_id).update(**told, position=use.position, is_drafted=False)
    stages.exclude(pk__in=[use.stage_id for use in uses]).update(position=OUT_OF_USE)
