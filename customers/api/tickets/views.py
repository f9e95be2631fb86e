from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller, changed_since
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.instants import CHANGED_SINCE
from clm.base.rest.serializers import StrictSerializer
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers.api.customers import changed_at_of, version_of
from customers.api.things import batch_view
from customers.api.tickets import shapes
from customers.api.whom import named_customer
from customers.models import Ticket
from customers.tickets import handling
from customers.tickets.filters import ApiTicketFilters
from customers.tickets.opening import open_ticket
from customers.tickets.stepping import StaleTicket, TicketRefused

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
EXAMPLE = {"customer": 7, "subject": "The parcel never came", "type": "problem", "priority": "high"}
ITEM = {"key": "T-9", "email": "ada@example.com", "subject": "The parcel never came", "status": "open"}


def answer(ticket: Ticket, *, status: int = 200) -> Response:
    one = named(Ticket.objects.values(*shapes.COLUMNS.values()).get(pk=ticket.pk), shapes.COLUMNS)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-ticket", args=[ticket.pk])
    return response


def visible(request: Request, pk: int) -> Ticket:
    rows = Ticket.objects.visible_to(caller(request)).select_related("customer")
    return get_object_or_404(rows, pk=pk)


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class TicketsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tickets"
    serializer_class = shapes.TicketShape
    queryset = Ticket.objects.none()
    columns = shapes.COLUMNS
    orderings: ClassVar = {
        "id": "id",
        "due_at": "due_or_never",
        "opened_at": "opened_at",
        "changed_at": "changed_at",
    }
    filterset_class = ApiTicketFilters
    parameters: ClassVar = [CHANGED_SINCE]

    @extend_schema(
        operation_id="tickets_list",
        summary="Tickets, the newest first",
        responses=shapes.TicketShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="tickets_create",
        summary="Open a ticket",
        description="Unless `owner` is given it is the owner's of the customer.",
        request=shapes.NewTicket,
        responses={201: shapes.TicketShape},
        examples=[OpenApiExample("a problem", EXAMPLE, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        values = read(shapes.NewTicket, request)
        customer = named_customer(request, values.pop("customer"))
        return answer(open_ticket(customer, by=caller(request), values=values), status=201)

    def in_order(self, rows: QuerySet[Any, Any], ordering: str) -> QuerySet[Any, Any]:
        """Those that wait for nobody here are due last, and never lost."""
        if ordering.removeprefix("-") != "due_at":
            return rows
        ordered: QuerySet[Any, Any] = rows.annotate(due_or_never=Coalesce("due_at", Value(NEVER)))
        return ordered

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return changed_since(Ticket.objects.visible_to(caller(request)), request)


class TicketView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tickets"
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(
        operation_id="tickets_read",
        summary="One ticket",
        description="The answer's ETag is the version to send as If-Match with a change.",
        responses=shapes.TicketShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return answer(visible(request, pk))

    @extend_schema(
        operation_id="tickets_update",
        summary="Change a ticket",
        description="Only the fields that are given change. The status changes by the steps below a ticket.",
        request=shapes.TicketChanges,
        responses=shapes.TicketShape,
        examples=[OpenApiExample("change", {"priority": "urgent", "owner": 7}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        ticket, version = visible(request, pk), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(answer(ticket).data)
        values = read(shapes.TicketChanges, request)
        try:
            return answer(handling.change(ticket, by=caller(request), values=values, expected=expected))
        except StaleTicket as error:
            raise Stale(answer(error.current).data) from error


class StepView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tickets"
    errors: ClassVar = {"post": (409,)}
    verb: ClassVar[Callable[..., Ticket]]
    takes: ClassVar[type[StrictSerializer]]

    def do(self, request: Request, pk: int) -> Response:
        ticket = visible(request, pk)
        values = read(self.takes, request)
        try:
            return answer(type(self).verb(ticket, by=caller(request), **values))
        except TicketRefused as refusal:
            raise Conflict(str(refusal)) from refusal


def step_view(
    name: str,
    step: Callable[..., Ticket],
    about: tuple[str, str],
    shape: type[StrictSerializer],
    example: dict[str, Any],
) -> type[StepView]:
    class View(StepView):
        verb = staticmethod(step)
        takes = shape

        @extend_schema(
            operation_id=f"tickets_{name}",
            summary=about[0],
            description=about[1],
            request=shape,
            responses=shapes.TicketShape,
            examples=[OpenApiExample(name, example, request_only=True)],
        )
        def post(self, request: Request, pk: int) -> Response:
            return self.do(request, pk)

    return View


def merge(ticket: Ticket, *, by: User, into: int) -> Ticket:
    other = Ticket.objects.visible_to(by).filter(pk=into).first()
    if other is None:
        raise ValidationError({"into": [_("There is no such ticket.")]})
    return handling.merge(ticket, other, by=by)


_SETTLED = "409 when it is solved or closed."
_STEPS = {
    "answer": step_view(
        "answer",
        handling.answer,
        ("Note an answer", _SETTLED),
        shapes.TicketAnswer,
        {"note": "Sent a new parcel today", "waits": True},
    ),
    "solution": step_view(
        "solve", handling.solve, ("Solve a ticket", _SETTLED), shapes.TicketNote, {"note": "It arrived"}
    ),
    "closing": step_view(
        "close",
        handling.close,
        ("Close a ticket", "409 when it is closed."),
        shapes.TicketNote,
        {"note": "Spam"},
    ),
    "reopening": step_view(
        "reopen",
        handling.reopen,
        ("Open a ticket again", "Also when the customer it waited for came back. 409 when it is open."),
        shapes.TicketNote,
        {"note": "Came back: broken"},
    ),
    "merging": step_view(
        "merge",
        merge,
        (
            "Merge a ticket into another",
            "Of the same customer. The answer is the other one. 409 when one was merged.",
        ),
        shapes.TicketMerging,
        {"into": 12},
    ),
}
_FOUND = "A ticket is found by its `key`, and opened when missing, on the customer that the item names."

urlpatterns = [
    path("tickets/", TicketsView.as_view(), name="api-tickets"),
    path(
        "tickets/batch/",
        batch_view("tickets", shapes.TicketItem, _FOUND, ITEM).as_view(),
        name="api-tickets-batch",
    ),
    path("tickets/<int:pk>/", TicketView.as_view(), name="api-ticket"),
    *(
        path(f"tickets/<int:pk>/{name}/", view.as_view(), name=f"api-ticket-{name}")
        for name, view in _STEPS.items()
    ),
]
