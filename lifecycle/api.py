"""API: lifecycle models, why a customer is where it is, and moves."""

from datetime import timedelta
from typing import ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base import clock
from clm.base.rest.answers import error_answer
from clm.base.rest.errors import Conflict
from clm.base.rest.instants import AS_OF, KNOWN_AT, asked
from clm.base.rest.serializers import StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView
from customers.models import Customer
from lifecycle import api_shapes as shapes
from lifecycle.admission import MoveSet, StageUnknown, admit, stage_at
from lifecycle.designing import api as designing
from lifecycle.explanation import explain
from lifecycle.models import Cause, LifecycleModel, Parking, Stage
from lifecycle.parking import release
from lifecycle.visits import visits_of
from lifecycle.why import why_here

MODEL = OpenApiParameter(
    "model", OpenApiTypes.STR, description="The model's slug. Default: the primary model."
)
LONGEST_HOLD = 3650


def chosen_model(slug: str | None) -> LifecycleModel:
    """By slug, else the primary one; 400 naming the parameter when there is none."""
    models = LifecycleModel.objects.all()
    found = models.filter(slug=slug).first() if slug else models.primary()
    if found is None:
        reason = _("There is no such lifecycle model.") if slug else _("No model is primary. Name one.")
        raise ValidationError({"model": [reason]})
    return found


def visible_customer(request: Request, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(caller(request)), pk=pk)


class ModelsView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="models_list", summary="Lifecycle models and their stages", responses=shapes.ModelList
    )
    def get(self, request: Request) -> Response:
        models = LifecycleModel.objects.order_by("-is_primary", "slug")
        return Response({"results": [shapes.model_told(model) for model in models]})

    @extend_schema(
        operation_id="models_create",
        summary="Make a model, as a draft",
        description="It is in force once its draft is published.",
        request=designing.NewModel,
        responses={201: shapes.ModelShape},
        examples=[
            OpenApiExample(
                "copy",
                {"name": "Key accounts", "slug": "key-accounts", "start": "preset:swedish-six"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        return Response(shapes.model_told(designing.make_model(request)), status=201)


class ModelView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="models_read", summary="One model, its stages and rules", responses=shapes.ModelDetail
    )
    def get(self, request: Request, slug: str) -> Response:
        model = get_object_or_404(LifecycleModel, slug=slug)
        return Response(shapes.model_told(model) | {"rules": shapes.rules_told(model)})


class StageView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"
    parameters: ClassVar = [MODEL, AS_OF, KNOWN_AT]

    @extend_schema(
        operation_id="customers_stage",
        summary="Where a customer is, why, and what is missing for the other stages",
        responses=shapes.StageTold,
    )
    def get(self, request: Request, pk: int) -> Response:
        customer = visible_customer(request, pk)
        model = chosen_model(request.query_params.get("model"))
        zone = Organisation.objects.current().tz
        as_of, known_at = asked(request, zone)
        now = clock.now()
        is_now, as_of = known_at is None and (as_of is None or as_of >= now), as_of or now
        explanation = explain(customer, model, as_of=as_of, known_at=known_at)
        if explanation is None:
            raise Http404
        why = why_here(customer, explanation.period, as_of=as_of, zone=zone, known_at=known_at)
        visits = visits_of(customer, model, as_of=as_of, known_at=known_at)
        return Response(shapes.explanation_told(explanation, why, visits, as_of=as_of, is_now=is_now))


class TransitionSerializer(StrictSerializer):
    stage = TextField(max_length=50, help_text="The slug of the stage to move to.")
    model = TextField(
        max_length=50, required=False, help_text="The model's slug. Default: the primary model."
    )
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")
    hold_days = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LONGEST_HOLD,
        help_text="For so many days rules leave it there. Default: 0.",
    )


class TransitionsView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Stages"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="customers_move",
        summary="Move a customer to a stage",
        description="201 with the new period; 200 with the present one when it is there already; 409 with the reason"
        " when the model does not allow the move.",
        request=TransitionSerializer,
        responses={201: shapes.PeriodShape, 200: OpenApiResponse(shapes.PeriodShape, "It was there already")},
        examples=[
            OpenApiExample(
                "move",
                {"stage": "loyalty", "reason": "Signed a yearly plan", "hold_days": 30},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        customer = get_object_or_404(Customer.objects.visible_to(caller(request)).present(), pk=pk)
        body = TransitionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        model = chosen_model(wanted.get("model"))
        stage = Stage.objects.filter(model=model, slug=wanted["stage"]).first()
        if stage is None:
            raise ValidationError({"stage": [_("The model has no such stage.")]})
        hold = timedelta(days=wanted["hold_days"]) if wanted.get("hold_days") else None
        return _moved(request, customer, MoveSet([customer.pk], stage, wanted["reason"], hold))


class ReleaseSerializer(StrictSerializer):
    model = TextField(
        max_length=50, required=False, help_text="The model's slug. Default: the primary model."
    )


class ReleasesView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Stages"

    @extend_schema(
        operation_id="customers_release",
        summary="Let rules move a parked customer again",
        description="Change one of the rules that pull it to and fro first, or it will be parked once more.",
        request=ReleaseSerializer,
        responses={200: shapes.Released},
        examples=[OpenApiExample("release", {"model": "swedish-six"}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        customer = get_object_or_404(Customer.objects.visible_to(caller(request)).present(), pk=pk)
        body = ReleaseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        model = chosen_model(body.validated_data.get("model"))
        waiting = Parking.objects.filter(customer=customer, model=model, released_at=None).first()
        return Response({"released": bool(waiting and release(customer, waiting.pk, by=caller(request)))})


def _moved(request: Request, customer: Customer, moves: MoveSet) -> Response:
    try:
        admitted = admit(moves, source=Cause.API, actor=caller(request))
    except StageUnknown as error:
        raise ValidationError({"stage": [str(error)]}) from error
    if admitted.refused:
        return error_answer(Conflict(admitted.refused[0].reason))  # raised, it would take the refusal back
    whose = Customer.objects.select_related("merged_into").get(pk=customer.pk)
    period = stage_at(whose.merged_into or whose, moves.stage.model, as_of=clock.now())
    return Response(shapes.period_told(period), status=201 if admitted.moved else 200)


urlpatterns = [
    path("", include("lifecycle.simulating.api")),
    path("", include("lifecycle.company_api")),
    path("", include("lifecycle.moves_api")),
    path("", include("lifecycle.periods_api")),
    path("", include("lifecycle.running_api")),
    path("lifecycle-models/", ModelsView.as_view(), name="api-lifecycle-models"),
    path("lifecycle-models/<slug:slug>/", ModelView.as_view(), name="api-lifecycle-model"),
    *designing.urlpatterns,
    path("customers/<int:pk>/stage/", StageView.as_view(), name="api-customer-stage"),
    path("customers/<int:pk>/releases/", ReleasesView.as_view(), name="api-customer-releases"),
    path("customers/<int:pk>/transitions/", TransitionsView.as_view(), name="api-customer-transitions"),
]
