"""API: where a company stands by its people's stages."""

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.permissions import Capability
from clm.base.rest.serializers import InstantField
from clm.base.rest.views import ApiView
from customers.models import Company
from lifecycle.company_stage import Place, Standing, standing_of


class PlaceShape(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Slug, of the primary model.")
    name = serializers.CharField(help_text="In the caller's language.")
    people = serializers.IntegerField(help_text="Customers of the company whom the caller sees.")


class StandingShape(serializers.Serializer[Any]):
    stage = serializers.CharField(
        allow_null=True, help_text="Slug; null where none of its people has a stage."
    )
    name = serializers.CharField(allow_null=True)
    customer = serializers.IntegerField(allow_null=True, help_text="Whose stage it is.")
    since = InstantField(allow_null=True)
    people = PlaceShape(many=True, help_text="In the order of the model's stages.")


def standing_told(standing: Standing | None) -> dict[str, Any]:
    if standing is None:
        return {"stage": None, "name": None, "customer": None, "since": None, "people": []}
    return {
        "stage": standing.stage.slug,
        "name": standing.stage.name,
        "customer": standing.leader.pk,
        "since": standing.since,
        "people": [_place_told(place) for place in standing.places],
    }


def _place_told(place: Place) -> dict[str, Any]:
    return {"stage": place.slug, "name": place.name, "people": place.people}


class CompanyStageView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"

    @extend_schema(
        operation_id="companies_stage",
        summary="Where a company stands",
        description="In the primary model, where the person stands who is furthest along and has neither churned nor is at"
        " risk; these count only where there are no others. Of the people whom the caller sees. Worked out when it is"
        " asked for: nobody's own stage follows from it.",
        responses=StandingShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        company = Company.objects.visible_to(caller(request)).filter(pk=pk).first()
        if company is None:
            raise Http404
        return Response(standing_told(standing_of(company, caller(request))))


urlpatterns = [path("companies/<int:pk>/stage/", CompanyStageView.as_view(), name="api-company-stage")]
