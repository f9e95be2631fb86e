"""API: the company's own fields, as they are defined."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Role
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers.api.customers import changed_at_of, version_of
from customers.custom_fields import defining
from customers.models import CustomField
from customers.models.custom_field import FieldKind

NAMES = (
    "id",
    "key",
    "kind",
    "labels",
    "choices",
    "is_required",
    "is_sensitive",
    "position",
    "archived_at",
    "created_at",
    "changed_at",
)
COLUMNS = {name: name for name in NAMES}
LABELS = "Language code to name; `en` is needed."


class CustomFieldShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField(help_text="Its name in a customer's `fields`; never changes.")
    kind = serializers.ChoiceField(FieldKind.choices)
    labels = serializers.DictField(child=serializers.CharField(), help_text=LABELS)
    choices = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    is_sensitive = serializers.BooleanField(help_text="Hidden from sales reps.")
    position = serializers.IntegerField()
    archived_at = InstantField(allow_null=True)
    created_at = InstantField()
    changed_at = InstantField()


class _Given(StrictSerializer):
    labels = serializers.DictField(
        child=TextField(max_length=60, allow_blank=True), required=False, help_text=LABELS
    )
    choices = serializers.ListField(
        child=TextField(max_length=100),
        required=False,
        max_length=200,
        help_text="For `choice` and `choices`.",
    )
    is_required = serializers.BooleanField(required=False)
    is_sensitive = serializers.BooleanField(required=False)
    position = WholeNumberField(required=False, min_value=0, max_value=1000)


class CustomFieldChanges(_Given):
    is_archived = serializers.BooleanField(required=False)


class NewCustomField(_Given):
    key = TextField(max_length=60, required=False, help_text="Made from the English name when not given.")
    kind = serializers.ChoiceField(FieldKind.choices)


def _seen(request: Request) -> QuerySet[CustomField]:
    rows = CustomField.objects.all()
    return rows.filter(is_sensitive=False) if caller(request).role == Role.REP else rows


def _told(field: CustomField) -> dict[str, Any]:
    return named(CustomField.objects.values(*COLUMNS.values()).get(pk=field.pk), COLUMNS)


def _answer(field: CustomField, *, status: int = 200) -> Response:
    one = _told(field)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-custom-field", args=[field.key])
    return response


def _read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class CustomFieldsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.ADMINISTER
    tag = "Own fields"
    serializer_class = CustomFieldShape
    queryset = CustomField.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {"id": "id", "key": "key"}
    default_ordering = "id"

    @extend_schema(
        operation_id="custom_fields_list",
        summary="The company's own fields, as defined",
        responses=CustomFieldShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="custom_fields_create",
        summary="Define a field",
        description="From then on every door checks what stands in it; values that are there already stay.",
        request=NewCustomField,
        responses={201: CustomFieldShape},
        examples=[
            OpenApiExample(
                "tier",
                {"kind": "choice", "labels": {"en": "Tier", "da": "Niveau"}, "choices": ["silver", "gold"]},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given = _read(NewCustomField, request)
        return _answer(defining.define(by=caller(request), **({"labels": {}} | given)), status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return _seen(request)


class CustomFieldView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.ADMINISTER
    tag = "Own fields"
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(operation_id="custom_fields_read", summary="One field", responses=CustomFieldShape)
    def get(self, request: Request, key: str) -> Response:
        return _answer(get_object_or_404(_seen(request), key=key))

    @extend_schema(
        operation_id="custom_fields_update",
        summary="Change a field",
        description="`key` and `kind` stay. `is_archived` puts it away or takes it up again; values stay.",
        request=CustomFieldChanges,
        responses=CustomFieldShape,
        examples=[OpenApiExample("archive", {"is_archived": True}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, key: str) -> Response:
        field, version = get_object_or_404(_seen(request), key=key), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(_told(field))
        values = _read(CustomFieldChanges, request)
        try:
            defining.change(field, by=caller(request), values=values, expected=expected)
        except defining.StaleField as stale:
            raise Stale(_told(stale.current)) from stale
        if "is_archived" in values:
            put = defining.archive if values["is_archived"] else defining.restore
            put(field, by=caller(request))
        return _answer(field)


urlpatterns = [
    path("custom-fields/", CustomFieldsView.as_view(), name="api-custom-fields"),
    path("custom-fields/<str:key>/", CustomFieldView.as_view(), name="api-custom-field"),
]
