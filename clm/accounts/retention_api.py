"""API: how long things are kept."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.keeping.lengths import BOOKKEEPING, MOST_YEARS, NAMES, going, keep_for, lengths
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.accounts.stale import Read
from clm.accounts.stale import Stale as Overtaken
from clm.base.kept import LONGEST, Unit, all_kept
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import StrictSerializer, WholeNumberField
from clm.base.rest.views import ApiView, required_version

EXAMPLE = {"kept_for": {"audit": 365, "notes": None}, "bookkeeping_years": 7}


class KeptShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    what = serializers.CharField(help_text="In the caller's language.")
    kept_for = serializers.IntegerField(allow_null=True, help_text="Null: for ever.")
    unit = serializers.ChoiceField([str(unit) for unit in Unit])
    usual = serializers.IntegerField(allow_null=True)
    least = serializers.IntegerField()
    would_go = serializers.IntegerField(
        allow_null=True,
        help_text="With `?count=1`: how many rows tonight; no more than 100,000 of a kind are counted. Null: not"
        " asked for, kept for ever, or too many to count while somebody waits.",
    )


class RetentionShape(serializers.Serializer[Any]):
    kept = KeptShape(many=True)
    bookkeeping_years = serializers.IntegerField()


class RetentionChanges(StrictSerializer):
    kept_for = serializers.DictField(
        child=WholeNumberField(min_value=1, max_value=LONGEST, allow_null=True),
        required=False,
        help_text="By name; names that are left out stay.",
    )
    bookkeeping_years = WholeNumberField(required=False, min_value=1, max_value=MOST_YEARS)


class RetentionView(ApiView):
    capability = write_capability = Capability.ADMINISTER
    tag = "Account"
    errors: ClassVar = {"patch": (412, 428)}
    parameters: ClassVar = [
        OpenApiParameter("count", OpenApiTypes.BOOL, description="Count what would go tonight.")
    ]

    @extend_schema(
        operation_id="retention_read",
        summary="How long things are kept",
        responses=RetentionShape,
    )
    def get(self, request: Request) -> Response:
        return _answer(is_counted=request.query_params.get("count", "") in ("1", "true"))

    @extend_schema(
        operation_id="retention_update",
        summary="Keep things longer or shorter",
        description="From the next night on. What went does not come back.",
        request=RetentionChanges,
        responses=RetentionShape,
        examples=[OpenApiExample("shorter", EXAMPLE, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        version, body = required_version(request), RetentionChanges(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            keep_for(
                given.get("kept_for", {}),
                bookkeeping_years=given.get(BOOKKEEPING),
                by=caller(request),
                read=None if version == "*" else Read(NAMES, version),
            )
        except Invalid as refusal:
            raise ValidationError(refusal.message_dict) from refusal
        except Overtaken as overtaken:
            raise Stale(_told(Organisation.objects.current())) from overtaken
        return _answer()


def _answer(*, is_counted: bool = False) -> Response:
    organisation = Organisation.objects.current()
    told = _told(organisation, is_counted=is_counted)
    return Response(told, headers={"ETag": f'"{Read.of(organisation, NAMES).mark}"'})


def _told(organisation: Organisation, *, is_counted: bool = False) -> dict[str, Any]:
    chosen = lengths(organisation)
    found = (going(chosen) or {}) if is_counted else {}
    rows = [
        {
            "name": kept.name,
            "what": str(kept.label),
            "kept_for": chosen[kept.name],
            "unit": str(kept.unit),
            "usual": kept.usual,
            "least": kept.least,
            "would_go": found[kept.name].number if kept.name in found else None,
        }
        for kept in all_kept()
    ]
    return {"kept": rows, BOOKKEEPING: organisation.bookkeeping_years}


urlpatterns = [path("retention/", RetentionView.as_view(), name="api-retention")]
