"""API: many moves at once, moves that were refused, and customers whom rules are kept off."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.permissions import Capability
from clm.base.rest.serializers import InstantField
from clm.base.rest.views import ListView
from customers.api.batches import BatchResult, BatchView
from customers.api.shapes import BATCH_ANSWER, batch_of
from customers.api.whom import of_the_customer
from customers.models import Customer
from lifecycle.api_shapes import ONLY_OF_MODEL, ParkedTold, PullingTold, pulling_told
from lifecycle.models import Parking, Refusal
from lifecycle.parking import parked_of

CUSTOMER = OpenApiParameter("customer", OpenApiTypes.INT, description="Only of this customer.")
SOURCES = ("rule", "person", "api", "import")


class TransitionItem(serializers.Serializer[Any]):
    customer = serializers.CharField(required=False, max_length=200, help_text="External id, of this source.")
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False, help_text="With its country code.")
    stage = serializers.CharField(max_length=100, help_text="Slug, or a name in any language.")
    model = serializers.CharField(
        required=False, max_length=50, help_text="Slug. Default: the primary model."
    )
    reason = serializers.CharField(required=False, max_length=500)
    hold_days = serializers.IntegerField(
        required=False, help_text="For so many days rules leave it there. Default: 0."
    )


class TransitionsBatchView(BatchView):
    kind = "transitions"
    tag = "Stages"

    @extend_schema(
        operation_id="transitions_batch",
        summary="Move up to 1,000 customers to stages",
        description="Each by itself, by the model's policy for the API: what it does not allow is `refused` with the"
        " reason, and listed. `added`: moved; `unchanged`: there already. `id` is the customer's.",
        request=batch_of(TransitionItem),
        responses=BatchResult,
        examples=[
            OpenApiExample(
                "one",
                {
                    "source": "shop",
                    "items": [{"customer": "C-1001", "stage": "loyalty", "reason": "Signed a yearly plan"}],
                },
                request_only=True,
            ),
            BATCH_ANSWER,
        ],
    )
    def post(self, request: Request) -> Response:
        return self.take(request)


class RefusalShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    model = serializers.CharField(help_text="Slug.")
    rule = serializers.IntegerField(allow_null=True, help_text="The rule that held.")
    actor = serializers.IntegerField(allow_null=True, help_text="The user who tried it.")
    reason = serializers.CharField(help_text="`forbidden` for a rule, else in words.")
    at = InstantField()

    def get_fields(self) -> dict[str, Any]:
        """`from` and `source` are no names for attributes."""
        return super().get_fields() | {
            "from": serializers.CharField(help_text="Slug."),
            "to": serializers.CharField(help_text="Slug."),
            "source": serializers.ChoiceField(SOURCES),
        }


class RefusalsView(ListView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"
    serializer_class = RefusalShape
    queryset = Refusal.objects.none()
    columns: ClassVar = {
        "id": "id",
        "customer": "customer_id",
        "model": "model__slug",
        "from": "from_stage__slug",
        "to": "to_stage__slug",
        "source": "source",
        "rule": "rule_id",
        "actor": "actor_id",
        "reason": "reason",
        "at": "at",
    }
    orderings: ClassVar = {"id": "id", "at": "at"}
    default_ordering = "-at"
    parameters: ClassVar = [
        CUSTOMER,
        ONLY_OF_MODEL,
        OpenApiParameter("source", OpenApiTypes.STR, enum=SOURCES, description="Only moves by this source."),
    ]

    @extend_schema(
        operation_id="refusals_list",
        summary="Moves that a model did not allow, the newest first",
        responses=RefusalShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        seen = Customer.objects.visible_to(caller(request)).values("pk")
        refused = Refusal.objects.live().filter(_wanted(self), customer__in=seen)
        source = self.choice("source", SOURCES)
        return refused.filter(source=source) if source else refused


class ParkingShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    model = serializers.CharField(help_text="Slug.")
    since = InstantField()
    reason = serializers.CharField(help_text=str(ParkedTold().fields["reason"].help_text))
    rules = PullingTold(many=True, help_text="The rules that lead it round.")


class ParkingsView(ListView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"
    serializer_class = ParkingShape
    queryset = Parking.objects.none()
    columns: ClassVar = {
        "id": "id",
        "customer": "customer_id",
        "model": "model__slug",
        "since": "parked_at",
        "reason": "reason",
    }
    orderings: ClassVar = {"id": "id", "since": "parked_at"}
    default_ordering = "-since"
    parameters: ClassVar = [CUSTOMER, ONLY_OF_MODEL]

    @extend_schema(
        operation_id="parkings_list",
        summary="Customers whom rules are kept off, the newest first",
        description="Released by `POST /customers/<id>/releases/`.",
        responses=ParkingShape(many=True),
    )
    def get(self, request: Request) -> Response:
        answer = self.answer()
        rows = answer.data["results"]
        rules = {one.parking.pk: one.rules for one in parked_of([row["id"] for row in rows])}
        for row in rows:
            row["rules"] = [pulling_told(rule) for rule in rules[row["id"]]]
        return answer

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        seen = Customer.objects.visible_to(caller(request)).values("pk")
        return Parking.objects.filter(_wanted(self), released_at=None, customer__in=seen)


def _wanted(view: ListView) -> Q:
    model = view.request.query_params.get("model")
    return of_the_customer(view) & (Q() if model is None else Q(model__slug=model))


urlpatterns = [
    path("transitions/batch/", TransitionsBatchView.as_view(), name="api-transitions-batch"),
    path("refusals/", RefusalsView.as_view(), name="api-refusals"),
    path("parkings/", ParkingsView.as_view(), name="api-parkings"),
]
