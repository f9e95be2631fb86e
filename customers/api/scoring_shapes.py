"""Scores as the API tells them, and what they rest on as it takes it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clm.base.rest.serializers import (
    AmountField,
    InstantField,
    ObjectField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from customers.models.score import GRADES
from customers.models.segment import Computing
from customers.scoring import keeping
from customers.scoring.best import Best, Trait
from customers.scoring.explaining import Explanation, ProfileFit

PROFILE_COLUMNS = {
    "id": "id",
    "name": "name",
    "description": "description",
    "tests": "tests",
    "is_active": "is_active",
    "created_at": "created_at",
    "changed_at": "changed_at",
}
SCORE_COLUMNS = {
    "customer": "customer_id",
    "external_id": "customer__external_id",
    "name": "customer__name",
    "fit": "fit",
    "profile": "profile_id",
    "interest": "interest",
    "fit_class": "fit_class",
    "interest_class": "interest_class",
    "changed_at": "changed_at",
}
SCORING_FIELDS = (*keeping.SCORING_FIELDS, "status", "error", "computed_at", "changed_at")
TESTS = "A list of `weight` (−100 to 100, not 0) and `conditions` (a tree, as in segments), up to 12."
SIGNALS = (
    "A list of `event`, `points` (−100 to 100, not 0), `most` (how many of the newest count; 10 when left out), and "
    "perhaps `property` with `is_value`, up to 30."
)


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class ObjectsField(serializers.JSONField):
    """A list of objects; what is in it is read by the verb."""


class ProfileShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    tests = ObjectsField(help_text=TESTS)
    is_active = serializers.BooleanField(help_text="False: customers are not held against it.")
    created_at = InstantField()
    changed_at = InstantField()


class NewProfile(StrictSerializer):
    name = TextField(max_length=100)
    description = TextField(max_length=1000, required=False, allow_blank=True)
    tests = ObjectsField(help_text=TESTS)
    is_active = serializers.BooleanField(required=False, default=True)


class ProfileChanges(StrictSerializer):
    name = TextField(max_length=100, required=False)
    description = TextField(max_length=1000, required=False, allow_blank=True)
    tests = ObjectsField(required=False, help_text=TESTS)
    is_active = serializers.BooleanField(required=False)


class ScoringShape(serializers.Serializer[Any]):
    signals = ObjectsField(help_text=SIGNALS)
    half_life_days = serializers.IntegerField()
    fit_a = serializers.IntegerField(help_text="Of 100: where class A begins.")
    fit_b = serializers.IntegerField()
    fit_c = serializers.IntegerField(help_text="What is less is D.")
    interest_1 = serializers.IntegerField(help_text="In points: where class 1 begins.")
    interest_2 = serializers.IntegerField()
    interest_3 = serializers.IntegerField(help_text="What is less is 4.")
    status = serializers.ChoiceField(Computing.choices)
    error = serializers.CharField(help_text="Why the scores could not be worked out.")
    computed_at = InstantField(allow_null=True)
    changed_at = InstantField()


class ScoringChanges(StrictSerializer):
    signals = ObjectsField(required=False, help_text=SIGNALS)
    half_life_days = WholeNumberField(required=False, min_value=1, max_value=730)
    fit_a = WholeNumberField(required=False, min_value=1, max_value=100)
    fit_b = WholeNumberField(required=False, min_value=1, max_value=100)
    fit_c = WholeNumberField(required=False, min_value=1, max_value=100)
    interest_1 = WholeNumberField(required=False, min_value=1, max_value=10_000)
    interest_2 = WholeNumberField(required=False, min_value=1, max_value=10_000)
    interest_3 = WholeNumberField(required=False, min_value=1, max_value=10_000)


class ScoreShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    fit = serializers.IntegerField(help_text="0 to 100, by the profile that fits best.")
    profile = serializers.IntegerField(allow_null=True)
    interest = serializers.IntegerField(help_text="Points left today.")
    fit_class = serializers.CharField()
    interest_class = serializers.IntegerField()
    changed_at = InstantField()


class TestShape(serializers.Serializer[Any]):
    test = serializers.CharField()
    weight = serializers.IntegerField()
    holds = serializers.BooleanField()


class ProfileFitShape(serializers.Serializer[Any]):
    profile = serializers.IntegerField()
    name = serializers.CharField()
    fit = serializers.IntegerField()
    held = serializers.IntegerField()
    possible = serializers.IntegerField()
    tests = TestShape(many=True)
    error = serializers.CharField(help_text="Why the profile can't be asked any more.")


class TraceShape(serializers.Serializer[Any]):
    event = serializers.CharField()
    id = serializers.IntegerField()
    occurred_at = InstantField()
    points = serializers.IntegerField(help_text="On its day.")
    left = serializers.FloatField(help_text="As of the instant asked about.")


class ExplanationShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    as_of = InstantField()
    is_scored = serializers.BooleanField(
        help_text="False: the customer withdrew from scores and predictions."
    )
    grade = serializers.ChoiceField([(grade, grade) for grade in GRADES], allow_null=True)
    fit = serializers.IntegerField(allow_null=True)
    interest = serializers.IntegerField(allow_null=True)
    profiles = ProfileFitShape(many=True)
    traces = TraceShape(many=True)


class CellShape(serializers.Serializer[Any]):
    grade = serializers.ChoiceField([(grade, grade) for grade in GRADES])
    customers = serializers.IntegerField()


class MatrixShape(serializers.Serializer[Any]):
    results = CellShape(many=True)


class TraitShape(serializers.Serializer[Any]):
    family = serializers.CharField()
    value = serializers.CharField()
    trait = serializers.CharField(help_text="In words.")
    best = serializers.IntegerField()
    all = serializers.IntegerField()
    lift = serializers.FloatField(help_text="How many times as often among the best as among all who bought.")
    conditions = ObjectField(allow_null=True, help_text="As a test of an ideal profile, where there is one.")


class BestShape(serializers.Serializer[Any]):
    since = InstantField()
    as_of = InstantField()
    currency = serializers.CharField()
    best = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="All who bought in the time.")
    revenue_of_best = AmountField()
    revenue = AmountField()
    share = serializers.FloatField(allow_null=True)
    unconverted = serializers.IntegerField(help_text="Orders left out, because their rate is not known.")
    traits = TraitShape(many=True)


def best_told(best: Best) -> dict[str, Any]:
    names = ("since", "as_of", "currency", "best", "customers", "share", "unconverted")
    amounts = {name: f"{getattr(best, name):.4f}" for name in ("revenue_of_best", "revenue")}
    return (
        {name: getattr(best, name) for name in names}
        | amounts
        | {"traits": [_trait_told(one) for one in best.traits]}
    )


def _trait_told(trait: Trait) -> dict[str, Any]:
    plain = {name: getattr(trait, name) for name in ("family", "value", "best", "all")}
    return plain | {"trait": trait.in_words, "lift": round(trait.lift, 2), "conditions": trait.condition}


def explained(customer: int, why: Explanation) -> dict[str, Any]:
    return {
        "customer": customer,
        "as_of": why.as_of,
        "is_scored": why.is_scored,
        "grade": why.grade if why.is_scored else None,
        "fit": why.fit if why.is_scored else None,
        "interest": why.interest if why.is_scored else None,
        "profiles": [_fit_told(one) for one in why.profiles],
        "traces": [
            {
                "event": trace.event,
                "id": trace.pk,
                "occurred_at": trace.occurred_at,
                "points": trace.points,
                "left": round(trace.left, 2),
            }
            for trace in why.traces
        ],
    }


def _fit_told(one: ProfileFit) -> dict[str, Any]:
    tests = [{"test": test.sentence, "weight": test.weight, "holds": test.holds} for test in one.tests]
    told = {"profile": one.profile.pk, "name": one.profile.name, "fit": one.share, "held": one.held}
    return told | {"possible": one.profile.possible, "tests": tests, "error": one.broken}
