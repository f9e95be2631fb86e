"""API: notes, calls and meetings, listed, written, corrected and taken back, by the same verbs as the pages."""

from typing import Any, ClassVar

import django_filters as filters
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers import interactions
from customers.api.tasks import whose
from customers.filter_sets import DayFilter, ListFilterSet
from customers.interactions import NotTheWriter
from customers.models import Customer, Interaction
from customers.models.interaction import LONGEST_TEXT, MOST_MINUTES, Direction, InteractionKind, Outcome
from customers.whose import LARGEST, CustomerFilter


class InteractionShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="One for all its versions.")
    customer = serializers.IntegerField()
    lead = serializers.IntegerField(allow_null=True)
    kind = serializers.ChoiceField(InteractionKind.choices)
    direction = serializers.ChoiceField(
        Direction.choices, allow_blank=True, help_text="Of a call; else empty."
    )
    outcome = serializers.ChoiceField(Outcome.choices, allow_blank=True, help_text="Of a call; else empty.")
    minutes = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(help_text="Plain text.")
    writer = serializers.IntegerField(allow_null=True, help_text="The user who wrote it, and may change it.")
    occurred_at = InstantField()
    recorded_at = InstantField(help_text="Of this version.")


COLUMNS = {str(name): str(name) for name in InteractionShape().fields} | {
    "id": "root",
    "customer": "customer_id",
    "lead": "lead_id",
    "writer": "actor_id",
}


class Changes(StrictSerializer):
    direction = serializers.ChoiceField(Direction.choices, required=False, help_text="Of a call.")
    outcome = serializers.ChoiceField(Outcome.choices, required=False, help_text="Of a call.")
    minutes = WholeNumberField(required=False, allow_null=True, min_value=0, max_value=MOST_MINUTES)
    text = TextField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    occurred_at = InstantField(required=False, help_text="Now, unless it is given; not in the future.")


class NewInteraction(Changes):
    customer = WholeNumberField(required=False, min_value=1, max_value=LARGEST, help_text="Or a lead.")
    lead = WholeNumberField(
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text="A lead that is about it; a call that reached somebody, or a meeting, contacts it.",
    )
    kind = serializers.ChoiceField(InteractionKind.choices)


class InteractionFilters(ListFilterSet):
    customer = CustomerFilter()
    lead = filters.NumberFilter("lead_id", min_value=1, max_value=LARGEST, decimal_places=0)
    kind = filters.MultipleChoiceFilter(choices=InteractionKind.choices)
    writer = filters.ModelChoiceFilter("actor_id", queryset=User.objects.all())
    since = DayFilter("occurred_at", "from", gettext_lazy("From"))
    until = DayFilter("occurred_at", "to", gettext_lazy("Until"))

    class Meta:
        model = Interaction
        fields: list[str] = []


def answer(interaction: Interaction, *, status: int = 200) -> Response:
    row = Interaction.objects.values(*COLUMNS.values()).get(pk=interaction.pk)
    response = Response(named(row, COLUMNS), status=status, headers={"ETag": f'"{interaction.pk}"'})
    if status == 201:
        response["Location"] = reverse("api-interaction", args=[interaction.root])
    return response


def visible(request: Request, pk: int) -> Interaction:
    rows = Interaction.objects.live().visible_to(caller(request)).select_related("customer")
    return get_object_or_404(rows, root=pk)


class InteractionsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Interactions"
    serializer_class = InteractionShape
    queryset = Interaction.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {"id": "id", "occurred_at": "occurred_at"}
    default_ordering = "-occurred_at"
    filterset_class = InteractionFilters

    @extend_schema(
        operation_id="interactions_list",
        summary="Notes, calls and meetings, the latest first",
        responses=InteractionShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="interactions_create",
        summary="Keep a note, a call or a meeting",
        description="Of the customer `customer`, or of the lead `lead` and its customer.",
        request=NewInteraction,
        responses={201: InteractionShape},
        examples=[
            OpenApiExample(
                "a note", {"customer": 7, "kind": "note", "text": "Prefers e-mail"}, request_only=True
            ),
            OpenApiExample(
                "a call",
                {"lead": 3, "kind": "call", "direction": "out", "outcome": "reached", "minutes": 12},
                request_only=True,
            ),
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        body = NewInteraction(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        customer, lead = whose(request, values.pop("customer", None), values.pop("lead", None))
        kind = values.pop("kind")
        made = interactions.record(customer, kind, by=caller(request), values=values, lead=lead)
        return answer(made, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return Interaction.objects.live().visible_to(caller(request))


class InteractionView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Interactions"
    errors: ClassVar = {"patch": (412, 428), "delete": (412, 428)}

    @extend_schema(
        operation_id="interactions_read",
        summary="One note, call or meeting",
        description="The answer's ETag is the version to send as If-Match with a change.",
        responses=InteractionShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return answer(visible(request, pk))

    @extend_schema(
        operation_id="interactions_update",
        summary="Correct a note, call or meeting",
        description="A new version takes the place of the one that is there. Only for who wrote it.",
        request=Changes,
        responses=InteractionShape,
        examples=[OpenApiExample("correction", {"text": "Prefers the phone"}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        live = self._asked(request, pk)
        body = Changes(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            return answer(interactions.correct(live, by=caller(request), values=body.validated_data))
        except NotTheWriter as refusal:
            raise PermissionDenied(str(refusal)) from refusal

    @extend_schema(
        operation_id="interactions_delete",
        summary="Take back a note, call or meeting",
        description="Only for who wrote it.",
        responses={204: None},
    )
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        live = self._asked(request, pk)
        try:
            interactions.take_back(live, by=caller(request))
        except NotTheWriter as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        return Response(status=204)

    def _asked(self, request: Request, pk: int) -> Interaction:
        """Locked first, so that the version that was read is still the one that holds."""
        live = visible(request, pk)
        Customer.objects.filter(pk=live.customer_id).lock()
        live = visible(request, pk)
        if required_version(request) not in (str(live.pk), "*"):
            raise Stale(answer(live).data)
        return live


urlpatterns = [
    path("interactions/", InteractionsView.as_view(), name="api-interactions"),
    path("interactions/<int:pk>/", InteractionView.as_view(), name="api-interaction"),
]
