"""API: who am I, and how far are the jobs?"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import ApiKey, Job, Organisation, Role, User
from clm.accounts.models.job import JobStatus, title_in_words
from clm.accounts.permissions import CAPABILITIES, Capability, allowed_to, may
from clm.base.rest.errors import Conflict
from clm.base.rest.instants import instant_parameter
from clm.base.rest.serializers import InstantField, StrictSerializer
from clm.base.rest.views import ApiView, ListView, named


def caller(request: Request) -> User:
    """Whoever the key or session belongs to; permissions were checked before."""
    assert isinstance(request.user, User)  # noqa: S101  # for the type checker
    return request.user


def changed_since(rows: QuerySet[Any, Any], request: Request) -> QuerySet[Any, Any]:
    """Those that the parameter of this name asks for, by their `changed_at`."""
    if "changed_since" not in request.query_params:
        return rows
    zone = Organisation.objects.current().tz
    since = instant_parameter(request, "changed_since", zone=zone, start=True)
    return rows.filter(changed_at__gte=since) if since else rows


class KeyInHeader(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "clm.accounts.api_keys.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key from Settings, API keys: `Bearer clm_…`",
        }


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.CharField(help_text="administrator, manager, marketer, rep or analyst.")
    may = serializers.ListField(child=serializers.CharField(), help_text="What the role allows.")
    key = serializers.CharField(allow_null=True, help_text="The name of the API key; null in a session.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="What the key allows.")


class MeView(ApiView):
    capability = Capability.USE
    tag = "Account"

    @extend_schema(operation_id="me", summary="Who am I, and what may I do?", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user, key = caller(request), request.auth if isinstance(request.auth, ApiKey) else None
        return Response(
            {
                "id": user.pk,
                "email": user.email,
                "name": user.name,
                "role": user.role,
                "may": sorted(one for one in Capability if may(user, one)),
                "key": key.name if key else None,
                "scopes": key.scopes if key else ["read", "write"],
            }
        )


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField(help_text="In the caller's language.")
    status = serializers.ChoiceField(JobStatus.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True, help_text="Null while nobody knows.")
    result = serializers.DictField()
    error = serializers.CharField()
    created_at = InstantField()
    started_at = InstantField(allow_null=True)
    finished_at = InstantField(allow_null=True)


class ColleagueSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="As `owner` of customers, leads and tasks.")
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.choices)
    team = serializers.IntegerField(allow_null=True)
    is_active = serializers.BooleanField(help_text="Whether they may sign in.")


class UsersView(ListView):
    capability = Capability.USE
    tag = "Account"
    serializer_class = ColleagueSerializer
    queryset = User.objects.none()
    columns: ClassVar = {
        "id": "id",
        "name": "name",
        "email": "email",
        "role": "role",
        "team": "team_id",
        "is_active": "is_active",
    }
    orderings: ClassVar = {"id": "id", "email": "email"}
    default_ordering = "id"
    parameters: ClassVar = [
        OpenApiParameter("team", OpenApiTypes.INT, description="Only of this team."),
        OpenApiParameter("role", OpenApiTypes.STR, enum=Role.values, description="Only of this role."),
        OpenApiParameter("email", OpenApiTypes.STR, description="Only who signs in with this address."),
    ]

    @extend_schema(
        operation_id="users_list", summary="Who works here", responses=ColleagueSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        asked = {
            "team": self.whole_number("team"),
            "role": self.choice("role", Role.values),
            "email__iexact": request.query_params.get("email"),
        }
        return User.objects.filter(**{name: value for name, value in asked.items() if value is not None})


class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)
    may = serializers.ListField(child=serializers.ChoiceField([str(one) for one in Capability]))
    usual = serializers.ListField(
        child=serializers.CharField(), help_text="What the role may before an administrator changes it."
    )


class RolesView(ApiView):
    capability = Capability.ADMINISTER
    tag = "Account"

    @extend_schema(
        operation_id="roles_list",
        summary="What each role may do",
        description="It is changed on the page of roles, where the administrator's password is asked.",
        responses=RoleSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        organisation = Organisation.objects.current()
        return Response(
            [
                {
                    "role": role,
                    "may": sorted(allowed_to(role, organisation)),
                    "usual": sorted(CAPABILITIES[role]),
                }
                for role in Role.values
            ]
        )


JOB_FIELDS = {str(name): str(name) for name in JobSerializer().fields}
JOB_COLUMNS = JOB_FIELDS | {"parameters": "parameters"}


def told_job(row: Mapping[str, Any]) -> dict[str, Any]:
    return named(row, JOB_FIELDS) | {"title": title_in_words(row["title"], row["parameters"])}


class JobsView(ListView):
    capability = Capability.USE
    tag = "Jobs"
    serializer_class = JobSerializer
    queryset = Job.objects.none()
    columns = JOB_COLUMNS
    parameters: ClassVar = [
        OpenApiParameter(
            "status", OpenApiTypes.STR, enum=JobStatus.values, description="Only jobs in this state."
        )
    ]

    @extend_schema(
        operation_id="jobs_list", summary="Jobs, the newest first", responses=JobSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return told_job(row)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        jobs = Job.objects.visible_to(caller(request))
        if status := self.choice("status", JobStatus.values):
            jobs = jobs.filter(status=status)
        return jobs


class JobView(ApiView):
    capability = Capability.USE
    tag = "Jobs"

    @extend_schema(operation_id="jobs_read", summary="How far a job is", responses=JobSerializer)
    def get(self, request: Request, pk: int) -> Response:
        jobs = Job.objects.visible_to(caller(request)).values(*JOB_COLUMNS)
        return Response(told_job(get_object_or_404(jobs, pk=pk)))


class JobCancellationView(AnswersOnce, ApiView):
    capability = Capability.USE
    write_capability = Capability.USE
    tag = "Jobs"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="jobs_cancel",
        summary="Cancel a job",
        description="It ends after the step it is in; what was done stays. 409 when it had ended before.",
        request=StrictSerializer,
        responses=JobSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        job = get_object_or_404(Job.objects.visible_to(caller(request)), pk=pk)
        if not job.cancel(by=caller(request)):
            raise Conflict(_("It had already ended."))
        return Response(told_job(Job.objects.values(*JOB_COLUMNS).get(pk=pk)))


urlpatterns = [
    path("me/", MeView.as_view(), name="api-me"),
    path("users/", UsersView.as_view(), name="api-users"),
    path("roles/", RolesView.as_view(), name="api-roles"),
    path("jobs/", JobsView.as_view(), name="api-jobs"),
    path("jobs/<int:pk>/", JobView.as_view(), name="api-job"),
    path("jobs/<int:pk>/cancellation/", JobCancellationView.as_view(), name="api-job-cancellation"),
]
