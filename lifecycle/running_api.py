"""API: what is done with a model as a whole: work out its history, make it primary, lay it beside another."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import JOB_COLUMNS, JobSerializer, caller, told_job
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.jobs import JobFailed
from clm.accounts.models import Job, Organisation
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict
from clm.base.rest.instants import AS_OF, KNOWN_AT, asked
from clm.base.rest.serializers import InstantField, StrictSerializer
from clm.base.rest.views import ApiView, named
from lifecycle.clocks import lens_at
from lifecycle.comparing import Comparison, compare
from lifecycle.models import LifecycleModel, NotInForce, VersionStatus
from lifecycle.parking import release_all
from lifecycle.replay import request_replay
from lifecycle.retiring import CannotRetire, retire


class ReplaysView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="models_replay",
        summary="Work out the whole history with the version in force",
        description="A job: `GET /jobs/<id>/` tells how far it is. Moves by people, the API and imports stay."
        " 409 while it is being worked out already, and when no version is in force.",
        request=StrictSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        model = get_object_or_404(LifecycleModel, slug=slug)
        try:
            job = request_replay(model, by=caller(request))
        except JobFailed as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(told_job(Job.objects.values(*JOB_COLUMNS).get(pk=job.pk)), status=202)


class Primacy(serializers.Serializer[Any]):
    primary = serializers.CharField(help_text="The slug of the model that is primary now.")


class PrimacyView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="models_make_primary",
        summary="Make a model the primary one",
        description="Lists, the dashboard and the API show it when none is named. 409 when it is not in force.",
        request=StrictSerializer,
        responses=Primacy,
    )
    def post(self, request: Request, slug: str) -> Response:
        try:
            get_object_or_404(LifecycleModel, slug=slug).make_primary(by=caller(request))
        except NotInForce as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response({"primary": slug})


class Retirement(serializers.Serializer[Any]):
    retired = serializers.CharField(help_text="The slug of the model.")
    version = serializers.IntegerField(help_text="The version that was in force until now.")


class RetirementView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="models_retire",
        summary="Take a model out of force",
        description="Its rules decide no more, everybody keeps the stage they have, and the history stays. Publishing"
        " a draft brings it back and works its history out. 409 when it is the primary one, not in force, or being"
        " replayed or published.",
        request=StrictSerializer,
        responses=Retirement,
    )
    def post(self, request: Request, slug: str) -> Response:
        try:
            version = retire(get_object_or_404(LifecycleModel, slug=slug), by=caller(request))
        except CannotRetire as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response({"retired": slug, "version": version.number})


class ReleasedMany(serializers.Serializer[Any]):
    released = serializers.IntegerField(help_text="How many they were, at most 20,000 at once.")


class ModelReleasesView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="models_release",
        summary="Let rules move all parked customers of a model again",
        description="Those whom the caller may see. Change one of the rules that pull them to and fro first, or they"
        " will be parked once more.",
        request=StrictSerializer,
        responses=ReleasedMany,
    )
    def post(self, request: Request, slug: str) -> Response:
        model = get_object_or_404(LifecycleModel, slug=slug)
        return Response({"released": release_all(model, by=caller(request))})


class VersionInShort(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    status = serializers.ChoiceField(VersionStatus.choices)
    published_at = InstantField(allow_null=True)
    published_by = serializers.IntegerField(allow_null=True, help_text="A user.")
    governs_from = InstantField(
        allow_null=True, help_text="Facts from then on are judged by it; null: a draft, or none any more."
    )
    heirs = serializers.DictField(help_text="Stages that vanished with it, and where their customers went.")


class VersionsInShort(serializers.Serializer[Any]):
    results = VersionInShort(many=True)


class VersionsView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="models_versions",
        summary="A model's versions, the newest first",
        responses=VersionsInShort,
    )
    def get(self, request: Request, slug: str) -> Response:
        versions = get_object_or_404(LifecycleModel, slug=slug).versions.order_by("-number")
        columns = {str(name): str(name) for name in VersionInShort().fields} | {
            "published_by": "published_by_id"
        }
        return Response({"results": [named(row, columns) for row in versions.values(*columns.values())]})


class PairShape(serializers.Serializer[Any]):
    first = serializers.CharField(allow_null=True, help_text="Slug; null: no stage in the first model.")
    second = serializers.CharField(allow_null=True, help_text="Slug; null: no stage in the second model.")
    customers = serializers.IntegerField()


class BlurShape(serializers.Serializer[Any]):
    model = serializers.CharField()
    stages = serializers.ListField(child=serializers.CharField(), help_text="Told apart in this model,")
    into = serializers.CharField(help_text="but this one stage in the other.")


class LostShape(serializers.Serializer[Any]):
    model = serializers.CharField()
    stage = serializers.CharField()


class ComparisonShape(serializers.Serializer[Any]):
    first = serializers.CharField()
    second = serializers.CharField()
    customers = serializers.IntegerField()
    agreeing = serializers.IntegerField(help_text="At the same point of the shared axis in both.")
    pairs = PairShape(many=True)
    many_to_one = BlurShape(many=True)
    without_counterpart = LostShape(many=True)


class ComparisonView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"
    parameters: ClassVar = [
        OpenApiParameter("first", OpenApiTypes.STR, description="Slug. Default: the primary model."),
        OpenApiParameter("second", OpenApiTypes.STR, description="Slug. Default: the next one in use."),
        AS_OF,
        KNOWN_AT,
    ]

    @extend_schema(
        operation_id="models_compare",
        summary="The same customers in the terms of two models",
        description="And what gets lost on the way: stages that are one in the other model, and those without a"
        " counterpart there.",
        responses=ComparisonShape,
    )
    def get(self, request: Request) -> Response:
        first, second = self._pair(request)
        lens = lens_at(*asked(request, Organisation.objects.current().tz))
        return Response(_told(compare(first, second, lens=lens, seen_by=caller(request))))

    def _pair(self, request: Request) -> tuple[LifecycleModel, LifecycleModel]:
        running = {
            model.slug: model for model in LifecycleModel.objects.running().order_by("-is_primary", "pk")
        }
        chosen: list[LifecycleModel] = []
        for name in ("first", "second"):
            left = {slug: model for slug, model in running.items() if model not in chosen}
            slug = request.query_params.get(name, next(iter(left), ""))
            if slug not in left:
                known = ", ".join(left) or "–"
                raise ValidationError(
                    {
                        name: [
                            _("Two models in use are compared. Choose one of: %(known)s.") % {"known": known}
                        ]
                    }
                )
            chosen.append(left[slug])
        return chosen[0], chosen[1]


def _told(found: Comparison) -> dict[str, Any]:
    slugs = {stage.pk: stage.slug for side in (found.first, found.second) for stage in side.stages}
    return {
        "first": found.first.model.slug,
        "second": found.second.model.slug,
        "customers": found.total,
        "agreeing": found.agreeing,
        "pairs": [
            {"first": slugs.get(one or 0), "second": slugs.get(other or 0), "customers": count}
            for (one, other), count in found.counts.items()
        ],
        "many_to_one": [
            {
                "model": blur.model.slug,
                "stages": [stage.slug for stage in blur.stages],
                "into": blur.into.slug,
            }
            for blur in found.mapping.blurs
        ],
        "without_counterpart": [
            {"model": model.slug, "stage": stage.slug} for model, stage in found.mapping.missing
        ],
    }


urlpatterns = [
    path("lifecycle-models/<slug:slug>/replays/", ReplaysView.as_view(), name="api-lifecycle-replays"),
    path("lifecycle-models/<slug:slug>/primacy/", PrimacyView.as_view(), name="api-lifecycle-primacy"),
    path(
        "lifecycle-models/<slug:slug>/retirement/", RetirementView.as_view(), name="api-lifecycle-retirement"
    ),
    path(
        "lifecycle-models/<slug:slug>/releases/", ModelReleasesView.as_view(), name="api-lifecycle-releases"
    ),
    path("lifecycle-models/<slug:slug>/versions/", VersionsView.as_view(), name="api-lifecycle-versions"),
    path("lifecycle/comparison/", ComparisonView.as_view(), name="api-lifecycle-comparison"),
]
