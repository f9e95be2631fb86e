"""API: tasks, listed, planned, changed, done and put off, by the same verbs as the pages."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller, changed_since
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.instants import CHANGED_SINCE
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers import tasks_doing
from customers.api.customers import changed_at_of, version_of
from customers.api.whom import named_customer
from customers.models import Customer, Lead, Task
from customers.tasks_doing import LONGEST_TITLE, StaleTask, TaskClosed
from customers.tasks_listing import ApiTaskFilters
from customers.whose import LARGEST


class TaskShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    lead = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    owner = serializers.IntegerField(allow_null=True, help_text="Who is to do it.")
    due_on = serializers.DateField(help_text="The day, in the organisation's zone.")
    due_at = InstantField(help_text="From then on it is late: the time of that day, or its end.")
    has_time = serializers.BooleanField(help_text="Whether a time was named, not only a day.")
    remind_at = InstantField(allow_null=True)
    reminded_at = InstantField(allow_null=True, help_text="When the bell rang.")
    done_at = InstantField(allow_null=True)
    dropped_at = InstantField(allow_null=True, help_text="When it was decided not to do it after all.")
    planned_at = InstantField()
    changed_at = InstantField()


COLUMNS = {str(name): str(name) for name in TaskShape().fields} | {
    "customer": "customer_id",
    "lead": "lead_id",
    "owner": "owner_id",
}


class TaskChanges(StrictSerializer):
    title = TextField(max_length=LONGEST_TITLE, required=False)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="A user who sees the customer.",
    )
    due_on = serializers.DateField(required=False, help_text="A day; or `due_at`.")
    due_at = InstantField(required=False, help_text="An instant; or `due_on`.")
    remind_at = InstantField(required=False, allow_null=True)


class NewTask(TaskChanges):
    title = TextField(max_length=LONGEST_TITLE)
    customer = WholeNumberField(required=False, min_value=1, max_value=LARGEST, help_text="Or a lead.")
    lead = WholeNumberField(required=False, min_value=1, max_value=LARGEST)


class PutOff(StrictSerializer):
    due_on = serializers.DateField(required=False, help_text="To this day; the hour stays.")
    due_at = InstantField(required=False, help_text="To this instant.")


def answer(task: Task, *, status: int = 200) -> Response:
    one = named(Task.objects.values(*COLUMNS.values()).get(pk=task.pk), COLUMNS)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-task", args=[task.pk])
    return response


def visible(request: Request, pk: int) -> Task:
    return get_object_or_404(Task.objects.visible_to(caller(request)), pk=pk)


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def whose(request: Request, customer: int | None, lead: int | None) -> tuple[Customer, Lead | None]:
    """The customer and the lead that a body names, as far as the caller sees them."""
    user = caller(request)
    if customer is None and lead is None:
        raise ValidationError({"customer": [_("Say which customer, or which lead.")]})
    about = Lead.objects.visible_to(user).filter(pk=lead).first() if lead else None
    if lead and about is None:
        raise ValidationError({"lead": [_("There is no such lead.")]})
    return named_customer(request, customer or (about.customer_id if about else 0)), about


class TasksView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tasks"
    serializer_class = TaskShape
    queryset = Task.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {
        "id": "id",
        "due_at": "due_at",
        "planned_at": "planned_at",
        "changed_at": "changed_at",
    }
    default_ordering = "due_at"
    filterset_class = ApiTaskFilters
    parameters: ClassVar = [CHANGED_SINCE]

    @extend_schema(
        operation_id="tasks_list", summary="Tasks, those due first at first", responses=TaskShape(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="tasks_create",
        summary="Plan a task",
        description="For the customer `customer`, or the lead `lead` and its customer; today unless it says when,"
        " the caller's unless it says whose.",
        request=NewTask,
        responses={201: TaskShape},
        examples=[
            OpenApiExample(
                "by a day",
                {"customer": 7, "title": "Send the samples", "due_on": "2026-07-15"},
                request_only=True,
            ),
            OpenApiExample(
                "at a time",
                {"lead": 3, "title": "Call back", "due_at": "2026-07-15T09:30:00+02:00"},
                request_only=True,
            ),
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        values = read(NewTask, request)
        customer, lead = whose(request, values.pop("customer", None), values.pop("lead", None))
        made = tasks_doing.plan(customer, by=caller(request), values=values | {"lead": lead})
        return answer(made, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return changed_since(Task.objects.visible_to(caller(request)), request)


class TaskView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tasks"
    errors: ClassVar = {"patch": (409, 412, 428), "delete": (409,)}

    @extend_schema(
        operation_id="tasks_read",
        summary="One task",
        description="The answer's ETag is the version to send as If-Match with a change.",
        responses=TaskShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return answer(visible(request, pk))

    @extend_schema(
        operation_id="tasks_update",
        summary="Change a task",
        description="Only the fields that are given change. 409 for one that is done or dropped.",
        request=TaskChanges,
        responses=TaskShape,
        examples=[OpenApiExample("change", {"title": "Send two samples"}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        task, version = visible(request, pk), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(answer(task).data)
        values = read(TaskChanges, request)
        try:
            return answer(tasks_doing.change(task, by=caller(request), values=values, expected=expected))
        except StaleTask as stale:
            raise Stale(answer(stale.current).data) from stale
        except TaskClosed as refusal:
            raise Conflict(str(refusal)) from refusal

    @extend_schema(
        operation_id="tasks_drop",
        summary="Drop a task",
        description="It is not to be done after all; it can be opened again. 409 for one that is done.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        try:
            tasks_doing.drop(visible(request, pk), by=caller(request))
        except TaskClosed as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(status=204)


class CompletionView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tasks"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="tasks_complete",
        summary="Say that a task is done",
        description="Asked again it stays as it was. 409 for one that was dropped.",
        request=None,
        responses=TaskShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        try:
            return answer(tasks_doing.complete(visible(request, pk), by=caller(request)))
        except TaskClosed as refusal:
            raise Conflict(str(refusal)) from refusal

    @extend_schema(
        operation_id="tasks_reopen",
        summary="Open a task again",
        description="One that is done, or was dropped.",
        responses=TaskShape,
    )
    def delete(self, request: Request, pk: int) -> Response:
        return answer(tasks_doing.reopen(visible(request, pk), by=caller(request)))


class PostponementView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Tasks"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="tasks_postpone",
        summary="Put a task off",
        description="To a day or an instant; the reminder moves along. 409 unless it is open.",
        request=PutOff,
        responses=TaskShape,
        examples=[OpenApiExample("to a day", {"due_on": "2026-07-22"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        task, to = visible(request, pk), read(PutOff, request)
        if not to:
            raise ValidationError({"due_on": [_("Say to which day, or to which instant.")]})
        try:
            return answer(tasks_doing.postpone(task, by=caller(request), **to))
        except TaskClosed as refusal:
            raise Conflict(str(refusal)) from refusal


urlpatterns = [
    path("tasks/", TasksView.as_view(), name="api-tasks"),
    path("tasks/<int:pk>/", TaskView.as_view(), name="api-task"),
    path("tasks/<int:pk>/completion/", CompletionView.as_view(), name="api-task-completion"),
    path("tasks/<int:pk>/postponement/", PostponementView.as_view(), name="api-task-postponement"),
]
