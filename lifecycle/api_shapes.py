"""What the API tells of models, periods and explanations."""

from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from clm.base.conditions import FactRef, Verdict
from clm.base.rest.serializers import InstantField
from customers.api.condition_shapes import TreeField
from lifecycle.explanation import Explanation, RuleVerdict
from lifecycle.missing import Elsewhere, Need, still_missing
from lifecycle.models import Cause, Kind, LifecycleModel, ModelVersion, Rule, StagePeriod
from lifecycle.parking import Parked
from lifecycle.visits import Visits
from lifecycle.why import Why

ONLY_OF_MODEL = OpenApiParameter("model", OpenApiTypes.STR, description="Only of this model, by slug.")


class StageShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField(help_text="In the caller's language.")
    names = serializers.DictField(help_text="By language; `original` is the guide's own word.")
    kind = serializers.ChoiceField(Kind.choices, help_text="On the neutral axis.")
    is_initial = serializers.BooleanField()
    position = serializers.IntegerField()


class ModelShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    is_primary = serializers.BooleanField()
    version = serializers.IntegerField(
        allow_null=True, help_text="The published version; null before the first."
    )
    stages = StageShape(many=True)


class ModelList(serializers.Serializer[Any]):
    results = ModelShape(many=True)


class RuleShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    stage = serializers.CharField()
    priority = serializers.IntegerField(help_text="The lowest number wins.")
    condition = TreeField()


class ModelDetail(ModelShape):
    rules = RuleShape(many=True)


def model_told(model: LifecycleModel) -> dict[str, Any]:
    version = model.published()
    stages = version.stages.order_by("position") if version else model.stages.order_by("position")
    return {
        "slug": model.slug,
        "name": str(model),
        "is_primary": model.is_primary,
        "version": version.number if version else None,
        "stages": [
            {
                "slug": stage.slug,
                "name": str(stage),
                "names": stage.labels,
                "kind": stage.kind,
                "is_initial": stage.is_initial,
                "position": stage.position,
            }
            for stage in stages
        ],
    }


def rules_told(model: LifecycleModel) -> list[dict[str, Any]]:
    version = model.published()
    rules = version.rules.select_related("stage") if version else []
    return [
        {
            "id": rule.pk,
            "name": str(rule),
            "stage": rule.stage.slug,
            "priority": rule.priority,
            "condition": rule.condition,
        }
        for rule in rules
    ]


class RecordedPeriod(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    model = serializers.CharField(help_text="Slug.")
    recorded_at = InstantField()
    superseded_at = InstantField(allow_null=True)


class PeriodShape(RecordedPeriod):
    stage = serializers.CharField(help_text="Slug.")
    version = serializers.IntegerField(help_text="The model's version that governed the move.")
    entered_at = InstantField()
    left_at = InstantField(allow_null=True, help_text="Null while the customer is there.")
    cause = serializers.ChoiceField(Cause.choices)
    rule = serializers.IntegerField(allow_null=True)
    actor = serializers.IntegerField(allow_null=True, help_text="The user who moved it.")
    reason = serializers.CharField()
    held_until = InstantField(allow_null=True, help_text="Until then rules leave it there.")


PERIOD_COLUMNS = {
    "id": "id",
    "customer": "customer_id",
    "model": "model__slug",
    "stage": "stage__slug",
    "version": "version__number",
    "entered_at": "entered_at",
    "left_at": "left_at",
    "cause": "cause",
    "rule": "rule_id",
    "actor": "actor_id",
    "reason": "reason",
    "held_until": "held_until",
    "recorded_at": "recorded_at",
    "superseded_at": "superseded_at",
}


class ComponentPeriodShape(RecordedPeriod):
    component = serializers.CharField(help_text="Slug.")
    started_at = InstantField()
    ended_at = InstantField(allow_null=True, help_text="Null while it is under way.")


COMPONENT_PERIOD_COLUMNS = {
    "id": "id",
    "customer": "customer_id",
    "model": "component__model__slug",
    "component": "component__slug",
    "started_at": "started_at",
    "ended_at": "ended_at",
    "recorded_at": "recorded_at",
    "superseded_at": "superseded_at",
}


def period_told(period: StagePeriod | None) -> dict[str, Any]:
    if period is None:
        return {}
    return {name: _followed(period, column.split("__")) for name, column in PERIOD_COLUMNS.items()}


def _followed(value: Any, path: list[str]) -> Any:
    for step in path:
        value = getattr(value, step)
    return value


class FactTold(serializers.Serializer[Any]):
    label = serializers.CharField(help_text="In the caller's language.")  # type: ignore[assignment]
    name = serializers.CharField(help_text="Of an event: its name as it was sent; empty for other facts.")
    occurred_at = InstantField()
    url = serializers.CharField(help_text="Where to see it; empty where it has no page.")


class LeafTold(serializers.Serializer[Any]):
    holds = serializers.BooleanField()
    sentence = serializers.CharField()
    have = serializers.CharField(help_text="What there is.")
    missing = serializers.CharField(
        help_text="What is still missing; empty when it holds, and where what there is stands in the way."
    )
    facts = FactTold(many=True)


class RuleTold(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The number of the version that has it.")
    stage = serializers.CharField(help_text="Slug.")
    rule = serializers.CharField()
    holds = serializers.BooleanField()
    forbidden = serializers.BooleanField(help_text="It holds, but the model does not allow the move.")
    sentence = serializers.CharField()
    leaves = LeafTold(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="What would have to change, test by test; of alternatives one is enough, as `ways` tells.",
    )


class WhyTold(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The number of the version that has it.")
    rule = serializers.CharField()
    holds = serializers.BooleanField(help_text="Still, as of the instant asked about.")
    sentence = serializers.CharField()
    leaves = LeafTold(many=True)
    told_as_of = InstantField(
        help_text="Of when `leaves` are: where the rule holds no more, of the end of the day it moved the customer."
    )
    missing = serializers.ListField(
        child=serializers.CharField(),
        help_text="What would have to change for it to hold again; of alternatives one is enough.",
    )


class NeedTold(serializers.Serializer[Any]):
    test = serializers.CharField(help_text="What has to hold; empty where there are several ways.")
    missing = serializers.CharField()
    have = serializers.CharField()
    ways = serializers.ListField(
        child=serializers.ListField(child=serializers.DictField()),
        help_text="Of these one is enough: lists of needs like this one, all of which count.",
    )


class WayTold(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Slug.")
    rule = serializers.CharField(help_text="Empty where no rule leads to the stage.")
    needs = NeedTold(many=True, help_text="All of these.")
    obstacle = serializers.CharField(help_text="Why the rule does not act although it holds, or what else.")


class PullingTold(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    stage = serializers.CharField(help_text="The slug of the stage it moves to.")


class ParkedTold(serializers.Serializer[Any]):
    since = InstantField()
    reason = serializers.CharField(
        help_text="`ping-pong`: three moves within a day; `day-by-day`: a move a day; else `error:` and why."
    )
    rules = PullingTold(many=True, help_text="The rules that move it to and fro.")


class VisitsTold(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Slug.")
    times = serializers.IntegerField(help_text="How often it was entered.")
    first_entered_at = InstantField()
    last_entered_at = InstantField()
    last_left_at = InstantField(allow_null=True, help_text="Null while the customer is there.")
    total_seconds = serializers.IntegerField(
        help_text="Of all stays; the one under way counts up to `as_of`."
    )


class StageTold(serializers.Serializer[Any]):
    period = PeriodShape()
    visits = VisitsTold(many=True, help_text="Each stage the customer was in, the one entered first first.")
    why = WhyTold(
        allow_null=True, help_text="The rule behind it; null when a person, the API or nothing did."
    )
    elsewhere = RuleTold(many=True, help_text="The rules of the other stages.")
    ways = WayTold(many=True, help_text="What is missing for each other stage, in the stages' order.")
    next_due = InstantField(allow_null=True, help_text="When it may change by itself; null of the past.")
    parked = ParkedTold(
        allow_null=True, help_text="At present: rules leave it where it is until somebody releases it."
    )


class Released(serializers.Serializer[Any]):
    released = serializers.BooleanField(help_text="False: it was not parked.")


def explanation_told(
    explanation: Explanation, why: Why | None, visits: list[Visits], *, as_of: datetime, is_now: bool
) -> dict[str, Any]:
    return {
        "period": period_told(explanation.period),
        "visits": [_visits_told(one) for one in visits],
        "why": _why_told(why, explanation.period) if why else None,
        "elsewhere": [_rule_told(verdict, explanation.version) for verdict in explanation.elsewhere],
        "ways": [_way_told(way) for way in still_missing(explanation, as_of=as_of)],
        "next_due": explanation.next_due if is_now else None,
        "parked": _parked_told(explanation.parked) if explanation.parked else None,
    }


def _visits_told(one: Visits) -> dict[str, Any]:
    return {
        "stage": one.stage.slug,
        "times": one.times,
        "first_entered_at": one.first_entered_at,
        "last_entered_at": one.last_entered_at,
        "last_left_at": one.last_left_at,
        "total_seconds": int(one.total.total_seconds()),
    }


def _way_told(way: Elsewhere) -> dict[str, Any]:
    needs = [_need_told(need) for need in way.needs]
    return {"stage": way.stage.slug, "rule": way.rule, "needs": needs, "obstacle": way.obstacle}


def _need_told(need: Need) -> dict[str, Any]:
    ways = [[_need_told(one) for one in way] for way in need.ways]
    return {"test": need.test, "missing": need.missing, "have": need.have, "ways": ways}


def _parked_told(parked: Parked) -> dict[str, Any]:
    rules = [pulling_told(rule) for rule in parked.rules]
    return {"since": parked.parking.parked_at, "reason": parked.parking.reason, "rules": rules}


def pulling_told(rule: Rule) -> dict[str, Any]:
    return {"id": rule.pk, "name": str(rule), "stage": rule.stage.slug}


def _why_told(why: Why, period: StagePeriod) -> dict[str, Any]:
    return {
        "id": why.rule.pk,
        "version": period.version.number,
        "rule": str(why.rule),
        "holds": why.holds,
        "sentence": why.sentence,
        "leaves": [_leaf_told(leaf) for leaf in why.leaves],
        "told_as_of": why.as_of,
        "missing": [_missing(leaf) for leaf in why.now.missing()] if why.now else [],
    }


def _rule_told(told: RuleVerdict, version: ModelVersion) -> dict[str, Any]:
    return {
        "id": told.rule_id,
        "version": version.number,
        "stage": told.stage.slug,
        "rule": told.name,
        "holds": told.verdict.holds,
        "forbidden": told.forbidden and told.verdict.holds,
        "sentence": told.verdict.sentence,
        "leaves": [_leaf_told(leaf) for leaf in told.verdict.leaves()],
        "missing": [_missing(leaf) for leaf in told.missing],
    }


def _leaf_told(leaf: Verdict) -> dict[str, Any]:
    evidence = leaf.evidence
    facts = evidence.rows if evidence else ()
    return {
        "holds": leaf.holds,
        "sentence": leaf.sentence,
        "have": evidence.have if evidence else "",
        "missing": evidence.missing if evidence else "",
        "facts": [_fact_told(fact) for fact in facts],
    }


def _fact_told(fact: FactRef) -> dict[str, Any]:
    return {"label": fact.label, "name": fact.name, "occurred_at": fact.occurred_at, "url": fact.url}


def _missing(leaf: Verdict) -> str:
    return (leaf.evidence.missing if leaf.evidence else "") or leaf.sentence
