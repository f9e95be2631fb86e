"""API: the catalog of metrics, and their values. The same question and answer as on the pages."""

from typing import Any, ClassVar

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may
from clm.base import clock
from clm.base.rest.instants import AS_OF, KNOWN_AT
from clm.base.rest.views import ApiView
from metrics.asking import asking
from metrics.catalog import CATALOG, ask
from metrics.definition import Definition
from metrics.names import Names
from metrics.periods import PRESETS
from metrics.question import BREAKDOWNS, QuestionError, Setting
from metrics.result import Status, Unit


class DefinitionShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    about = serializers.CharField()
    unit = serializers.ChoiceField([unit.value for unit in Unit], help_text="percent: values are fractions.")
    better = serializers.CharField(help_text="up, down, or empty.")
    clock = serializers.CharField(
        help_text="period: what happened in it; state: how things stood at `as_of`."
    )
    formula = serializers.CharField()
    numerator = serializers.CharField()
    denominator = serializers.CharField()
    edge_cases = serializers.CharField()
    per_stage = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    breakdowns = serializers.ListField(child=serializers.CharField())
    variants = serializers.DictField(help_text="The first is the default.")
    version = serializers.IntegerField()


class DefinitionList(serializers.Serializer[Any]):
    results = DefinitionShape(many=True)


class ResultShape(serializers.Serializer[Any]):
    value = serializers.CharField(allow_null=True, help_text="Decimal; null when undefined, see `reason`.")
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    numerator = serializers.CharField(allow_null=True)
    denominator = serializers.CharField(allow_null=True)
    n = serializers.IntegerField()
    ci_low = serializers.CharField(
        allow_null=True, help_text="95 % interval: of a share by Wilson, of NPS in points."
    )
    ci_high = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField([status.value for status in Status])
    reason = serializers.CharField()
    excluded_n = serializers.IntegerField(help_text="Rows left out, as they have no exchange rate.")
    elapsed = serializers.CharField(
        allow_null=True, help_text="Share of the period that is over, while it runs."
    )
    definition_version = serializers.IntegerField()
    parts = serializers.DictField(help_text="Counts behind the value.")


class RowShape(serializers.Serializer[Any]):
    keys = serializers.DictField(
        help_text='For example {"stage": "loyalty"}, or {"month": "2026-03", "kind": "dormant"}.'
    )
    label = serializers.CharField()  # type: ignore[assignment]
    flag = serializers.CharField(
        help_text="Of a flow or a pair of stages: next, stay, skip, return, churn, new, gone; else empty."
    )
    result = ResultShape(allow_null=True, help_text="Null: a month that is not over.")


class AnswerShape(serializers.Serializer[Any]):
    metric = serializers.CharField()
    name = serializers.CharField()
    definition_version = serializers.IntegerField()
    question = serializers.DictField(help_text="As it was understood; asked again it gives the same answer.")
    total = ResultShape()
    rows = RowShape(many=True)


def _parameter(name: str, description: str, choices: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, enum=choices)


QUESTION = [
    _parameter(
        "period",
        "A period that ends with the as-of day. Default: 30d; of shares of stays that are given days to lead on: 365 days that ended so many days before, 30 at least.",
        [*PRESETS],
    ),
    _parameter("from", "First local day. Goes before `period`."),
    _parameter("to", "Last local day, included. Default: today."),
    AS_OF,
    KNOWN_AT,
    _parameter("breakdown", "Also the parts.", [*BREAKDOWNS]),
    _parameter("model", "The lifecycle model's slug. Default: the primary model."),
    _parameter("country", "Only customers of this country, two letters."),
    _parameter("channel", "Only customers won through this channel, by slug; or `unattributed`."),
    _parameter("variant", "One of the metric's variants."),
    _parameter("segment", "Only customers of this segment, by slug: who belongs to it as of `as_of`."),
    _parameter("stage", "Of time in a stage and where it leads: this stage, by slug. Default: the first."),
    _parameter(
        "target", "Of conversion: to this stage, by slug, or this kind of the axis. Default: the next."
    ),
    _parameter(
        "days",
        "Of conversion and drop-off: how many days a stay is given. Default: the longest of 30, 60, 90, 180, 270 and 365 within three quarters of the time from the start of the period to the as-of date; at least 30.",
    ),
    _parameter("survey", "Of NPS and responses: only this survey, by slug."),
]


class MetricsView(ApiView):
    capability = Capability.VIEW_METRICS
    tag = "Metrics"

    @extend_schema(
        operation_id="metrics_list", summary="Definitions of all metrics", responses=DefinitionList
    )
    def get(self, request: Request) -> Response:
        shown = [_told(found) for found in CATALOG.values() if may(caller(request), found.capability)]
        return Response({"results": shown})


class MetricView(ApiView):
    capability = Capability.VIEW_METRICS
    tag = "Metrics"
    parameters: ClassVar = QUESTION

    @extend_schema(
        operation_id="metrics_read", summary="The value of a metric, and its parts", responses=AnswerShape
    )
    def get(self, request: Request, slug: str) -> Response:
        definition, user = CATALOG.get(slug), caller(request)
        if definition is None:
            raise Http404
        if not may(user, definition.capability):
            raise PermissionDenied
        setting, names = Setting(Organisation.objects.current(), clock.now()), Names()
        try:
            parameters = request.query_params.dict()
            asked = asking(parameters, setting=setting, user=user, names=names, usual=definition.usual)
            answer = ask(slug, asked.question, setting, names=names)
        except QuestionError as error:
            raise ValidationError({error.parameter: [error.message]}) from error
        return Response(answer.as_json())


_TEXTS = (
    "slug",
    "name",
    "about",
    "unit",
    "better",
    "clock",
    "formula",
    "numerator",
    "denominator",
    "edge_cases",
    "per_stage",
    "source",
)


def _told(found: Definition) -> dict[str, object]:
    return {name: str(getattr(found, name)) for name in _TEXTS} | {
        "breakdowns": [name for name in BREAKDOWNS if name in found.breakdowns],
        "variants": {name: str(label) for name, label in found.variants.items()},
        "version": found.version,
    }


urlpatterns = [
    path("metrics/", MetricsView.as_view(), name="api-metrics"),
    path("metrics/<slug:slug>/", MetricView.as_view(), name="api-metric"),
]
