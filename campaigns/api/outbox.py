"""API: runs, messages and blocked addresses."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api import shapes
from campaigns.models import Enrollment, Message, MessageState, Suppression
from campaigns.suppressing import NotAnAddress, lift, suppress
from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.views import ApiView, ListView, named
from customers.api.whom import of_the_customer
from customers.models import Customer

OF = [
    OpenApiParameter("customer", OpenApiTypes.INT, description="Only of this customer."),
    OpenApiParameter("campaign", OpenApiTypes.INT, description="Only of this campaign."),
]


class _OfCustomers(ListView):
    """Rows that belong to customers: only those the caller may see."""

    capability = Capability.VIEW_CUSTOMERS

    def narrowed(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        campaign = self.whole_number("campaign")
        found = rows.filter(of_the_customer(self), Q() if campaign is None else Q(campaign=campaign))
        user = caller(self.request)
        if not user.is_restricted:
            return found
        return found.filter(customer__in=Customer.objects.visible_to(user).values("pk"))


class EnrollmentsView(_OfCustomers):
    tag = "Campaigns"
    serializer_class = shapes.RunShape
    queryset = Enrollment.objects.none()
    columns = shapes.RUN_COLUMNS
    orderings: ClassVar = {"id": "id", "entered_at": "entered_at"}
    parameters: ClassVar = [
        *OF,
        OpenApiParameter(
            "active", enum=["true", "false"], description="Only runs that go on, or only those that ended."
        ),
    ]

    @extend_schema(
        operation_id="enrollments_list",
        summary="Customers' runs through campaigns, and how they ended",
        responses=shapes.RunShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        rows = self.narrowed(Enrollment.objects.all())
        active = self.choice("active", ["true", "false"])
        return rows if active is None else rows.filter(finished_at__isnull=active == "true")


class MessagesView(_OfCustomers):
    tag = "Messages"
    serializer_class = shapes.MessageShape
    queryset = Message.objects.none()
    columns = shapes.MESSAGE_COLUMNS
    orderings: ClassVar = {"id": "id", "queued_at": "queued_at"}
    parameters: ClassVar = [
        *OF,
        OpenApiParameter("state", enum=MessageState.values, description="Only in this state."),
    ]

    @extend_schema(
        operation_id="messages_list",
        summary="Every message that was decided on, its state and the reason",
        responses=shapes.MessageShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        rows = self.narrowed(Message.objects.all())
        state = self.choice("state", MessageState.values)
        return rows.filter(state=state) if state else rows


class MessageView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Messages"

    @extend_schema(operation_id="messages_read", summary="One message", responses=shapes.MessageShape)
    def get(self, request: Request, pk: int) -> Response:
        visible = Customer.objects.visible_to(caller(request)).values("pk")
        rows = Message.objects.filter(customer__in=visible).values(*shapes.MESSAGE_COLUMNS.values())
        return Response(named(get_object_or_404(rows, pk=pk), shapes.MESSAGE_COLUMNS))


class SuppressionsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Messages"
    serializer_class = shapes.SuppressionShape
    queryset = Suppression.objects.none()
    columns = shapes.SUPPRESSION_COLUMNS

    @extend_schema(
        operation_id="suppressions_list",
        summary="Addresses that must not be written to",
        responses=shapes.SuppressionShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="suppressions_create",
        summary="Never write to an address again",
        request=shapes.NewSuppression,
        responses={201: shapes.SuppressionShape},
        examples=[OpenApiExample("address", {"address": "ada@example.com"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        body = shapes.NewSuppression(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            found = suppress(body.validated_data["address"], by=caller(request))
        except NotAnAddress as refusal:
            raise ValidationError({"address": [str(refusal)]}) from refusal
        told = {name: getattr(found, name) for name in shapes.SUPPRESSION_COLUMNS}
        return Response(told, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return Suppression.objects.live()


class SuppressionView(ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Messages"

    @extend_schema(operation_id="suppressions_lift", summary="Allow an address again", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        lift(get_object_or_404(Suppression.objects.live(), pk=pk), by=caller(request))
        return Response(status=204)


urlpatterns = [
    path("enrollments/", EnrollmentsView.as_view(), name="api-enrollments"),
    path("messages/", MessagesView.as_view(), name="api-messages"),
    path("messages/<int:pk>/", MessageView.as_view(), name="api-message"),
    path("suppressions/", SuppressionsView.as_view(), name="api-suppressions"),
    path("suppressions/<int:pk>/", SuppressionView.as_view(), name="api-suppression"),
]
