"""A blueprint into a draft: what stays keeps its rows, so that rules and stages keep their identity."""

from lifecycle.designing.blueprint import Blueprint, ComponentPlan, RulePlan, StagePlan, key_of
from lifecycle.models import Component, ComponentRule, EdgePolicy, ModelVersion, Rule, Stage, VersionStage

APART = 10


def write(draft: ModelVersion, plan: Blueprint) -> None:
    """Make the draft say just what the blueprint says. Call with the model locked and the blueprint checked."""
    draft.labels, draft.description = plan.labels, plan.description
    draft.save(update_fields=["labels", "description"])
    stages = {stage.slug: stage for stage in Stage.objects.filter(model=draft.model_id)}
    for place, told in enumerate(plan.stages, start=1):
        if told.slug not in stages:
            stages[told.slug] = _new_stage(draft, told, place)
    _write_rules(draft, plan.rules, stages)
    _write_moves(draft, plan, stages)
    _write_components(draft, plan.components)
    _write_uses(draft, plan.stages, stages)
    forget_unused(draft)


def _new_stage(draft: ModelVersion, told: StagePlan, place: int) -> Stage:
    return Stage.objects.create(
        model_id=draft.model_id,
        slug=told.slug,
        labels=told.labels,
        kind=told.kind,
        other_kinds=list(told.other_kinds),
        position=place,
        colour=told.colour,
        icon=told.icon,
        is_drafted=True,
    )


def _write_uses(draft: ModelVersion, told: tuple[StagePlan, ...], stages: dict[str, Stage]) -> None:
    draft.stage_uses.all().delete()
    VersionStage.objects.bulk_create(
        VersionStage(
            version=draft,
            stage=stages[stage.slug],
            labels=stage.labels,
            kind=stage.kind,
            other_kinds=list(stage.other_kinds),
            is_initial=stage.is_initial,
            colour=stage.colour,
            icon=stage.icon,
            position=place,
            minimum_stay_days=stage.minimum_stay,
        )
        for place, stage in enumerate(told, start=1)
    )


def _write_rules(draft: ModelVersion, told: tuple[RulePlan, ...], stages: dict[str, Stage]) -> None:
    present = {key_of(rule, draft): rule for rule in draft.rules.all()}
    for place, plan in enumerate(told, start=1):
        rule = present.pop(plan.key, None) or Rule(version=draft)
        rule.stage, rule.labels, rule.condition = stages[plan.stage], plan.labels, plan.condition
        rule.priority = place * APART
        rule.save()
    draft.rules.filter(pk__in=[rule.pk for rule in present.values()]).delete()


def _write_moves(draft: ModelVersion, plan: Blueprint, stages: dict[str, Stage]) -> None:
    draft.edge_policies.all().delete()
    EdgePolicy.objects.bulk_create(
        EdgePolicy(
            version=draft,
            from_stage=stages[move.from_stage],
            to_stage=stages[move.to_stage],
            source=move.source,
            policy=move.policy,
        )
        for move in plan.moves
    )


def _write_components(draft: ModelVersion, told: tuple[ComponentPlan, ...]) -> None:
    draft.component_rules.all().delete()
    for place, plan in enumerate(told, start=1):
        component, _made = Component.objects.get_or_create(
            model_id=draft.model_id, slug=plan.slug, defaults={"labels": plan.labels, "position": place}
        )
        ComponentRule.objects.create(
            version=draft, component=component, position=place, labels=plan.labels, condition=plan.condition
        )


def forget_unused(draft: ModelVersion) -> None:
    """Stages that only drafts knew and none knows any more."""
    used = VersionStage.objects.filter(version__model=draft.model_id).values("stage")
    Stage.objects.filter(model=draft.model_id, is_drafted=True).exclude(pk__in=used).delete()
