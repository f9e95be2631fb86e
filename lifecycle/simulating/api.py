"""API: simulations, asked for and read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models.job import OPEN
from clm.accounts.permissions import Capability
from clm.base.rest.instants import NotAnInstant, parsed_day
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, ListView
from lifecycle.api_shapes import ONLY_OF_MODEL
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, Span, Stage
from lifecycle.resettling import vanished
from lifecycle.simulating.asking import CannotSimulate, Question, simulate
from lifecycle.simulating.telling import StageLine, Told

FIELDS = {"first": "from", "last": "to"}
STATES = ("running", "done", "failed")


class DayField(serializers.DateField):
    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="2026-06-30")
        try:
            return parsed_day(value)
        except NotAnInstant as error:
            raise ValidationError(str(error), code="invalid") from error


class SimulationSerializer(StrictSerializer):
    model = TextField(
        max_length=50, required=False, help_text="The model's slug. Default: the primary model."
    )
    version = WholeNumberField(
        required=False,
        min_value=1,
        help_text="The version's number. Default: the draft, else the one in force.",
    )
    span = serializers.ChoiceField(
        Span.choices,
        default=Span.NOW,
        help_text="`now`: as if published now. `history`: as if it had always decided. `days`: as if from one day to another.",
    )
    heirs = serializers.DictField(
        child=TextField(max_length=50),
        required=False,
        help_text="Where the people of stages go that the version has no more, slug by slug. Default: a guess by kind.",
    )

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name for an attribute."""
        first = DayField(required=False, allow_null=True, help_text="With `days`: the first local day.")
        last = DayField(
            required=False, allow_null=True, help_text="With `days`: the last one. Default: today."
        )
        return super().get_fields() | {"from": first, "to": last}


class StageCounts(serializers.Serializer[Any]):
    stage = serializers.CharField(help_text="Slug.")
    now = serializers.IntegerField(help_text="In truth, at the end.")
    after = serializers.IntegerField(help_text="With the version.")
    entering = serializers.IntegerField()
    leaving = serializers.IntegerField()
    entered = serializers.IntegerField(allow_null=True, help_text="Entries in truth; null with `now`.")
    would_enter = serializers.IntegerField(
        allow_null=True, help_text="Entries with the version; null with `now`."
    )


def _flow_fields() -> dict[str, Any]:
    return {
        "from": serializers.CharField(allow_null=True, help_text="Slug; null for no stage."),
        "to": serializers.CharField(help_text="Slug."),
    }


class FlowShape(serializers.Serializer[Any]):
    customers = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        return _flow_fields() | super().get_fields()


class AffectedShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    name = serializers.CharField()
    entered_at = InstantField()
    why = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return _flow_fields() | super().get_fields()


class ConsequenceShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField()
    entering = serializers.IntegerField(help_text="Customers who would enter.")
    leaving = serializers.IntegerField(help_text="Customers who would leave.")
    messages = serializers.IntegerField(help_text="So many messages at most for each who enters.")


class SimulationInShort(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    model = serializers.CharField(help_text="Slug.")
    version = serializers.IntegerField(help_text="Its number.")
    span = serializers.ChoiceField(Span.choices)
    since = InstantField(help_text="From here on the version decides.")
    until = InstantField()
    requested_at = InstantField()
    requested_by = serializers.IntegerField(allow_null=True, help_text="A user.")
    finished_at = InstantField(allow_null=True)
    status = serializers.ChoiceField(STATES)
    customers = serializers.IntegerField(allow_null=True, help_text="All that were counted; null until done.")
    moving = serializers.IntegerField(allow_null=True)


class SimulationShape(SimulationInShort):
    error = serializers.CharField()
    done = serializers.IntegerField(help_text="Customers walked so far.")
    total = serializers.IntegerField(allow_null=True)
    is_stale = serializers.BooleanField(help_text="The version was changed or published since.")
    heirs = serializers.DictField(
        child=serializers.CharField(),
        help_text="Where the people of stages went that the version has no more.",
    )
    parked = serializers.IntegerField(allow_null=True, help_text="Stay where they are.")
    aside = serializers.IntegerField(allow_null=True, help_text="The rules could not be applied to them.")
    stages = StageCounts(many=True)
    flows = FlowShape(many=True)
    affected = AffectedShape(many=True, help_text="Up to 50 customers, of every flow some.")
    consequences = ConsequenceShape(many=True, help_text="Campaigns whose audience the moves would change.")


def _state(finished_at: datetime | None, *, is_open: bool) -> str:
    return "done" if finished_at else ("running" if is_open else "failed")


def simulation_told(told: Told) -> dict[str, Any]:
    simulation, job = told.simulation, told.simulation.job
    counted = {name: simulation.result.get(name) for name in ("customers", "moving", "parked", "aside")}
    return {
        "id": simulation.pk,
        "model": simulation.version.model.slug,
        "version": simulation.version.number,
        "span": simulation.span,
        "since": simulation.since,
        "until": simulation.until,
        "requested_at": simulation.requested_at,
        "requested_by": simulation.requested_by_id,
        "finished_at": simulation.finished_at,
        "status": _state(simulation.finished_at, is_open=told.is_under_way),
        "error": told.failure,
        "done": job.done if job else 0,
        "total": job.total if job else None,
        "is_stale": told.is_stale,
        "heirs": simulation.heirs,
        **counted,
        "stages": [_counts_told(line) for line in told.stages],
        "flows": [
            _ends_told(flow.from_stage, flow.to_stage) | {"customers": flow.customers} for flow in told.flows
        ],
        "affected": [
            _ends_told(each.from_stage, each.to_stage)
            | {
                "customer": each.customer.pk,
                "name": str(each.customer),
                "entered_at": each.move.entered_at,
                "why": each.why,
            }
            for each in told.affected
        ],
        "consequences": [vars(each) for each in told.consequences],
    }


def _counts_told(line: StageLine) -> dict[str, Any]:
    return vars(line) | {"stage": line.stage.slug}


def _ends_told(one: Stage | None, other: Stage | None) -> dict[str, str | None]:
    return {"from": one.slug if one else None, "to": other.slug if other else None}


class SimulationsView(AnswersOnce, ListView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    serializer_class = SimulationInShort
    queryset = Simulation.objects.none()
    columns: ClassVar = {
        "id": "id",
        "model": "version__model__slug",
        "version": "version__number",
        "span": "span",
        "since": "since",
        "until": "until",
        "requested_at": "requested_at",
        "requested_by": "requested_by_id",
        "finished_at": "finished_at",
        "status": "is_open",
        "customers": "result__customers",
        "moving": "result__moving",
    }
    parameters: ClassVar = [ONLY_OF_MODEL]

    @extend_schema(
        operation_id="simulations_list",
        summary="What was tried in the last 7 days, the newest first",
        responses=SimulationInShort(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        model = request.query_params.get("model")
        wanted = Q() if model is None else Q(version__model__slug=model)
        return Simulation.objects.filter(wanted).annotate(is_open=Q(job__status__in=OPEN))

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return super().told(row) | {"status": _state(row["finished_at"], is_open=bool(row["is_open"]))}

    @extend_schema(
        operation_id="simulations_create",
        summary="Try a version of a model out",
        description="Changes nothing. Answers with the result where it is there at once, else with a simulation under way:"
        " read it until its status is `done`. Kept for 7 days.",
        request=SimulationSerializer,
        responses={201: SimulationShape},
        examples=[
            OpenApiExample(
                "days", {"span": "days", "from": "2026-01-01", "to": "2026-06-30"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        body = SimulationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        version = _version(wanted)
        heirs = _heirs(version, wanted.get("heirs", {}))
        question = Question(wanted["span"], wanted.get("from"), wanted.get("to"), heirs)
        try:
            simulation = simulate(version, question, by=caller(request))
        except CannotSimulate as refusal:
            raise ValidationError({FIELDS.get(refusal.field, refusal.field): refusal.told()}) from refusal
        return Response(simulation_told(Told(simulation, caller(request))), status=201)


def _heirs(version: ModelVersion, wanted: dict[str, str]) -> dict[str, str]:
    gone = [one.stage.slug for one in vanished(version)] if wanted and version.status == "draft" else []
    for stage in wanted:
        if stage not in gone:
            reason = _("No people of a stage “%(slug)s” need a new one. Those that do: %(known)s.")
            known = ", ".join(gone) or _("none")
            raise ValidationError({"heirs": [reason % {"slug": stage, "known": known}]})
    used = list(version.stage_uses.order_by("position").values_list("stage__slug", flat=True))
    for heir in wanted.values():
        if heir not in used:
            reason = _("There is no stage “%(slug)s” in this version. There are: %(known)s.")
            raise ValidationError({"heirs": [reason % {"slug": heir, "known": ", ".join(used)}]})
    return wanted


def _version(wanted: dict[str, Any]) -> ModelVersion:
    from lifecycle.api import chosen_model

    model: LifecycleModel = chosen_model(wanted.get("model"))
    versions = model.versions.select_related("model")
    number = wanted.get("version")
    found = (
        versions.filter(number=number) if number else versions.exclude(status="retired").order_by("status")
    )
    version = found.first()
    if version is None:
        raise ValidationError({"version": [_("The model has no such version.")]})
    return version


class SimulationView(ApiView):
    capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"

    @extend_schema(
        operation_id="simulations_read",
        summary="A simulation: how far it is, and its result",
        responses=SimulationShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        simulation = get_object_or_404(Simulation.objects.for_page(), pk=pk)
        return Response(simulation_told(Told(simulation, caller(request))))


urlpatterns = [
    path("lifecycle/simulations/", SimulationsView.as_view(), name="api-simulations"),
    path("lifecycle/simulations/<int:pk>/", SimulationView.as_view(), name="api-simulation"),
]
