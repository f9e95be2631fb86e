"""API: thresholds of scores, by the same verbs as the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView, named
from customers.api.scoring import TAG, answered, expected_version
from customers.api.segments import read
from customers.models import Threshold
from customers.models.threshold import ThresholdAction
from customers.scoring.keeping import StaleScoring
from customers.scoring.thresholds import change_threshold, remove_threshold, set_threshold

COLUMNS = {
    "id": "id",
    "name": "name",
    "fit": "fit",
    "interest": "interest",
    "action": "action",
    "owner": "owner_id",
    "again_after_days": "again_after_days",
    "is_active": "is_active",
    "created_at": "created_at",
    "changed_at": "changed_at",
}
OWNER = "Of the lead or the task. Null: the assignment rules choose; of a task, the customer's owner."


class ThresholdShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    fit = serializers.IntegerField(help_text="At least, 0 to 100.")
    interest = serializers.IntegerField(help_text="At least, in points.")
    action = serializers.ChoiceField(ThresholdAction.choices)
    owner = serializers.IntegerField(allow_null=True, help_text=OWNER)
    again_after_days = serializers.IntegerField(help_text="Who comes back sooner is left alone.")
    is_active = serializers.BooleanField()
    created_at = InstantField()
    changed_at = InstantField()


class ThresholdChanges(StrictSerializer):
    name = TextField(max_length=100, required=False)
    fit = WholeNumberField(required=False, min_value=0, max_value=100)
    interest = WholeNumberField(required=False, min_value=0, max_value=10_000)
    action = serializers.ChoiceField(ThresholdAction.choices, required=False)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True, help_text=OWNER
    )
    again_after_days = WholeNumberField(required=False, min_value=1, max_value=3650)
    is_active = serializers.BooleanField(required=False)


class NewThreshold(ThresholdChanges):
    name = TextField(max_length=100)
    action = serializers.ChoiceField(ThresholdAction.choices)


def told(pk: int) -> dict[str, Any]:
    return named(Threshold.objects.values(*COLUMNS.values()).get(pk=pk), COLUMNS)


class ThresholdsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SCORING
    tag = TAG
    serializer_class = ThresholdShape
    queryset = Threshold.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {"id": "id", "name": "name"}
    default_ordering = "name"

    @extend_schema(operation_id="thresholds_list", summary="Thresholds", responses=ThresholdShape(many=True))
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="thresholds_create",
        summary="Set a threshold",
        description="It acts on who comes to it from now on; who is above already is left alone.",
        request=NewThreshold,
        responses={201: ThresholdShape},
        examples=[
            OpenApiExample(
                "new", {"name": "Hot", "fit": 75, "interest": 50, "action": "qualify"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        made = set_threshold(by=caller(request), values=read(NewThreshold, request))
        response = answered(told(made.pk), status=201)
        response["Location"] = reverse("api-threshold", args=[made.pk])
        return response

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return Threshold.objects.all()


class ThresholdView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SCORING
    tag = TAG
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(operation_id="thresholds_read", summary="One threshold", responses=ThresholdShape)
    def get(self, request: Request, pk: int) -> Response:
        return answered(told(get_object_or_404(Threshold, pk=pk).pk))

    @extend_schema(
        operation_id="thresholds_update",
        summary="Change a threshold",
        description="Only the fields that are given change. Who comes to be above by that is left alone.",
        request=ThresholdChanges,
        responses=ThresholdShape,
        examples=[OpenApiExample("rest", {"is_active": False}, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        threshold = get_object_or_404(Threshold, pk=pk)
        expected = expected_version(request, told(pk))
        values = read(ThresholdChanges, request)
        try:
            change_threshold(threshold, by=caller(request), values=values, expected=expected)
        except StaleScoring as error:
            raise Stale(told(pk)) from error
        return answered(told(pk))

    @extend_schema(
        operation_id="thresholds_delete",
        summary="Delete a threshold",
        description="Leads and tasks that came of it stay.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        remove_threshold(get_object_or_404(Threshold, pk=pk), by=caller(request))
        return Response(status=204)


urlpatterns = [
    path("thresholds/", ThresholdsView.as_view(), name="api-thresholds"),
    path("thresholds/<int:pk>/", ThresholdView.as_view(), name="api-threshold"),
]
