"""API: leads, listed, opened, changed; each step is a resource below the lead, by the same verbs as the pages."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidModel
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
from customers.api import lead_shapes as shapes
from customers.api.customers import changed_at_of, identities_told, version_of
from customers.api.whom import named_customer
from customers.leads import pursuing
from customers.leads.converting import Filling, convert, filling_of
from customers.leads.filters import LeadFilters
from customers.leads.matching import candidates
from customers.leads.moving import move
from customers.leads.opening import open_lead
from customers.leads.pipelines import Pipelines
from customers.leads.pursuing import Next
from customers.leads.stepping import LeadRefused, StaleLead
from customers.models import Customer, Lead
from customers.models.lead_status import OPEN

EXAMPLE = {
    "title": "Forty licences",
    "source": "trade-fair",
    "value": "4000",
    "next_action": "Call about the offer",
    "next_action_on": "2026-07-15",
}
# What may be missing, and where such leads stand in order: after all days, below all values.
LAST = {
    "next_action_on": date(9000, 1, 1),
    "expected_close_on": date(9000, 1, 1),
    "value_reporting": Decimal(-1),
}
ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "company": "Engines"}


def told(row: dict[str, Any]) -> dict[str, Any]:
    one = named(row, shapes.COLUMNS)
    return one | {"outcome": None if one["status"] in OPEN else one["status"]}


def answer(request: Request, lead: Lead, *, status: int = 200) -> Response:
    """As it is now, to whom it was seen by before: they may have given it away."""
    one = told(Lead.objects.values(*shapes.COLUMNS.values()).get(pk=lead.pk))
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-lead", args=[lead.pk])
    return response


def visible(request: Request, pk: int) -> Lead:
    rows = Lead.objects.visible_to(caller(request)).select_related("customer", "customer__company")
    return get_object_or_404(rows, pk=pk)


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The valid values of a body, under the names of the verbs."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(body.validated_data)
    if "source" in values:
        values["channel"] = values.pop("source")
    return values


class LeadsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Leads"
    serializer_class = shapes.LeadShape
    queryset = Lead.objects.none()
    columns = shapes.COLUMNS
    orderings: ClassVar = {
        "id": "id",
        "opened_at": "opened_at",
        "changed_at": "changed_at",
        **{name: f"{name}_in_order" for name in LAST},
    }
    errors: ClassVar = {"post": (409,)}
    filterset_class = LeadFilters
    parameters: ClassVar = [CHANGED_SINCE]

    @extend_schema(
        operation_id="leads_list", summary="Leads, the newest first", responses=shapes.LeadShape(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="leads_create",
        summary="Open a lead",
        description="On the customer `customer`; else on the one whom the person's e-mail names; else on a new"
        " customer. A rep's lead is the rep's unless `owner` is given.",
        request=shapes.NewLead,
        responses={201: shapes.LeadShape},
        examples=[
            OpenApiExample("on somebody new", {"person": ADA, **EXAMPLE}, request_only=True),
            OpenApiExample("on a customer", {"customer": 7, **EXAMPLE}, request_only=True),
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        values = read(shapes.NewLead, request)
        pk, person, note = values.pop("customer", None), values.pop("person", {}), values.pop("note", "")
        customer = named_customer(request, pk) if pk else None
        with identities_told(request):
            lead = open_lead(by=caller(request), customer=customer, person=person, values=values, note=note)
        return answer(request, lead, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return changed_since(Lead.objects.visible_to(caller(request)), request)

    def in_order(self, rows: QuerySet[Any, Any], ordering: str) -> QuerySet[Any, Any]:
        """Those without a day or a value stand at one end, and are never lost."""
        name = ordering.removeprefix("-")
        if name not in LAST:
            return rows
        ordered: QuerySet[Any, Any] = rows.annotate(**{f"{name}_in_order": Coalesce(name, Value(LAST[name]))})
        return ordered

    def told(self, row: Any) -> dict[str, Any]:
        return told(row)


class LeadView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Leads"
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(
        operation_id="leads_read",
        summary="One lead",
        description="The answer's ETag is the version to send as If-Match with a change.",
        responses=shapes.LeadShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return answer(request, visible(request, pk))

    @extend_schema(
        operation_id="leads_update",
        summary="Change a lead",
        description="Only the fields that are given change; a new owner brings the own team, unless one is given. The"
        " status changes by the steps below a lead.",
        request=shapes.LeadChanges,
        responses=shapes.LeadShape,
        examples=[OpenApiExample("change", {"value": "5000", "owner": 7}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        lead = visible(request, pk)
        version = required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(answer(request, lead).data)
        values = read(shapes.LeadChanges, request)
        try:
            pursuing.change(lead, by=caller(request), values=values, expected=expected)
        except StaleLead as error:
            raise Stale(answer(request, error.current).data) from error
        return answer(request, lead)


class StepView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Leads"
    errors: ClassVar = {"post": (409,)}
    verb: ClassVar[Callable[..., Lead]]
    takes: ClassVar[type[StrictSerializer]] = shapes.Step

    def do(self, request: Request, pk: int) -> Response:
        lead = visible(request, pk)
        values = self.given(read(self.takes, request))
        try:
            done = type(self).verb(lead, by=caller(request), **values)
        except LeadRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        return answer(request, done)

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        action, on = values.pop("next_action", None), values.pop("next_action_on", None)
        then = None if action is None and on is None else Next(action or "", on)
        return values | {"then": then}


def step_view(name: str, step: Callable[..., Lead], about: str, told: str) -> type[StepView]:
    class View(StepView):
        verb = staticmethod(step)

        @extend_schema(
            operation_id=f"leads_{name}",
            summary=about,
            description=told,
            request=shapes.Step,
            responses=shapes.LeadShape,
            examples=[
                OpenApiExample(
                    "step",
                    {"note": "Wants forty", "next_action": "Send prices", "next_action_on": "2026-07-15"},
                    request_only=True,
                )
            ],
        )
        def post(self, request: Request, pk: int) -> Response:
            return self.do(request, pk)

    return View


class LossView(StepView):
    verb = staticmethod(pursuing.lose)
    takes = shapes.Loss

    @extend_schema(
        operation_id="leads_lose",
        summary="Disqualify or lose a lead",
        description="409 when it is closed already.",
        request=shapes.Loss,
        responses=shapes.LeadShape,
        examples=[OpenApiExample("loss", {"reason": "Too dear"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.do(request, pk)

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        return values


class MoveView(StepView):
    takes = shapes.Move

    @extend_schema(
        operation_id="leads_move",
        summary="Move a lead to another step of its pipeline",
        description="Forwards or back; a lost lead is open again. 409 when it is won.",
        request=shapes.Move,
        responses=shapes.LeadShape,
        examples=[OpenApiExample("move", {"status": "qualified"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.do(request, pk)

    @staticmethod
    def verb(lead: Lead, *, by: User, **asked: Any) -> Lead:
        for step in Pipelines.read().of(lead.team_id).steps:
            if step.pk == asked.get("step", step.pk) and step.status == asked.get("status", step.status):
                return move(lead, step, by=by)
        raise ValidationError({next(iter(asked)): [_("The pipeline of this lead has no such step.")]})

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        return values


class AssignmentView(StepView):
    verb = staticmethod(pursuing.assign)
    takes = shapes.Assignment

    @extend_schema(
        operation_id="leads_assign",
        summary="Give a lead to somebody",
        description="The team becomes that of the owner unless it is given.",
        request=shapes.Assignment,
        responses=shapes.LeadShape,
        examples=[OpenApiExample("assignment", {"owner": 7}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.do(request, pk)

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        return values


class ConversionView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Leads"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="leads_conversion_options",
        summary="Whom a lead may be converted for, and what that would fill",
        responses=shapes.Options,
    )
    def get(self, request: Request, pk: int) -> Response:
        lead = visible(request, pk)
        found = candidates(lead, seen_by=caller(request))
        whom = [(lead.customer, "own"), *((match.customer, match.by) for match in found)]
        options = [_option(customer, by, filling_of(lead, customer)) for customer, by in whom]
        return Response({"status": lead.status, "conversion": lead.conversion, "options": options})

    @extend_schema(
        operation_id="leads_convert",
        summary="Convert a lead: win it",
        description="Fills only empty fields of the customer and keeps both values where they differ. Asked again it"
        " gives the same answer and changes nothing; 409 for a lost lead.",
        request=shapes.Conversion,
        responses=shapes.LeadShape,
        examples=[OpenApiExample("conversion", {"into": 7}, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        lead = visible(request, pk)
        wanted = read(shapes.Conversion, request).get("into")
        into = named_customer(request, wanted, field="into") if wanted else None
        try:
            return answer(request, convert(lead, by=caller(request), into=into))
        except LeadRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        except InvalidModel as refusal:
            raise Conflict("; ".join(refusal.messages)) from refusal


def _option(customer: Customer, by: str, filling: Filling) -> dict[str, Any]:
    conflicts = [vars(conflict) for conflict in filling.conflicts]
    return {
        "customer": customer.pk,
        "name": str(customer),
        "by": by,
        "fills": filling.filled,
        "conflicts": conflicts,
    }


_AGAIN = "409 when it is closed already."
_STEPS: dict[str, type[ApiView]] = {
    "contact": step_view("contact", pursuing.contact, "Log a contact with the customer of a lead", _AGAIN),
    "qualification": step_view("qualify", pursuing.qualify, "Qualify a lead", "409 when it is already."),
    "proposal": step_view("propose", pursuing.propose, "Note a proposal", "409 when there is one."),
    "reopening": step_view("reopen", pursuing.reopen, "Open a lost lead again", "409 unless it is lost."),
    "loss": LossView,
    "assignment": AssignmentView,
    "move": MoveView,
    "conversion": ConversionView,
}

urlpatterns = [
    path("leads/", LeadsView.as_view(), name="api-leads"),
    path("leads/<int:pk>/", LeadView.as_view(), name="api-lead"),
    *(
        path(f"leads/<int:pk>/{name}/", view.as_view(), name=f"api-lead-{name}")
        for name, view in _STEPS.items()
    ),
]
