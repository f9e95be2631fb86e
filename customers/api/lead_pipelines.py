"""API: the steps of each team's leads."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidModel
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.models import Team
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, required_version
from customers.leads.pipeline_editing import (
    Expectations,
    StalePipeline,
    StepDraft,
    drop_pipeline,
    mark_of,
    save_pipeline,
)
from customers.leads.pipelines import Pipelines
from customers.models import LeadPipeline, LeadStatus
from customers.models.lead_pipeline import LONGEST_RESPONSE, OTHERS

EXAMPLE = {
    "steps": [
        {"status": "new"},
        {"status": "contacted", "name": "Called"},
        {"status": "contacted", "name": "Met"},
        {"status": "qualified"},
        {"status": "proposal", "name": "Offer sent"},
        {"status": "won"},
        {"status": "lost"},
    ],
    "respond_within_hours": 4,
    "demands_next_action": True,
}


class PipelineStepShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True, help_text="Null for a step that is built in.")
    name = serializers.CharField()
    status = serializers.ChoiceField(LeadStatus.choices, help_text="What it means.")


class PipelineShape(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="A team's id, or `others`.")
    team = serializers.IntegerField(allow_null=True)
    steps = PipelineStepShape(many=True)
    respond_within_hours = serializers.IntegerField(allow_null=True)
    demands_next_action = serializers.BooleanField()


class PipelinesShape(serializers.Serializer[Any]):
    pipelines = PipelineShape(many=True)


class NewPipelineStep(StrictSerializer):
    id = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The step it changes; without it the step is new.",
    )
    name = TextField(max_length=40, required=False, allow_blank=True, help_text="Empty: as its status.")
    status = serializers.ChoiceField(LeadStatus.choices)


class NewPipeline(StrictSerializer):
    steps = NewPipelineStep(many=True)
    respond_within_hours = WholeNumberField(
        required=False, allow_null=True, min_value=1, max_value=LONGEST_RESPONSE
    )
    demands_next_action = serializers.BooleanField(required=False)


def told(pipeline: LeadPipeline) -> dict[str, Any]:
    return {
        "key": str(pipeline.team_id or OTHERS),
        "team": pipeline.team_id,
        "steps": [{"id": one.pk, "name": str(one), "status": one.status} for one in pipeline.steps],
        "respond_within_hours": pipeline.respond_within_hours,
        "demands_next_action": pipeline.demands_next_action,
    }


class PipelinesView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Leads"

    @extend_schema(
        operation_id="lead_pipelines_list",
        summary="The steps of leads, for each team that has its own and for all others",
        responses=PipelinesShape,
    )
    def get(self, request: Request) -> Response:
        return Response({"pipelines": [told(one) for one in Pipelines.read().all]})


class PipelineView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.ADMINISTER
    tag = "Leads"
    errors: ClassVar = {"put": (412, 428)}

    @extend_schema(
        operation_id="lead_pipelines_read",
        summary="The steps of a team's leads",
        description="Of a team without steps of its own those of all others.",
        responses=PipelineShape,
    )
    def get(self, request: Request, key: str) -> Response:
        return _answer(_team(key))

    @extend_schema(
        operation_id="lead_pipelines_write",
        summary="Give a team its steps",
        description="Every status needs a step; won and lost have one each, and come last. Steps that are left out"
        " are given up: their leads are in the first step of their status. The ETag that was read is sent as If-Match.",
        request=NewPipeline,
        responses=PipelineShape,
        examples=[OpenApiExample("pipeline", EXAMPLE, request_only=True)],
    )
    def put(self, request: Request, key: str) -> Response:
        team, version = _team(key), required_version(request)
        body = NewPipeline(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        steps = [StepDraft(one.get("name", ""), one["status"], one.get("id")) for one in given.pop("steps")]
        expected = None if version == "*" else version
        try:
            save_pipeline(team, steps, Expectations(**given), by=caller(request), expected=expected)
        except StalePipeline as stale:
            raise Stale(told(stale.current)) from stale
        except InvalidModel as refusal:
            raise ValidationError(refusal.message_dict) from refusal
        return _answer(team)

    @extend_schema(
        operation_id="lead_pipelines_drop",
        summary="Have a team go by the steps of all others",
        responses={204: None},
    )
    def delete(self, request: Request, key: str) -> Response:
        drop_pipeline(_team(key), by=caller(request))
        return Response(status=204)


def _answer(team: Team | None) -> Response:
    pipeline = Pipelines.read().of(team.pk if team else None)
    return Response(told(pipeline), headers={"ETag": f'"{mark_of(pipeline)}"'})


def _team(key: str) -> Team | None:
    if key == OTHERS:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    return get_object_or_404(Team, pk=int(key))


urlpatterns = [
    path("lead-pipelines/", PipelinesView.as_view(), name="api-lead-pipelines"),
    path("lead-pipelines/<str:key>/", PipelineView.as_view(), name="api-lead-pipeline"),
]
