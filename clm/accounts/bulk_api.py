"""API: one action on many rows of a list, by the same verbs as the bar of the page."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts import bulk
from clm.accounts.api import caller
from clm.accounts.bulk.actions import action_of, page_of
from clm.accounts.bulk.choosing import MOST_IDS
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import BulkChange
from clm.accounts.permissions import Capability, may
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView

COLUMNS = {
    "id": "id",
    "list": "page",
    "action": "action",
    "values": "values",
    "job": "job_id",
    "chosen": "chosen",
    "changed": "changed",
    "unchanged": "unchanged",
    "refused": "refused",
    "created_at": "created_at",
    "finished_at": "finished_at",
    "undone_at": "undone_at",
    "undoing": "undoing_id",
    "restored": "restored",
    "left": "left",
}
REFUSALS_TOLD = 1000


class BulkChangeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    list = serializers.CharField()
    action = serializers.CharField()
    values = serializers.DictField()
    job = serializers.IntegerField(allow_null=True, help_text="Over 200 rows: the job that does it.")
    chosen = serializers.IntegerField(help_text="Rows that were meant when it was asked.")
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="They were so already.")
    refused = serializers.IntegerField()
    created_at = InstantField()
    finished_at = InstantField(allow_null=True, help_text="Null while the job works.")
    undone_at = InstantField(allow_null=True)
    undoing = serializers.IntegerField(allow_null=True, help_text="The job that undoes it.")
    restored = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Changed again before the undo, so left as they are.")


class Refusal(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.CharField()


class BulkChangeInFull(BulkChangeShape):
    refusals = Refusal(many=True, help_text="The first 1,000; kept for a week.")


class NewBulkChange(StrictSerializer):
    list = serializers.ChoiceField(
        choices=["customers", "leads", "tickets"], help_text="Which list the rows are of."
    )
    action = TextField(help_text="As customers: `assign`, `field` or `segment`.")
    ids = serializers.ListField(
        child=WholeNumberField(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_empty=False,
        max_length=MOST_IDS,
        help_text="These rows, or else `filter`.",
    )
    filter = TextField(
        required=False, max_length=7000, help_text="All that the list finds, as in its address: `country=DK`."
    )
    count = WholeNumberField(
        required=False, help_text="With `filter`: how many you expect; 409 when it is another number."
    )
    values = serializers.DictField(help_text="As `assign`: `owner` and `team`, ids or null.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in given) == ("filter" in given):
            raise ValidationError({"ids": [_("Give either ids or a filter.")]})
        return given | {"values": {name: _plain(value) for name, value in given["values"].items()}}


def _plain(value: Any) -> str | list[str] | None:
    """As a form would send it."""
    if isinstance(value, dict):
        raise ValidationError({"values": [_("Give texts, numbers, lists of them or null.")]})
    if isinstance(value, list):
        return [str(each) for each in value]
    return None if value is None else str(value)


def told(pk: int) -> dict[str, Any]:
    row = BulkChange.objects.values(*COLUMNS.values()).get(pk=pk)
    rows = BulkChange(pk=pk).rows.refused().order_by("pk").values_list("subject", "refusal")
    refusals = [{"id": subject, "reason": reason} for subject, reason in rows[:REFUSALS_TOLD]]
    return {name: row[column] for name, column in COLUMNS.items()} | {"refusals": refusals}


class BulkChangesView(AnswersOnce, ListView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Bulk changes"
    serializer_class = BulkChangeShape
    queryset = BulkChange.objects.none()
    columns = COLUMNS
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="bulk_changes_list",
        summary="Bulk changes, the newest first",
        responses=BulkChangeShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="bulk_changes_create",
        summary="Do one thing to many rows of a list",
        description="Up to 200 rows are done when it answers; more by a job. What a row refuses is told for that row.",
        request=NewBulkChange,
        responses={201: BulkChangeInFull},
        examples=[
            OpenApiExample(
                "assign",
                {"list": "customers", "action": "assign", "filter": "country=DK", "values": {"owner": 3}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        body = NewBulkChange(data=request.data)
        body.is_valid(raise_exception=True)
        change = _begun(request, dict(body.validated_data))
        answer = Response(told(change.pk), status=201)
        answer["Location"] = reverse("api-bulk-change", args=[change.pk])
        return answer

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return BulkChange.objects.visible_to(caller(request))


def _begun(request: Request, given: dict[str, Any]) -> BulkChange:
    page, action = page_of(given["list"]), action_of(given["list"], given["action"])
    if page is None or action is None:
        raise ValidationError({"action": [_("There is no such action for this list.")]})
    if not may(caller(request), action.capability):
        raise PermissionDenied
    ids = tuple(sorted(set(given["ids"]))) if "ids" in given else None
    chosen = bulk.Chosen(page, given.get("filter", ""), ids, given.get("count"))
    form = action.form.of(caller(request), given["values"])
    if not form.is_valid():
        raise ValidationError(
            {"values": [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]}
        )
    if unknown := chosen.unknown(caller(request)):
        wrong = [_("%(name)s: There is no such parameter here.") % {"name": name} for name in unknown]
        raise ValidationError({"filter": wrong})
    try:
        number = chosen.number(caller(request))
    except bulk.Unreadable as error:
        wrong = [f"{name}: {reason}" for name, reason in error.reasons]
        raise ValidationError({"filter": wrong or [_("This filter can't be read.")]}) from error
    if chosen.count is not None and chosen.count != number:
        raise Conflict(_("Another number of rows matches now: %(number)s.") % {"number": number})
    return bulk.begin(action, chosen, by=caller(request), values=form.values())


class BulkChangeView(ApiView):
    capability = Capability.EDIT_CUSTOMERS
    tag = "Bulk changes"

    @extend_schema(
        operation_id="bulk_changes_read", summary="What a bulk change came to", responses=BulkChangeInFull
    )
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(BulkChange.objects.visible_to(caller(request)), pk=pk)
        return Response(told(found.pk))


class BulkUndoView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Bulk changes"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="bulk_changes_undo",
        summary="Undo a bulk change",
        description="Rows that were changed again since stay as they are and are counted. 409 says why it can't be undone.",
        request=None,
        responses=BulkChangeInFull,
    )
    def post(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(BulkChange.objects.visible_to(caller(request)), pk=pk)
        try:
            bulk.undo(found, by=caller(request))
        except bulk.CannotUndo as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(told(found.pk))


urlpatterns = [
    path("bulk-changes/", BulkChangesView.as_view(), name="api-bulk-changes"),
    path("bulk-changes/<int:pk>/", BulkChangeView.as_view(), name="api-bulk-change"),
    path("bulk-changes/<int:pk>/undo/", BulkUndoView.as_view(), name="api-bulk-undo"),
]
