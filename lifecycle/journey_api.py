"""API: the journey map of a model, and the playbook of each of its stages. Live numbers are metrics."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Team
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import StrictSerializer, TextField
from clm.base.rest.views import ApiView, required_version
from lifecycle.mapping import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Column,
    MapChanged,
    as_json,
    column_of,
    columns_of,
    draw,
    pictured,
    suggest,
)
from lifecycle.models import LifecycleModel, Stage
from lifecycle.wording import BASE, LANGUAGES


class TouchpointShape(StrictSerializer):
    channel = TextField(max_length=LONGEST_LINE, allow_blank=True, default="")
    what = TextField(max_length=LONGEST_LINE, help_text="What happens there.")


class AssetShape(StrictSerializer):
    title = TextField(max_length=LONGEST_LINE)
    href = TextField(
        max_length=LONGEST_LINE, allow_blank=True, default="", help_text="http or https; or empty."
    )


def _text() -> TextField:
    return TextField(max_length=LONGEST_TEXT, allow_blank=True, default="")


class PictureSerializer(StrictSerializer):
    thoughts = _text()
    feelings = _text()
    pain_points = _text()
    actions = _text()
    playbook = _text()
    touchpoints = TouchpointShape(many=True, default=list)
    assets = AssetShape(many=True, default=list)
    owner_team: Any = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), allow_null=True, default=None, help_text="The team's id."
    )


class ColumnShape(PictureSerializer):
    stage = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_in_use = serializers.BooleanField(help_text="False: the version in force has it no more.")
    changed_at = serializers.DateTimeField(allow_null=True, help_text="Null: nobody has filled it.")


class BoardShape(serializers.Serializer[Any]):
    model = serializers.CharField()
    columns = ColumnShape(many=True)


LANGUAGE = OpenApiParameter(
    "language",
    OpenApiTypes.STR,
    enum=LANGUAGES,
    description="Of the texts. Default: en, which is said where a language has none of its own.",
)


class WrittenSerializer(PictureSerializer):
    language = serializers.ChoiceField(
        LANGUAGES, default=BASE, help_text="Of the texts; team and assets are those of all languages."
    )


class JourneyView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"
    parameters: ClassVar = [LANGUAGE]

    @extend_schema(
        operation_id="journey_read",
        summary="The journey map of a model",
        description="A column for each stage, its playbook included. Numbers beside them: `/metrics/`, by stage.",
        responses=BoardShape,
    )
    def get(self, request: Request, slug: str) -> Response:
        model = get_object_or_404(LifecycleModel, slug=slug)
        return Response(
            {
                "model": model.slug,
                "columns": [
                    as_json(column)
                    for column in columns_of(model, self.choice("language", LANGUAGES) or BASE)
                ],
            }
        )


class JourneyStageView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    parameters: ClassVar = [LANGUAGE]
    errors: ClassVar = {"put": (412, 428)}

    @extend_schema(
        operation_id="journey_stage_read",
        summary="One stage of a journey map",
        responses=ColumnShape,
    )
    def get(self, request: Request, slug: str, stage: str) -> Response:
        return _answer(column_of(_stage(slug, stage), self.choice("language", LANGUAGES) or BASE))

    @extend_schema(
        operation_id="journey_stage_write",
        summary="Write one stage of a journey map",
        description="Replaces all of it: what is left out is emptied. If-Match is the ETag that was read; `*` replaces whatever is there.",
        request=WrittenSerializer,
        responses=ColumnShape,
        examples=[
            OpenApiExample(
                "write",
                {
                    "thoughts": "When does it arrive?",
                    "touchpoints": [{"channel": "E-mail", "what": "Confirmation with the day of delivery"}],
                    "playbook": "Thank them, and offer help with the first use.",
                    "assets": [{"title": "Brewing guide", "href": "https://example.com/brewing"}],
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, slug: str, stage: str) -> Response:
        shown = _stage(slug, stage)
        version = required_version(request)
        body = WrittenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        language = body.validated_data.pop("language")
        read = None if version == "*" else version.removeprefix("new")
        try:
            picture = pictured(body.validated_data)
            column = draw(shown, picture, read=read, by=caller(request), language=language)
        except MapChanged as error:
            raise Stale(as_json(column_of(_stage(slug, stage), language))) from error
        except Invalid as error:
            raise ValidationError(error.message_dict) from error
        return _answer(column)


class Filled(serializers.Serializer[Any]):
    filled = serializers.ListField(
        child=serializers.CharField(), help_text="The stages that nobody had filled, by slug, in their order."
    )


class JourneySuggestionsView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="journey_suggest",
        summary="Fill the empty stages of a journey map with what is usual",
        description="By the kind of each stage, in every language; what somebody wrote stays as it is.",
        request=StrictSerializer,
        responses=Filled,
    )
    def post(self, request: Request, slug: str) -> Response:
        filled = suggest(get_object_or_404(LifecycleModel, slug=slug), by=caller(request))
        return Response({"filled": [stage.slug for stage in filled]})


def _stage(slug: str, stage: str) -> Stage:
    stages = Stage.objects.settled().select_related("model", "journey_map__owner_team", "playbook")
    return get_object_or_404(stages, model__slug=slug, slug=stage)


def _answer(column: Column) -> Response:
    return Response(as_json(column), headers={"ETag": f'"{column.version or "new"}"'})


urlpatterns = [
    path("lifecycle-models/<slug:slug>/journey/", JourneyView.as_view(), name="api-journey"),
    path(
        "lifecycle-models/<slug:slug>/journey-suggestions/",
        JourneySuggestionsView.as_view(),
        name="api-journey-suggestions",
    ),
    path(
        "lifecycle-models/<slug:slug>/journey/<slug:stage>/",
        JourneyStageView.as_view(),
        name="api-journey-stage",
    ),
]
