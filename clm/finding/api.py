"""API: the search of the whole product, as in the box of the top bar."""

from typing import Any, ClassVar

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.permissions import Capability
from clm.base.rest.views import ApiView
from clm.base.search import LONGEST, SHORTEST, Hit
from clm.finding import search_everything

USUAL, MOST = 5, 20
KINDS = (
    "customer",
    "lead",
    "ticket",
    "company",
    "campaign",
    "template",
    "survey",
    "segment",
    "lifecycle_model",
    "stage",
    "page",
)


class HitShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    id = serializers.IntegerField(allow_null=True, help_text="Null for a page of the product.")
    name = serializers.CharField()
    note = serializers.CharField(help_text="As a customer's e-mail address, a stage's model.")
    href = serializers.CharField(help_text="The page of it, from the root of this server.")
    is_similar = serializers.BooleanField(help_text="It is only spelt much like what was asked for.")


class FoundShape(serializers.Serializer[Any]):
    query = serializers.CharField(help_text="What was searched for.")
    results = HitShape(many=True, help_text="Kind after kind; of each kind the closest first.")


class SearchView(ApiView):
    capability = Capability.USE
    tag = "Search"
    parameters: ClassVar = [
        OpenApiParameter("q", OpenApiTypes.STR, required=True, description="2 to 200 characters."),
        OpenApiParameter("limit", OpenApiTypes.INT, description="Of each kind, 1 to 20; else 5."),
    ]

    @extend_schema(
        operation_id="search",
        summary="Find customers, leads, tickets, companies, campaigns, segments and pages",
        description="Every word must be held, in any order. What holds fewer than three things is also looked for as"
        " a misspelling. Only what the caller may see is found.",
        parameters=parameters,
        responses=FoundShape,
    )
    def get(self, request: Request) -> Response:
        text = request.query_params.get("q", "").strip()
        if not SHORTEST <= len(text) <= LONGEST:
            raise ValidationError({"q": [_("Give 2 to 200 characters.")]})
        groups = search_everything(text, request=request, most=self._most())
        return Response({"query": text, "results": [_told(hit) for group in groups for hit in group.hits]})

    def _most(self) -> int:
        most = self.whole_number("limit")
        if most is not None and not 1 <= most <= MOST:
            raise ValidationError({"limit": [_("Give a number from 1 to %(most)s.") % {"most": MOST}]})
        return most or USUAL


def _told(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "id": hit.pk or None,
        "name": str(hit.label),
        "note": str(hit.note),
        "href": hit.href,
        "is_similar": hit.is_similar,
    }


urlpatterns = [path("search/", SearchView.as_view(), name="api-search")]
