"""API: companies, listed, read, made and changed, by the same verbs as the pages."""

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
from clm.accounts.models import Team, User
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.instants import CHANGED_SINCE
from clm.base.rest.serializers import AmountField, InstantField, StrictSerializer, TextField
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers import companies, company_merging
from customers.api.customers import changed_at_of, version_of
from customers.companies import CompanyForeign, CompanyTaken, StaleCompany
from customers.company_columns import with_sums
from customers.company_merging import CompanyKept
from customers.company_pages import CompanyFilters
from customers.models import Company
from customers.once_called import now_at


class CompanyShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    domain = serializers.CharField()
    country = serializers.CharField()
    owner = serializers.IntegerField(allow_null=True)
    team = serializers.IntegerField(allow_null=True)
    people = serializers.IntegerField(help_text="Customers of it whom the caller sees.")
    revenue = AmountField(help_text="Of these, net of refunds, in the reporting currency.")
    created_at = InstantField()
    changed_at = InstantField(help_text="The ETag is made of it.")


COLUMNS = {str(name): str(name) for name in CompanyShape().fields} | {"owner": "owner_id", "team": "team_id"}


class CompanyChanges(StrictSerializer):
    name = TextField(max_length=200, required=False)
    domain = TextField(max_length=253, required=False, allow_blank=True, help_text="engines.example")
    country = TextField(max_length=2, required=False, allow_blank=True, help_text="ISO 3166, such as DK.")
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="A user's id.",
    )
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True, help_text="A team's id."
    )


class NewCompany(CompanyChanges):
    name = TextField(max_length=200)


def answer(request: Request, company: Company, *, status: int = 200) -> Response:
    rows = with_sums(Company.objects.filter(pk=company.pk), caller(request))
    one = named(rows.values(*COLUMNS.values()).get(), COLUMNS)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-company", args=[company.pk])
    return response


def visible(request: Request, pk: int) -> Company:
    return get_object_or_404(Company.objects.visible_to(caller(request)), pk=pk)


class taken_told:  # used as a statement, like transaction.atomic
    """Inside, a name that is taken becomes a 409; it names the other company to those who may see it."""

    def __init__(self, request: Request) -> None:
        self.user = caller(request)

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, CompanyTaken):
            seen = Company.objects.visible_to(self.user).filter(pk=error.holder.pk).exists()
            refusal = Conflict(str(error), code="name_taken")
            refusal.extra = {"holder": error.holder.pk if seen else None}
            raise refusal from error


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class CompaniesView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Companies"
    serializer_class = CompanyShape
    queryset = Company.objects.none()
    columns = COLUMNS
    orderings: ClassVar = {
        "id": "id",
        "name": "name",
        "created_at": "created_at",
        "changed_at": "changed_at",
    }
    errors: ClassVar = {"post": (409,)}
    filterset_class = CompanyFilters
    parameters: ClassVar = [CHANGED_SINCE]

    @extend_schema(
        operation_id="companies_list",
        summary="Companies, the newest first",
        responses=CompanyShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="companies_create",
        summary="Make a company",
        description="409 when there is one of this name; `holder` says which, to those who see it.",
        request=NewCompany,
        responses={201: CompanyShape},
        examples=[
            OpenApiExample(
                "new", {"name": "Engines", "domain": "engines.example", "country": "GB"}, request_only=True
            )
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        values = read(NewCompany, request)
        with taken_told(request):
            made = companies.create(by=caller(request), values=values)
        return answer(request, made, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        seen = changed_since(Company.objects.visible_to(caller(request)), request)
        return with_sums(seen, caller(request))


class CompanyView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Companies"
    errors: ClassVar = {"patch": (409, 412, 428), "delete": (409,)}

    @extend_schema(
        operation_id="companies_read",
        summary="One company",
        description="The answer's ETag is the version to send as If-Match with a change. Its people:"
        " `GET /api/v1/customers/?company=`. A company that was merged into another answers 301 to that one.",
        responses=CompanyShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        if not Company.objects.filter(pk=pk).exists() and (kept := now_at(pk)):
            moved = answer(request, visible(request, kept), status=301)
            moved["Location"] = reverse("api-company", args=[kept])
            return moved
        return answer(request, visible(request, pk))

    @extend_schema(
        operation_id="companies_update",
        summary="Change a company",
        description="Only the fields that are given change. 409 for a name that another company has, and when the caller"
        " does not see all of its people.",
        request=CompanyChanges,
        responses=CompanyShape,
        examples=[OpenApiExample("change", {"domain": "engines.example"}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        company, version = visible(request, pk), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(answer(request, company).data)
        values = read(CompanyChanges, request)
        try:
            with taken_told(request):
                companies.change(company, by=caller(request), values=values, expected=expected)
        except CompanyForeign as refusal:
            raise Conflict(str(refusal)) from refusal
        except StaleCompany as stale:
            raise Stale(answer(request, stale.current).data) from stale
        return answer(request, company)

    @extend_schema(
        operation_id="companies_delete",
        summary="Delete a company without people",
        description="409 while customers name it: merge it into another instead.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        try:
            company_merging.delete(visible(request, pk), by=caller(request))
        except CompanyKept as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(status=204)


class CompanyMerged(StrictSerializer):
    loser = serializers.IntegerField(min_value=1, help_text="The company that becomes this one.")
    choices = serializers.DictField(
        child=serializers.ChoiceField([(company_merging.WINNER, "winner"), (company_merging.LOSER, "loser")]),
        required=False,
        help_text="By field, whose value stays. Without a choice this one's; the loser's where it has none.",
    )


class CompanyMergesView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Companies"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="companies_merge",
        summary="Merge another company into this one",
        description="Its people become this one's; it can't be undone. Ids of other systems and the old name lead here.",
        request=CompanyMerged,
        responses=CompanyShape,
        examples=[OpenApiExample("merge", {"loser": 12, "choices": {"domain": "loser"}}, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        winner, given = visible(request, pk), read(CompanyMerged, request)
        loser = Company.objects.visible_to(caller(request)).filter(pk=given["loser"]).first()
        if loser is None:
            raise ValidationError({"loser": [_("There is no such company.")]})
        try:
            company_merging.merge(loser, winner, by=caller(request), choices=given.get("choices"))
        except CompanyKept as refusal:
            raise Conflict(str(refusal)) from refusal
        return answer(request, winner)


urlpatterns = [
    path("companies/", CompaniesView.as_view(), name="api-companies"),
    path("companies/<int:pk>/", CompanyView.as_view(), name="api-company"),
    path("companies/<int:pk>/merges/", CompanyMergesView.as_view(), name="api-company-merges"),
]
