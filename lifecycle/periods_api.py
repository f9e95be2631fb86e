"""API: stays in stages, and runs of what goes on beside them, by both clocks."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base.rest.instants import AS_OF, KNOWN_AT, Asked, asked
from clm.base.rest.views import ListView
from customers.api.whom import of_the_customer
from customers.models import Customer
from lifecycle import api_shapes as shapes
from lifecycle.models import ComponentPeriod, StagePeriod

CUSTOMER = OpenApiParameter("customer", OpenApiTypes.INT, description="Only of this customer.")


class PeriodsView(ListView):
    """Periods of customers whom the caller sees. Their querysets have `known(…)`, and `at(…)` for one instant."""

    capability = Capability.VIEW_CUSTOMERS
    tag = "Stages"
    parameters: ClassVar = [CUSTOMER, shapes.ONLY_OF_MODEL, AS_OF, KNOWN_AT]
    model: ClassVar[type[StagePeriod | ComponentPeriod]]
    wanted: ClassVar[Mapping[str, str]]  # parameter → column
    unknown_then: ClassVar[tuple[str, ...]]  # in the answer: what may have come after `known_at`

    @cached_property
    def clocks(self) -> Asked:
        return asked(self.request, Organisation.objects.current().tz)

    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        as_of, known_at = self.clocks
        periods: Any = self.model.objects
        asked_about = periods.known(known_at) if as_of is None else periods.at(as_of, known_at)
        given = {column: request.query_params.get(name) for name, column in self.wanted.items()}
        named = {column: one for column, one in given.items() if one is not None}
        return self._seen(asked_about.filter(of_the_customer(self, known_at=known_at), **named))

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """As it was known then: what ended or was superseded later had not yet."""
        told, known_at = super().told(row), self.clocks.known_at
        for name in self.unknown_then if known_at else ():
            told[name] = told[name] if told[name] and told[name] <= known_at else None
        return told

    def _seen(self, periods: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        user = caller(self.request)
        if not user.is_restricted:
            return periods
        return periods.filter(customer__in=Customer.objects.visible_to(user).values("pk"))


@extend_schema_view(
    get=extend_schema(
        operation_id="stage_periods_list",
        summary="Stays in stages",
        description="With `as_of`: the one period each customer was in then. Without: the whole history.",
        responses=shapes.PeriodShape(many=True),
    )
)
class StagePeriodsView(PeriodsView):
    model = StagePeriod
    serializer_class = shapes.PeriodShape
    queryset = StagePeriod.objects.none()
    columns = shapes.PERIOD_COLUMNS
    orderings: ClassVar = {"id": "id", "entered_at": "entered_at"}
    default_ordering = "-entered_at"
    wanted: ClassVar = {"model": "model__slug", "stage": "stage__slug"}
    unknown_then = ("left_at", "superseded_at")
    parameters: ClassVar = [
        *PeriodsView.parameters,
        OpenApiParameter("stage", OpenApiTypes.STR, description="Only in this stage, by slug."),
    ]


@extend_schema_view(
    get=extend_schema(
        operation_id="component_periods_list",
        summary="Runs of components: what goes on beside the stages",
        description="With `as_of`: the runs under way then, at most one of each component for a customer. Without:"
        " the whole history.",
        responses=shapes.ComponentPeriodShape(many=True),
    )
)
class ComponentPeriodsView(PeriodsView):
    model = ComponentPeriod
    serializer_class = shapes.ComponentPeriodShape
    queryset = ComponentPeriod.objects.none()
    columns = shapes.COMPONENT_PERIOD_COLUMNS
    orderings: ClassVar = {"id": "id", "started_at": "started_at"}
    wanted: ClassVar = {"model": "component__model__slug", "component": "component__slug"}
    unknown_then = ("superseded_at",)  # a run that ends later is another row
    parameters: ClassVar = [
        *PeriodsView.parameters,
        OpenApiParameter("component", OpenApiTypes.STR, description="Only of this component, by slug."),
    ]


urlpatterns = [
    path("stage-periods/", StagePeriodsView.as_view(), name="api-stage-periods"),
    path("component-periods/", ComponentPeriodsView.as_view(), name="api-component-periods"),
]
