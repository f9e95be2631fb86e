"""API: who dropped off. Shares and curves of stages are metrics (`metrics.api`)."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from clm.accounts.api import caller
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base import clock
from clm.base.money import in_full
from clm.base.rest.paging import page_size
from clm.base.rest.serializers import AmountField
from clm.base.rest.views import ApiView
from metrics.api import QUESTION
from metrics.asking import asking
from metrics.drop_off import GOALS, HOWS, STALLED_DAYS, DropOff, Dropped, Loss
from metrics.names import Names
from metrics.periods import Usual
from metrics.question import QuestionError, Setting

LEFT_OUT = ("breakdown", "variant", "survey", "target", "days")


class LossShape(serializers.Serializer[Any]):
    stage = serializers.CharField(allow_null=True, help_text="Null: all of them.")
    left_n = serializers.IntegerField(help_text="Left in the period without going on.")
    stalled_n = serializers.IntegerField(
        help_text="Still there for longer than the days given; none in stages where customers are welcome to stay."
    )
    value = AmountField(help_text="Their revenue to date, net of refunds.")


class DroppedShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    name = serializers.CharField()
    stage = serializers.CharField()
    how = serializers.ChoiceField(HOWS)
    entered_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    days = serializers.IntegerField(help_text="Whole days in the stage.")
    now = serializers.CharField(allow_null=True, help_text="The stage at the as-of date.")
    value = AmountField(help_text="Revenue to date, net of refunds, in the reporting currency.")


class DropOffShape(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="The next page; null on the last.")
    currency = serializers.CharField()
    losses = LossShape(many=True)
    results = DroppedShape(many=True)


class DropOffView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"
    parameters: ClassVar = [
        *(one for one in QUESTION if one.name not in (*LEFT_OUT, "stage")),
        OpenApiParameter("stage", OpenApiTypes.STR, description="Only of this stage, by slug."),
        OpenApiParameter("how", OpenApiTypes.STR, enum=[*HOWS], description="Default: both."),
        OpenApiParameter(
            "days",
            OpenApiTypes.INT,
            description=f"Stalled after so many days. Default: {STALLED_DAYS}. Nobody stalls in a stage of the kinds {', '.join(GOALS)}.",
        ),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` of the page before."),
        OpenApiParameter("page_size", OpenApiTypes.INT, description="Rows on a page. Default: 50."),
    ]

    @extend_schema(
        operation_id="stages_drop_off",
        summary="Who left a stage without going on, or is stuck in it",
        description="Those worth most first, by their revenue to date. `losses` are of everybody, not of the page.",
        responses=DropOffShape,
    )
    def get(self, request: Request) -> Response:
        try:
            found = self._found(request)
            page = found.page(request.query_params.get("cursor", ""), size=page_size(request))
        except QuestionError as error:
            raise ValidationError({error.parameter: [error.message]}) from error
        address = request.build_absolute_uri()
        following = replace_query_param(address, "cursor", page.following) if page.following else None
        return Response(
            {
                "next": following,
                "currency": found.asked.currency,
                "losses": [_loss(stage.slug, loss) for stage, loss in page.losses]
                + [_loss(None, page.whole)],
                "results": [_told(one) for one in page.rows],
            }
        )

    def _found(self, request: Request) -> DropOff:
        setting, names = Setting(Organisation.objects.current(), clock.now()), Names()
        parameters = request.query_params.dict()
        user = caller(request)
        found = asking(parameters, setting=setting, user=user, names=names, usual=Usual.RIPE)
        return DropOff.of(found.question, setting, names, how=parameters.get("how", ""))


def _loss(stage: str | None, loss: Loss) -> dict[str, object]:
    return {"stage": stage, "left_n": loss.left, "stalled_n": loss.stalled, "value": in_full(loss.value)}


def _told(one: Dropped) -> dict[str, object]:
    return {
        "customer": one.customer_id,
        "name": one.name,
        "stage": one.stage.slug,
        "how": one.how,
        "entered_at": one.entered_at,
        "left_at": one.left_at,
        "days": one.days,
        "now": one.now.slug if one.now else None,
        "value": in_full(one.value),
    }


urlpatterns = [path("stage-drop-offs/", DropOffView.as_view(), name="api-stage-drop-offs")]
