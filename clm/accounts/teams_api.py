"""API: teams, listed, read, founded, renamed and dissolved, by the same verbs as the pages."""

from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts import staff
from clm.accounts.api import caller
from clm.accounts.forms import TeamForm
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Team
from clm.accounts.permissions import Capability
from clm.accounts.stale import Read
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import StrictSerializer, TextField
from clm.base.rest.views import ApiView, ListView, check_version

EXAMPLE = {"name": "Nordic"}


class TeamShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TeamName(StrictSerializer):
    name = TextField(max_length=100)


def told(team: Team) -> dict[str, Any]:
    return {"id": team.pk, "name": team.name}


def version_of(team: Team) -> str:
    return Read.of(team, ("name",)).mark


def answer(team: Team, *, status: int = 200) -> Response:
    response = Response(told(team), status=status, headers={"ETag": f'"{version_of(team)}"'})
    if status == 201:
        response["Location"] = reverse("api-team", args=[team.pk])
    return response


def named(request: Request, team: Team | None = None) -> str:
    """The name in the body, which no other team has, however it is capitalised."""
    body = TeamName(data=request.data)
    body.is_valid(raise_exception=True)
    form = TeamForm(body.validated_data, team=team)
    if not form.is_valid():
        raise ValidationError({"name": [str(reason) for reason in form.errors["name"]]})
    return str(form.cleaned_data["name"])


class TeamsView(AnswersOnce, ListView):
    capability = Capability.USE
    write_capability = Capability.ADMINISTER
    tag = "Account"
    serializer_class = TeamShape
    queryset = Team.objects.none()
    columns: ClassVar = {"id": "id", "name": "name"}
    orderings: ClassVar = {"id": "id", "name": "name"}
    default_ordering = "id"

    @extend_schema(operation_id="teams_list", summary="Teams", responses=TeamShape(many=True))
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="teams_create",
        summary="Found a team",
        request=TeamName,
        responses={201: TeamShape},
        examples=[OpenApiExample("new", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        name = named(request)
        try:
            made = staff.found_team(name=name, by=caller(request))
        except IntegrityError as error:  # somebody was quicker
            raise ValidationError({"name": [TeamForm.NAMESAKE]}) from error
        return answer(made, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return Team.objects.all()


class TeamView(ApiView):
    capability = Capability.USE
    write_capability = Capability.ADMINISTER
    tag = "Account"
    errors: ClassVar = {"patch": (412, 428), "delete": (409,)}

    @extend_schema(operation_id="teams_read", summary="One team", responses=TeamShape)
    def get(self, request: Request, pk: int) -> Response:
        return answer(get_object_or_404(Team, pk=pk))

    @extend_schema(
        operation_id="teams_update",
        summary="Rename a team",
        request=TeamName,
        responses=TeamShape,
        examples=[OpenApiExample("rename", EXAMPLE, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        try:
            with transaction.atomic():
                team = get_object_or_404(Team.objects.select_for_update(), pk=pk)
                check_version(request, version_of(team), told(team))
                staff.rename_team(team, name=named(request, team), by=caller(request))
        except IntegrityError as error:
            raise ValidationError({"name": [TeamForm.NAMESAKE]}) from error
        return answer(team)

    @extend_schema(
        operation_id="teams_delete",
        summary="Dissolve a team",
        description="409 while members, customers, leads or anything else still belongs to it.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        try:
            staff.dissolve(get_object_or_404(Team, pk=pk), by=caller(request))
        except staff.TeamInUse as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(status=204)


urlpatterns = [
    path("teams/", TeamsView.as_view(), name="api-teams"),
    path("teams/<int:pk>/", TeamView.as_view(), name="api-team"),
]
