"""API: what getting and keeping customers cost, by day and channel."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base.rest.instants import AS_OF, KNOWN_AT, asked, instant_parameter
from clm.base.rest.serializers import AmountField, InstantField
from clm.base.rest.views import ListView
from customers.api.batches import BatchResult, BatchView
from customers.api.shapes import BATCH_ANSWER, batch_of
from metrics.models import Spend, SpendType

COLUMNS = {
    "id": "id",
    "root": "root",
    "source": "source",
    "key": "key",
    "on": "occurred_at",
    "channel": "channel__slug",
    "campaign": "campaign",
    "type": "type",
    "amount": "amount",
    "currency": "currency",
    "reporting": "reporting",
    "recorded_at": "recorded_at",
    "superseded_at": "superseded_at",
}


class SpendShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="This version.")
    root = serializers.IntegerField(help_text="The first version; one for all.")  # type: ignore[assignment]
    key = serializers.CharField()
    on = serializers.DateField(help_text="A day of the organisation.")
    channel = serializers.CharField(allow_null=True, help_text="Slug; null: not allocated to a channel.")
    campaign = serializers.CharField()
    type = serializers.ChoiceField(SpendType.choices)
    amount = AmountField()
    currency = serializers.CharField()
    reporting = AmountField(
        allow_null=True, help_text="In the reporting currency; null without an exchange rate."
    )
    recorded_at = InstantField()
    superseded_at = InstantField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has a `source` of its own, so this field can't be an attribute.
        return {"source": serializers.CharField(help_text="The system it came from."), **super().get_fields()}


class SpendItem(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=200, help_text="Its name in the source.")
    on = serializers.DateField()
    channel = serializers.CharField(required=False)
    campaign = serializers.CharField(required=False, max_length=200)
    type = serializers.ChoiceField(SpendType.choices, required=False)
    amount = AmountField()
    currency = serializers.CharField(help_text="ISO 4217.")


class SpendView(ListView):
    capability = Capability.VIEW_COSTS
    tag = "Spend"
    serializer_class = SpendShape
    queryset = Spend.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {"id": "id", "on": "occurred_at"}
    default_ordering = "-on"
    parameters: ClassVar = [
        OpenApiParameter("channel", OpenApiTypes.STR, description="Only on this channel, by slug."),
        OpenApiParameter("from", OpenApiTypes.STR, description="First day."),
        OpenApiParameter("to", OpenApiTypes.STR, description="Last day, included."),
        AS_OF,
        KNOWN_AT,
    ]

    @extend_schema(
        operation_id="spend_list", summary="Spend, the latest first", responses=SpendShape(many=True)
    )
    def get(self, request: Request) -> Response:
        self.zone = Organisation.objects.current().tz
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        as_of, known_at = asked(request, self.zone)
        wanted = {
            "channel__slug": request.query_params.get("channel"),
            "occurred_at__gte": instant_parameter(request, "from", zone=self.zone, start=True),
            "occurred_at__lt": instant_parameter(request, "to", zone=self.zone),
        }
        spend: QuerySet[Any, Any] = Spend.objects.known(known_at).before(as_of)
        return spend.filter(**{name: value for name, value in wanted.items() if value is not None})

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        one = super().told(row)
        return one | {"on": one["on"].astimezone(self.zone).date()}


class SpendBatchView(BatchView):
    kind = "spend"
    needs = ("key",)
    tag = "Spend"

    @extend_schema(
        operation_id="spend_batch",
        summary="Add or amend up to 1,000 rows of spend",
        description="Named by `source` and `key`: sent again unchanged it changes nothing, sent again otherwise it amends.",
        request=batch_of(SpendItem),
        responses=BatchResult,
        examples=[
            OpenApiExample(
                "one",
                {
                    "source": "ads",
                    "items": [
                        {
                            "key": "2026-06-30/search",
                            "on": "2026-06-30",
                            "channel": "paid-search",
                            "amount": "250.00",
                            "currency": "EUR",
                        }
                    ],
                },
                request_only=True,
            ),
            BATCH_ANSWER,
        ],
    )
    def post(self, request: Request) -> Response:
        return self.take(request)


urlpatterns = [
    path("spend/", SpendView.as_view(), name="api-spend"),
    path("spend/batch/", SpendBatchView.as_view(), name="api-spend-batch"),
]
