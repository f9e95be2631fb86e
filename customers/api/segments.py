"""API: segments and their members, by the same verbs as the pages."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller, changed_since
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import User
from clm.accounts.permissions import Capability
from clm.base.db import among
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.instants import CHANGED_SINCE, NotAnInstant, parsed_instant
from clm.base.rest.serializers import StrictSerializer
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers.api import segment_shapes as shapes
from customers.api.customers import changed_at_of, version_of
from customers.models import Customer, CustomerQuerySet, Segment, SegmentMember
from customers.models.segment import SegmentKind
from customers.segments import filling, keeping

EXAMPLE = {
    "name": "Danish regulars",
    "kind": "dynamic",
    "conditions": {
        "all": [
            {
                "condition": "field",
                "parameters": {"field": "country", "operator": "is", "value": "DK"},
            },
            {"condition": "purchase_days", "parameters": {"at_least": 2, "within_days": 365}},
        ]
    },
}


def visible(request: Request, pk: int) -> Segment:
    return get_object_or_404(Segment.objects.visible_to(caller(request)), pk=pk)


def told(request: Request, pk: int) -> dict[str, Any]:
    row = Segment.objects.values(*shapes.COLUMNS.values()).get(pk=pk)
    return _for_whom(request, named(row, shapes.COLUMNS))


def _for_whom(request: Request, one: dict[str, Any]) -> dict[str, Any]:
    return one | {"count": None} if caller(request).is_restricted else one


def answer(request: Request, pk: int, *, status: int = 200) -> Response:
    one = told(request, pk)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-segment", args=[pk])
    return response


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class SegmentsView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SEGMENTS
    tag = "Segments"
    serializer_class = shapes.SegmentShape
    queryset = Segment.objects.none()
    columns = shapes.COLUMNS
    orderings: ClassVar = {"id": "id", "name": "name", "changed_at": "changed_at"}
    default_ordering = "name"
    parameters: ClassVar = [
        OpenApiParameter("q", OpenApiTypes.STR, description="Only those with this in their name."),
        OpenApiParameter("slug", OpenApiTypes.STR, description="Only this one."),
        CHANGED_SINCE,
        OpenApiParameter("kind", OpenApiTypes.STR, enum=SegmentKind.values, description="Only of this kind."),
    ]

    @extend_schema(
        operation_id="segments_list",
        summary="Segments: those for everybody, and your own",
        responses=shapes.SegmentShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="segments_create",
        summary="Make a segment",
        description="One by conditions is computed at once; over many customers `status` is `queued` until it is.",
        request=shapes.NewSegment,
        responses={201: shapes.SegmentShape},
        examples=[OpenApiExample("new", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        made = keeping.create(by=caller(request), **read(shapes.NewSegment, request))
        return answer(request, made.pk, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        asked = {
            "name__icontains": request.query_params.get("q"),
            "slug": request.query_params.get("slug"),
            "kind": self.choice("kind", SegmentKind.values),
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return changed_since(Segment.objects.visible_to(caller(request)), request).filter(**given)

    def told(self, row: Any) -> dict[str, Any]:
        return _for_whom(self.request, super().told(row))


class SegmentView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SEGMENTS
    tag = "Segments"
    errors: ClassVar = {"patch": (409, 412, 428), "delete": (409,)}

    @extend_schema(operation_id="segments_read", summary="One segment", responses=shapes.SegmentShape)
    def get(self, request: Request, pk: int) -> Response:
        return answer(request, visible(request, pk).pk)

    @extend_schema(
        operation_id="segments_update",
        summary="Change a segment",
        description="Only the fields that are given change; other `conditions` are computed anew.",
        request=shapes.SegmentChanges,
        responses=shapes.SegmentShape,
        examples=[OpenApiExample("rename", {"name": "Danish friends"}, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        segment, version = visible(request, pk), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(told(request, pk))
        values = read(shapes.SegmentChanges, request)
        try:
            keeping.change(segment, by=caller(request), values=values, expected=expected)
        except keeping.StaleSegment as error:
            raise Stale(told(request, pk)) from error
        except keeping.SegmentInUse as error:
            raise Conflict(str(error)) from error
        return answer(request, pk)

    @extend_schema(
        operation_id="segments_delete",
        summary="Delete a segment",
        description="409 while something rests on it; the answer says what. Its customers stay.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        try:
            keeping.remove(visible(request, pk), by=caller(request))
        except keeping.SegmentInUse as error:
            raise Conflict(str(error)) from error
        return Response(status=204)


class RefreshView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SEGMENTS
    tag = "Segments"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="segments_refresh",
        summary="Ask everybody anew",
        description="Rarely needed: changed customers are looked at every minute. Over many customers it is a job.",
        request=None,
        responses={
            200: shapes.SegmentShape,
            202: OpenApiResponse(shapes.SegmentShape, "A job computes it"),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        segment = visible(request, pk)
        if not segment.is_dynamic:
            raise Conflict(_("A segment by hand has no conditions to ask."))
        job = keeping.compute_anew(segment, by=caller(request))
        return answer(request, pk, status=202 if job else 200)


class MembersView(ListView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Segments"
    serializer_class = shapes.MemberShape
    queryset = SegmentMember.objects.none()
    columns = shapes.MEMBER_COLUMNS
    orderings: ClassVar = {"id": "id", "entered_at": "entered_at"}
    default_ordering = "id"
    parameters: ClassVar = [
        OpenApiParameter(
            "entered_since", OpenApiTypes.DATETIME, description="Only who entered at or after this instant."
        )
    ]

    @extend_schema(
        operation_id="segments_members",
        summary="Who is in a segment",
        responses=shapes.MemberShape(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        user = caller(request)
        periods = visible(request, self.kwargs["pk"]).periods().open().filter(customer__merged_into=None)
        if user.is_restricted:
            periods = periods.filter(customer__in=Customer.objects.visible_to(user).values("pk"))
        since = request.query_params.get("entered_since")
        return periods if since is None else periods.filter(entered_at__gte=_instant(since))


def _instant(text: str) -> Any:
    try:
        return parsed_instant(text)
    except NotAnInstant as error:
        raise ValidationError({"entered_since": [str(error)]}) from error


class MembersBatchView(AnswersOnce, ApiView):
    capability = Capability.EDIT_SEGMENTS
    write_capability = Capability.EDIT_SEGMENTS
    tag = "Segments"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="segments_members_batch",
        summary="Put customers into a segment by hand, and take others out",
        description="Who was merged into another stands for that one.",
        request=shapes.MemberChanges,
        responses=shapes.MemberResult,
        examples=[OpenApiExample("add", {"add": [17, 18], "remove": [4]}, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        segment, user = visible(request, pk), caller(request)
        values = read(shapes.MemberChanges, request)
        add, remove = values.get("add", []), values.get("remove", [])
        if not add and not remove:
            raise ValidationError([_("Give at least one customer to add or to remove.")])
        known = _known({*add, *remove}, user)
        try:
            added = filling.add(segment, _those(add, known), by=user)
            removed = filling.take_out(segment, _those(remove, known), by=user)
        except filling.KeptByConditions as error:
            raise Conflict(str(error)) from error
        unknown = sorted({*add, *remove} - known.keys())
        count = told(request, pk)["count"]
        return Response({"added": added, "removed": removed, "unknown": unknown, "count": count})


def _known(ids: set[int], user: User) -> dict[int, int]:
    """Of these ids those of customers whom the user sees, each with the one it stands for by now; locked."""
    present = Customer.objects.lock_all_present(ids)
    seen = Customer.objects.visible_to(user).filter(among("pk", sorted({*present.values()})))
    visible = set(seen.values_list("pk", flat=True))
    return {pk: now for pk, now in present.items() if now in visible}


def _those(ids: list[int], known: dict[int, int]) -> CustomerQuerySet:
    return Customer.objects.filter(among("pk", sorted({known[pk] for pk in ids if pk in known})))


urlpatterns = [
    path("segments/", SegmentsView.as_view(), name="api-segments"),
    path("segments/<int:pk>/", SegmentView.as_view(), name="api-segment"),
    path("segments/<int:pk>/refresh/", RefreshView.as_view(), name="api-segment-refresh"),
    path("segments/<int:pk>/members/", MembersView.as_view(), name="api-segment-members"),
    path("segments/<int:pk>/members/batch/", MembersBatchView.as_view(), name="api-segment-members-batch"),
]
