"""API: campaigns, their draft as a whole, and their life."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import drafting, running
from campaigns.api import shapes
from campaigns.composing import CannotCompose, compose
from campaigns.models import Campaign, CampaignStatus
from campaigns.presets import CannotInstall, install, shipped
from campaigns.publishing import CannotPublish, flaws, publish
from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import StrictSerializer
from clm.base.rest.views import ApiView, ListView

DRAFT = {
    "trigger": {"kind": "stage_entered", "model": "swedish-six", "stages": ["engagement"]},
    "exit_condition": {"condition": "orders", "parameters": {"at_least": 1}},
    "steps": [
        {"kind": "message", "template": 3},
        {"kind": "wait", "wait_amount": 3, "wait_unit": "days"},
        {"kind": "message", "template": 4},
    ],
}


def told(campaign: Campaign, *, status: int = 200) -> Response:
    draft = campaign.draft()
    wrong = [str(flaw) for flaw in flaws(draft)] if draft else []
    return Response(shapes.campaign_told(campaign, wrong), status=status)


class CampaignsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Campaigns"
    serializer_class = shapes.CampaignShape
    queryset = Campaign.objects.none()
    columns = shapes.CAMPAIGN_COLUMNS
    orderings: ClassVar = {"id": "id", "created_at": "created_at"}
    errors: ClassVar = {"post": (409,)}
    parameters: ClassVar = [
        OpenApiParameter("status", enum=CampaignStatus.values, description="Only in this status.")
    ]

    @extend_schema(
        operation_id="campaigns_list", summary="Campaigns", responses=shapes.CampaignShape(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="campaigns_create",
        summary="Make a campaign",
        description="An empty one with a `name`, or a ready-made one with a `preset`. Nothing is sent before it is started.",
        request=shapes.NewCampaign,
        responses={201: shapes.CampaignDetail},
        examples=[
            OpenApiExample("ready-made", {"preset": "welcome"}, request_only=True),
            OpenApiExample("empty", {"name": "Tips for regulars"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        body = shapes.NewCampaign(data=request.data)
        body.is_valid(raise_exception=True)
        name, preset = body.validated_data.get("name"), body.validated_data.get("preset")
        if bool(name) == bool(preset):
            raise ValidationError({"name": [_("Give either a name or a preset.")]})
        if name:
            return told(drafting.establish(name=name, by=caller(request)), status=201)
        if preset not in shipped():
            known = ", ".join(shipped())
            raise ValidationError({"preset": [_("Choose one of: %(values)s.") % {"values": known}]})
        try:
            return told(install(preset, by=caller(request)), status=201)
        except CannotInstall as refusal:
            raise Conflict(str(refusal)) from refusal

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        status = self.choice("status", CampaignStatus.values)
        return Campaign.objects.filter(status=status) if status else Campaign.objects.all()


class CampaignView(ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    tag = "Campaigns"

    @extend_schema(
        operation_id="campaigns_read",
        summary="One campaign, what is in force and its draft",
        responses=shapes.CampaignDetail,
    )
    def get(self, request: Request, pk: int) -> Response:
        return told(get_object_or_404(Campaign, pk=pk))


class CampaignDraftView(ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Campaigns"
    errors: ClassVar = {"put": (409,)}

    @extend_schema(
        operation_id="campaigns_draft_write",
        summary="Write the whole draft",
        description="Who is on the way goes on with what is in force. 409 for a finished campaign.",
        request=shapes.Draft,
        responses=shapes.CampaignDetail,
        examples=[OpenApiExample("draft", DRAFT, request_only=True)],
    )
    def put(self, request: Request, pk: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=pk)
        body = shapes.Draft(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        try:
            compose(campaign, steps=values.pop("steps"), by=caller(request), **values)
        except CannotCompose as refusal:
            raise ValidationError({refusal.where: [str(refusal)]}) from refusal
        except drafting.CannotEdit as refusal:
            raise Conflict(str(refusal)) from refusal
        return told(campaign)


class StartView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Campaigns"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="campaigns_start",
        summary="Put the draft in force; the first time the campaign starts",
        description="409 with all that is missing.",
        request=shapes.Start,
        responses=shapes.CampaignDetail,
        examples=[OpenApiExample("start", {"includes_present": False}, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=pk)
        body = shapes.Start(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            publish(campaign, by=caller(request))
            if campaign.status == CampaignStatus.DRAFT:
                running.launch(campaign, by=caller(request), **body.validated_data)
        except (CannotPublish, running.CannotRun) as refusal:
            raise Conflict(str(refusal)) from refusal
        return told(campaign)


def _life(name: str, verb: Callable[..., object], summary: str) -> type[ApiView]:
    class View(AnswersOnce, ApiView):
        capability = Capability.VIEW_CAMPAIGNS
        write_capability = Capability.EDIT_CAMPAIGNS
        tag = "Campaigns"
        errors: ClassVar = {"post": (409,)}

        @extend_schema(
            operation_id=f"campaigns_{name}",
            summary=summary,
            request=shapes.Nothing,
            responses={200: OpenApiResponse(shapes.CampaignDetail)},
            examples=[OpenApiExample("now", {}, request_only=True)],
        )
        def post(self, request: Request, pk: int) -> Response:
            campaign = get_object_or_404(Campaign, pk=pk)
            body: StrictSerializer = shapes.Nothing(data=request.data)
            body.is_valid(raise_exception=True)
            try:
                verb(campaign, by=caller(request))
            except running.CannotRun as refusal:
                raise Conflict(str(refusal)) from refusal
            return told(campaign)

    return View


pause = _life("pause", running.pause, "Hold everybody in place")
resume = _life("resume", running.resume, "Go on; what is overdue is sent")
finish = _life("finish", running.finish, "End it for good")

urlpatterns = [
    path("campaigns/", CampaignsView.as_view(), name="api-campaigns"),
    path("campaigns/<int:pk>/", CampaignView.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/draft/", CampaignDraftView.as_view(), name="api-campaign-draft"),
    path("campaigns/<int:pk>/start/", StartView.as_view(), name="api-campaign-start"),
    path("campaigns/<int:pk>/pause/", pause.as_view(), name="api-campaign-pause"),
    path("campaigns/<int:pk>/resumption/", resume.as_view(), name="api-campaign-resumption"),
    path("campaigns/<int:pk>/finish/", finish.as_view(), name="api-campaign-finish"),
]
