"""API: surveys, links to answer them, and answers: listed as of any instant and taken in by the thousand."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Answer

from campaigns.models import Band, Response, Survey, Via
from campaigns.models.response import HIGHEST, LONGEST_TEXT, SCORES
from campaigns.surveys import links
from campaigns.surveys.asking import invite_by_link
from campaigns.surveys.wording import PARTS, USUAL
from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import InstantField, StrictSerializer, WholeNumberField
from clm.base.rest.views import ApiView
from customers.api.facts import AT, WHO, endpoints
from customers.api.shapes import FactShape, WhoShape
from customers.models import Customer

TAG = "Surveys"


class SurveyShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.RegexField(r"^nps$")
    recontact_days = serializers.IntegerField(help_text="Days until the same customer is asked this again.")
    quiet_days = serializers.IntegerField(help_text="Days of quiet after any other survey.")
    archived_at = InstantField(allow_null=True, help_text="When it was put away; null while it is asked.")
    texts = serializers.DictField(help_text="By language what customers read: question, low, high and so on.")


class SurveyList(serializers.Serializer[Any]):
    results = SurveyShape(many=True)


def told(survey: Survey, company: str) -> dict[str, Any]:
    plain = {name: getattr(survey, name) for name in ("slug", "name", "kind", "recontact_days", "quiet_days")}
    words = {language: survey.wording(language, company=company) for language in USUAL}
    return plain | {
        "archived_at": survey.archived_at,
        "texts": {
            language: {part: getattr(said, part) for part in PARTS} for language, said in words.items()
        },
    }


class SurveysView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = TAG

    @extend_schema(
        operation_id="surveys_list",
        summary="Surveys and what they ask in each language",
        responses=SurveyList,
    )
    def get(self, request: Request) -> Answer:
        company = Organisation.objects.current().name
        return Answer({"results": [told(survey, company) for survey in Survey.objects.all()]})


class SurveyView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = TAG

    @extend_schema(operation_id="surveys_read", summary="One survey", responses=SurveyShape)
    def get(self, request: Request, slug: str) -> Answer:
        survey = get_object_or_404(Survey, slug=slug)
        return Answer(told(survey, Organisation.objects.current().name))


class LinkSerializer(StrictSerializer):
    customer = WholeNumberField(min_value=1, help_text="The customer's id.")


class LinkShape(serializers.Serializer[Any]):
    address = serializers.URLField(help_text="Answers as this customer; add ?score=9 to choose a score.")
    customer = serializers.IntegerField()
    open_until = InstantField()


class LinksView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = TAG

    @extend_schema(
        operation_id="surveys_link",
        summary="A link for one customer to answer with",
        description="The one that is still open and unanswered, else a new one, which counts as asking the customer.",
        request=LinkSerializer,
        responses={201: LinkShape},
        examples=[OpenApiExample("customer 7", {"customer": 7}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Answer:
        survey = get_object_or_404(Survey, slug=slug)
        if survey.archived_at:
            raise Conflict(_("This survey is put away. Bring it back to ask it again."))
        body = LinkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        customer = Customer.objects.visible_to(caller(request)).became(body.validated_data["customer"])
        if customer is None:
            raise Http404
        invitation = invite_by_link(survey, customer, by=caller(request))
        said = {"address": links.address_of(invitation), "customer": customer.pk}
        return Answer(said | {"open_until": invitation.open_until}, status=201)


class ResponseShape(FactShape):
    survey = serializers.CharField(help_text="The survey's slug.")
    score = serializers.IntegerField(min_value=0, max_value=HIGHEST)
    text = serializers.CharField()
    language = serializers.CharField()
    via = serializers.RegexField(f"^({'|'.join(Via.values)})$")


class ResponseItem(WhoShape):
    key = serializers.CharField(max_length=200, help_text="The answer's id in the source.")
    score = serializers.IntegerField(min_value=0, max_value=HIGHEST, help_text="Other scales are refused.")
    text = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    survey = serializers.CharField(required=False, help_text="The survey's slug. Default: nps.")
    language = serializers.CharField(required=False, help_text="Such as da.")


COLUMNS = {name: name for name in ("score", "text", "language", "via")} | {"survey": "survey__slug"}
_name, ResponseView, _Listed, ResponsesBatchView = endpoints(
    "responses",
    Response,
    tag=TAG,
    row=ResponseShape,
    item=ResponseItem,
    own=COLUMNS,
    required=("key",),
    example={**WHO, "key": "R-1", "occurred_at": AT, "score": 9, "text": "Quick delivery", "language": "en"},
)


class ResponsesView(_Listed):  # type: ignore[misc, valid-type]
    parameters: ClassVar = [
        *_Listed.parameters,
        OpenApiParameter("survey", OpenApiTypes.STR, description="Only of this survey, by slug."),
        OpenApiParameter(
            "band",
            OpenApiTypes.STR,
            description="Only of this group.",
            enum=[str(band) for band in Band.values],
        ),
    ]

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        rows: QuerySet[Any, Any] = super().rows_for(request)
        if survey := request.query_params.get("survey"):
            rows = rows.filter(survey__slug=survey)
        if band := self.choice("band", Band.values):
            low, high = SCORES[Band(band)]
            rows = rows.filter(score__gte=low, score__lte=high)
        return rows


urlpatterns = [
    path("surveys/", SurveysView.as_view(), name="api-surveys"),
    path("surveys/<slug:slug>/", SurveyView.as_view(), name="api-survey"),
    path("surveys/<slug:slug>/links/", LinksView.as_view(), name="api-survey-links"),
    path("responses/", ResponsesView.as_view(), name="api-responses"),
    path("responses/batch/", ResponsesBatchView.as_view(), name="api-responses-batch"),
    path("responses/<int:pk>/", ResponseView.as_view(), name="api-responses-one"),
]
