"""API: views of lists, by the same verbs as the pages."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import SavedView, ViewChoice
from clm.accounts.models.saved_view import LONGEST_QUERY
from clm.accounts.permissions import Capability
from clm.accounts.saved_views import keeping, list_named, lists_for, state_of
from clm.base.rest.serializers import StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView, check_version

COLUMNS = {
    "id": "id",
    "list": "page",
    "name": "name",
    "query": "query",
    "owner": "owner_id",
    "is_shared": "is_shared",
    "team": "team_id",
    "is_default": "is_mine_to_begin_with",
}
SHARED = "Who sees it besides its owner: empty for nobody, `everyone`, or a team's id."


class ViewShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    list = serializers.CharField(help_text="`customers`, `companies`, `leads` or `tickets`.")
    name = serializers.CharField()
    query = serializers.CharField(help_text="Search, filters, order and columns, as in the list's address.")
    owner = serializers.IntegerField()
    shared_with = serializers.CharField(help_text=SHARED)
    is_default = serializers.BooleanField(help_text="The caller's list begins with it.")


class ViewChanges(StrictSerializer):
    name = TextField(required=False, max_length=60)
    query = TextField(required=False, max_length=LONGEST_QUERY, allow_blank=True)
    shared_with = TextField(required=False, allow_blank=True, max_length=20, help_text=SHARED)
    is_default = serializers.BooleanField(required=False, help_text="For the caller; also of others' views.")


class NewView(ViewChanges):
    list = TextField(max_length=50, help_text="`customers`, `companies`, `leads` or `tickets`.")
    name = TextField(max_length=60)


class ViewOrder(StrictSerializer):
    list = TextField(max_length=50)
    ids = serializers.ListField(child=WholeNumberField(min_value=1, max_value=2**63 - 1), max_length=500)


def seen(request: Request) -> "QuerySet[Any, Any]":
    user = caller(request)
    chosen = ViewChoice.objects.filter(user=user, default=OuterRef("pk"))
    views = SavedView.objects.visible_to(user).filter(page__in=lists_for(user))
    return views.annotate(is_mine_to_begin_with=Exists(chosen))


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: row[column] for name, column in COLUMNS.items()}
    everyone, team = plain.pop("is_shared"), plain.pop("team")
    return plain | {"shared_with": keeping.EVERYONE if everyone else str(team or keeping.ONLY_ME)}


def answer(request: Request, pk: int, *, status: int = 200) -> Response:
    one = told(seen(request).values(*COLUMNS.values()).get(pk=pk))
    return Response(one, status=status, headers={"ETag": f'"{version_of(one)}"'})


def version_of(view: dict[str, Any]) -> str:
    """Of what a view says, as the caller has it."""
    return sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()[:16]


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    given = dict(body.validated_data)
    if "list" in given and list_named(given["list"], caller(request)) is None:
        raise ValidationError({"list": [_("There is no such list.")]})
    return given | ({"query": state_of(QueryDict(given["query"]))} if "query" in given else {})


@contextmanager
def refusals_told() -> Iterator[None]:
    try:
        yield
    except keeping.ViewRefused as refusal:
        raise ValidationError({refusal.field: [str(refusal)]}) from refusal


class SavedViewsView(AnswersOnce, ListView):
    capability = Capability.USE
    write_capability = Capability.USE
    tag = "Saved views"
    serializer_class = ViewShape
    queryset = SavedView.objects.none()
    columns = COLUMNS
    parameters: ClassVar = [OpenApiParameter("list", OpenApiTypes.STR, description="Only of this list.")]

    @extend_schema(
        operation_id="saved_views_list",
        summary="Views of lists that the caller sees",
        responses=ViewShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="saved_views_create",
        summary="Keep a view",
        request=NewView,
        responses={201: ViewShape},
        examples=[
            OpenApiExample(
                "new",
                {
                    "list": "customers",
                    "name": "Danes",
                    "query": "country=DK&sort=-revenue",
                    "shared_with": "everyone",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        given, user = read(NewView, request), caller(request)
        kept = {name: given[name] for name in ("name", "shared_with") if name in given}
        with refusals_told():
            view = keeping.keep(by=user, page=given["list"], query=given.get("query", ""), **kept)
        if given.get("is_default"):
            keeping.begin_with(view, page=view.page, by=user)
        response = answer(request, view.pk, status=201)
        response["Location"] = reverse("api-saved-view", args=[view.pk])
        return response

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return told(row)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        page = self.choice("list", lists_for(caller(request)))
        return seen(request).filter(page=page) if page else seen(request)


class SavedViewView(ApiView):
    capability = Capability.USE
    write_capability = Capability.USE
    tag = "Saved views"
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(operation_id="saved_views_read", summary="One view", responses=ViewShape)
    def get(self, request: Request, pk: int) -> Response:
        return answer(request, get_object_or_404(seen(request), pk=pk).pk)

    @extend_schema(
        operation_id="saved_views_update",
        summary="Change a view, or begin with it",
        description="Its owner may change all of it, of one that others see an administrator, too; whoever sees it may"
        " begin their list with it. If-Match takes the ETag of the view as it was read.",
        request=ViewChanges,
        responses=ViewShape,
        examples=[OpenApiExample("rename", {"name": "Danes"}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        view = get_object_or_404(seen(request).select_for_update(of=("self",)), pk=pk)
        current = dict(answer(request, pk).data)
        check_version(request, version_of(current), current)
        given = read(ViewChanges, request)
        default = given.pop("is_default", None)
        if given:
            _refuse_others(view, request)
            with refusals_told():
                keeping.change(view, by=caller(request), **given)
        if default is not None and default != view.is_mine_to_begin_with:
            keeping.begin_with(view if default else None, page=view.page, by=caller(request))
        return answer(request, view.pk)

    @extend_schema(operation_id="saved_views_delete", summary="Remove a view", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        view = get_object_or_404(seen(request), pk=pk)
        _refuse_others(view, request)
        keeping.remove(view, by=caller(request))
        return Response(status=204)


def _refuse_others(view: SavedView, request: Request) -> None:
    if not view.may_be_changed_by(caller(request)):
        raise PermissionDenied(_("Only its owner changes a view."))


class SavedViewOrderView(ApiView):
    capability = Capability.USE
    write_capability = Capability.USE
    tag = "Saved views"

    @extend_schema(
        operation_id="saved_views_order",
        summary="The caller's order of a list's views",
        description="Those that are not named come after.",
        request=ViewOrder,
        responses={204: None},
        examples=[OpenApiExample("order", {"list": "customers", "ids": [7, 3]}, request_only=True)],
    )
    def put(self, request: Request) -> Response:
        given = read(ViewOrder, request)
        with refusals_told():
            keeping.arrange(given["ids"], page=given["list"], by=caller(request))
        return Response(status=204)


urlpatterns = [
    path("saved-views/", SavedViewsView.as_view(), name="api-saved-views"),
    path("saved-views/order/", SavedViewOrderView.as_view(), name="api-saved-view-order"),
    path("saved-views/<int:pk>/", SavedViewView.as_view(), name="api-saved-view"),
]
