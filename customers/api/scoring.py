"""API: scores, why, and what they rest on, by the same verbs as the pages."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.instants import AS_OF, KNOWN_AT, asked, clock_parameter
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers.api import scoring_shapes as shapes
from customers.api.customers import changed_at_of, version_of
from customers.api.segments import read
from customers.models import Customer, IdealProfile, Score, Scoring
from customers.models.score import GRADES
from customers.scoring import keeping
from customers.scoring.best import best_customers
from customers.scoring.explaining import explain
from customers.scoring.matrix import matrix_for

TAG = "Scores"
MOST_DAYS = 3650
EXAMPLE = {
    "name": "Danish offices",
    "tests": [
        {
            "weight": 30,
            "conditions": {
                "condition": "field",
                "parameters": {"field": "country", "operator": "is", "value": "DK"},
            },
        },
        {
            "weight": 20,
            "conditions": {"condition": "field", "parameters": {"field": "company", "operator": "is_set"}},
        },
    ],
}
SIGNALS = {
    "signals": [
        {"event": "email.clicked", "points": 5, "most": 4},
        {"event": "page.viewed", "points": 10, "most": 3, "property": "page", "is_value": "pricing"},
    ],
    "half_life_days": 30,
}


def profile_told(pk: int) -> dict[str, Any]:
    row = IdealProfile.objects.values(*shapes.PROFILE_COLUMNS.values()).get(pk=pk)
    return named(row, shapes.PROFILE_COLUMNS)


def answered(one: dict[str, Any], *, status: int = 200) -> Response:
    return Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})


def expected_version(request: Request, current: dict[str, Any]) -> Any:
    """What `If-Match` says was read; None for an asterisk. Raises Stale for what is no version of ours."""
    version = required_version(request)
    expected = None if version == "*" else changed_at_of(version)
    if version != "*" and expected is None:
        raise Stale(current)
    return expected


class ProfilesView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SCORING
    tag = TAG
    serializer_class = shapes.ProfileShape
    queryset = IdealProfile.objects.none()
    columns = shapes.PROFILE_COLUMNS
    orderings: ClassVar = {"id": "id", "name": "name"}
    default_ordering = "name"

    @extend_schema(
        operation_id="ideal_profiles_list", summary="Ideal profiles", responses=shapes.ProfileShape(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="ideal_profiles_create",
        summary="Make an ideal profile",
        description="Everybody is scored by it: at once, or by a job where customers are many.",
        request=shapes.NewProfile,
        responses={201: shapes.ProfileShape},
        examples=[OpenApiExample("new", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        made = keeping.create_profile(by=caller(request), **read(shapes.NewProfile, request))
        response = answered(profile_told(made.pk), status=201)
        response["Location"] = reverse("api-ideal-profile", args=[made.pk])
        return response

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return IdealProfile.objects.all()


class ProfileView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SCORING
    tag = TAG
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(
        operation_id="ideal_profiles_read", summary="One ideal profile", responses=shapes.ProfileShape
    )
    def get(self, request: Request, pk: int) -> Response:
        return answered(profile_told(get_object_or_404(IdealProfile, pk=pk).pk))

    @extend_schema(
        operation_id="ideal_profiles_update",
        summary="Change an ideal profile",
        description="Only the fields that are given change.",
        request=shapes.ProfileChanges,
        responses=shapes.ProfileShape,
        examples=[OpenApiExample("rest", {"is_active": False}, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        profile = get_object_or_404(IdealProfile, pk=pk)
        expected = expected_version(request, profile_told(pk))
        values = read(shapes.ProfileChanges, request)
        try:
            keeping.change_profile(profile, by=caller(request), values=values, expected=expected)
        except keeping.StaleScoring as error:
            raise Stale(profile_told(pk)) from error
        return answered(profile_told(pk))

    @extend_schema(
        operation_id="ideal_profiles_delete", summary="Delete an ideal profile", responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        keeping.remove_profile(get_object_or_404(IdealProfile, pk=pk), by=caller(request))
        return Response(status=204)


class ScoringView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_SCORING
    tag = TAG
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(
        operation_id="scoring_read",
        summary="What shows interest, and where the classes begin",
        responses=shapes.ScoringShape,
    )
    def get(self, request: Request) -> Response:
        return answered(self._told())

    @extend_schema(
        operation_id="scoring_update",
        summary="Change what shows interest",
        description="Only the fields that are given change; `signals` is the whole list.",
        request=shapes.ScoringChanges,
        responses=shapes.ScoringShape,
        examples=[OpenApiExample("signals", SIGNALS, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        expected = expected_version(request, self._told())
        values = read(shapes.ScoringChanges, request)
        try:
            keeping.change_scoring(by=caller(request), values=values, expected=expected)
        except keeping.StaleScoring as error:
            raise Stale(self._told()) from error
        return answered(self._told())

    def _told(self) -> dict[str, Any]:
        scoring = Scoring.objects.current()
        return {name: getattr(scoring, name) for name in shapes.SCORING_FIELDS}


class ScoresView(ListView):
    capability = Capability.VIEW_CUSTOMERS
    tag = TAG
    serializer_class = shapes.ScoreShape
    queryset = Score.objects.none()
    columns = shapes.SCORE_COLUMNS
    orderings: ClassVar = {"customer": "customer_id", "fit": "fit", "interest": "interest"}
    default_ordering = "customer"
    parameters: ClassVar = [
        OpenApiParameter("grade", OpenApiTypes.STR, enum=GRADES, description="Only this grade, such as A1.")
    ]

    @extend_schema(
        operation_id="scores_list",
        summary="Scores of customers, as worked out today",
        description="Customers who withdrew from scores and predictions are not in it.",
        responses=shapes.ScoreShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        user, grade = caller(request), self.choice("grade", GRADES)
        scores = Score.objects.filter(customer__merged_into=None)
        if user.is_restricted:
            scores = scores.filter(customer__in=Customer.objects.visible_to(user).values("pk"))
        return scores.filter(fit_class=grade[0], interest_class=int(grade[1])) if grade else scores


class MatrixView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = TAG

    @extend_schema(
        operation_id="scores_matrix",
        summary="How many customers have which grade",
        responses=shapes.MatrixShape,
    )
    def get(self, request: Request) -> Response:
        rows = matrix_for(caller(request)).rows
        cells = [{"grade": cell.grade, "customers": cell.count} for row in rows for cell in row.cells]
        return Response({"results": cells})


class CustomerScoreView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = TAG
    parameters: ClassVar = [AS_OF, KNOWN_AT]

    @extend_schema(
        operation_id="customers_score",
        summary="A customer's score, point by point",
        description="Worked out as of the instant asked about, by the profiles and points that there are now.",
        responses=shapes.ExplanationShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        customer = get_object_or_404(Customer.objects.visible_to(caller(request)).present(), pk=pk)
        clocks = asked(request, Organisation.objects.current().tz)
        why = explain(customer, as_of=clocks.as_of, known_at=clocks.known_at)
        return Response(shapes.explained(pk, why))


class BestView(ApiView):
    capability = Capability.VIEW_METRICS
    tag = TAG
    parameters: ClassVar = [
        AS_OF,
        OpenApiParameter("days", OpenApiTypes.INT, description="Before `as_of`: 1 to 3,650. Default: 365."),
    ]

    @extend_schema(
        operation_id="best_customers",
        summary="The fifth of the buyers that brings the most",
        description="Their share of the revenue, and what they have in common more often than all who bought.",
        responses=shapes.BestShape,
    )
    def get(self, request: Request) -> Response:
        given = self.whole_number("days")
        days = 365 if given is None else given
        if not 1 <= days <= MOST_DAYS:
            raise ValidationError({"days": [_("Choose 1 to 3,650 days.")]})
        as_of = clock_parameter(request, "as_of", zone=Organisation.objects.current().tz)
        return Response(shapes.best_told(best_customers(days=days, as_of=as_of)))


urlpatterns = [
    path("ideal-profiles/", ProfilesView.as_view(), name="api-ideal-profiles"),
    path("ideal-profiles/<int:pk>/", ProfileView.as_view(), name="api-ideal-profile"),
    path("scoring/", ScoringView.as_view(), name="api-scoring"),
    path("best-customers/", BestView.as_view(), name="api-best-customers"),
    path("scores/", ScoresView.as_view(), name="api-scores"),
    path("scores/matrix/", MatrixView.as_view(), name="api-scores-matrix"),
    path("customers/<int:pk>/score/", CustomerScoreView.as_view(), name="api-customer-score"),
]
