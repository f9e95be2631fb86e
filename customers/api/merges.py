"""API: customers who may be one, and those that were merged."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import InstantField, StrictSerializer
from clm.base.rest.views import ApiView, ListView, named
from customers.custom_fields.known import hidden_from
from customers.duplicates import finding
from customers.leads.matching import REASONS, matches
from customers.merging.merge import CannotMerge, merge, unmerge
from customers.models import Customer, CustomerMerge, Twins

PERSON = {
    "name": "name",
    "email": "e-mail address",
    "phone": "phone number",
    "company": "company",
    "country": "country, as ISO code,",
}


OF_CUSTOMER = OpenApiParameter(
    "customer", OpenApiTypes.INT, description="Only those with this customer as one of the two."
)


class MergeShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    winner = serializers.IntegerField(help_text="Who stays.")
    loser = serializers.IntegerField(help_text="Whose address leads to the winner.")
    recorded_at = InstantField()
    undone_at = InstantField(allow_null=True, help_text="Null while it stands.")
    profile = serializers.DictField(
        child=serializers.ListField(),
        help_text="What it did to the winner's profile: [before, after] by field.",
    )


MERGE_COLUMNS = {
    "id": "pk",
    "winner": "winner_id",
    "loser": "loser_id",
    "recorded_at": "recorded_at",
    "undone_at": "undone_at",
    "profile": "profile",
}


class NewMerge(StrictSerializer):
    winner = serializers.IntegerField(min_value=1, help_text="The customer who stays.")
    loser = serializers.IntegerField(min_value=1, help_text="The customer who becomes it.")
    choices = serializers.DictField(
        child=serializers.ChoiceField([("winner", "winner"), ("loser", "loser")]),
        required=False,
        help_text="By field, whose value stays. Without a choice the winner's; the loser's where it has none.",
    )


class TwinsShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    one = serializers.IntegerField()
    other = serializers.IntegerField()
    score = serializers.IntegerField(help_text="1 to 99: how sure.")
    likenesses = serializers.ListField(child=serializers.CharField())
    found_at = InstantField()


TWINS_COLUMNS = {
    "id": "pk",
    "one": "one_id",
    "other": "other_id",
    "score": "score",
    "likenesses": "likenesses",
    "found_at": "found_at",
}


class MatchShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    name = serializers.CharField()
    by = serializers.ChoiceField([(name, name) for name in REASONS])


class Matches(serializers.Serializer[Any]):
    results = MatchShape(many=True)


class MergesView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    serializer_class = MergeShape
    queryset = CustomerMerge.objects.none()
    columns = MERGE_COLUMNS
    errors: ClassVar = {"post": (409,)}
    parameters: ClassVar = [OF_CUSTOMER]

    @extend_schema(
        operation_id="customer_merges_list",
        summary="Merges of customers, the newest first",
        responses=MergeShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="customer_merges_create",
        summary="Merge two customers",
        description="Everything of the loser becomes the winner's; its address answers 301 to the winner. The strictest"
        " consent holds, the stage is worked out anew, and nothing of it starts a campaign. 409 when one of them was"
        " merged before.",
        request=NewMerge,
        responses={201: MergeShape},
        examples=[
            OpenApiExample(
                "merge", {"winner": 7, "loser": 12, "choices": {"phone": "loser"}}, request_only=True
            )
        ],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        body = NewMerge(data=request.data)
        body.is_valid(raise_exception=True)
        winner, loser = (_seen(request, body.validated_data, name) for name in ("winner", "loser"))
        try:
            done = merge(loser, winner, by=caller(request), choices=body.validated_data.get("choices"))
        except CannotMerge as refusal:
            raise Conflict(str(refusal)) from refusal
        except Invalid as refusal:
            raise ValidationError(refusal.message_dict) from refusal
        response = Response(_told(request, done.pk), status=201)
        response["Location"] = reverse("api-customer-merge", args=[done.pk])
        return response

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        pk, merges = self.whole_number("customer"), CustomerMerge.objects.visible_to(caller(request))
        return merges if pk is None else merges.filter(Q(winner=pk) | Q(loser=pk))

    @cached_property
    def hidden(self) -> set[str]:
        return hidden_from(caller(self.request))

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return _shown(super().told(row), self.hidden)


class MergeView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Customers"

    @extend_schema(operation_id="customer_merges_read", summary="One merge", responses=MergeShape)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_told(request, pk))


class UndoingView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="customer_merges_undo",
        summary="Make two customers of one again",
        description="Each gets back what it had; facts that came since stay with the winner, except new versions of the"
        " loser's and what comes from a system that knows only the loser. 409 when it was undone before.",
        request=None,
        responses=MergeShape,
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        done = get_object_or_404(CustomerMerge.objects.visible_to(caller(request)), pk=pk)
        try:
            unmerge(done, by=caller(request))
        except CannotMerge as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(_told(request, pk))


class DuplicatesView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    serializer_class = TwinsShape
    queryset = Twins.objects.none()
    columns = TWINS_COLUMNS
    orderings: ClassVar = {"id": "id", "score": "score"}
    default_ordering = "-score"
    parameters: ClassVar = [OF_CUSTOMER]

    @extend_schema(
        operation_id="duplicates_list",
        summary="Customers who may be one, the surest first",
        responses=TwinsShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="duplicates_search",
        summary="Look for duplicates among all customers",
        description="Runs in the background; one search at a time.",
        request=None,
        responses={202: OpenApiTypes.OBJECT},
        examples=[OpenApiExample("job", {"job": 31}, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        return Response({"job": finding.search(by=caller(request)).pk}, status=202)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        pk, found = self.whole_number("customer"), Twins.objects.open().visible_to(caller(request))
        return found if pk is None else found.filter(Q(one=pk) | Q(other=pk))


class DismissalView(AnswersOnce, ApiView):
    capability = Capability.EDIT_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"

    @extend_schema(
        operation_id="duplicates_dismiss",
        summary="Say that two customers are not the same",
        description="They are not found again. Asked again it changes nothing.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        twins = get_object_or_404(Twins.objects.visible_to(caller(request)).select_related("one"), pk=pk)
        finding.dismiss(twins, by=caller(request))
        return Response(status=204)


class MatchesView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Customers"
    parameters: ClassVar = [
        OpenApiParameter(name, OpenApiTypes.STR, description=f"The person's {told}, as far as it is known.")
        for name, told in PERSON.items()
    ]

    @extend_schema(
        operation_id="customers_matches",
        summary="Who a person may be already",
        description="Ask before making a customer: by e-mail, phone, name and company, and name, the surest first.",
        responses=Matches,
    )
    def get(self, request: Request) -> Response:
        person = {name: request.query_params.get(name, "") for name in PERSON}
        found = matches(person, seen_by=caller(request))
        told = [{"customer": each.customer.pk, "name": str(each.customer), "by": each.by} for each in found]
        return Response({"results": told})


def _seen(request: Request, given: dict[str, Any], name: str) -> Customer:
    seen = Customer.objects.visible_to(caller(request)).filter(pk=given[name]).first()
    if seen is None:
        raise ValidationError({name: [_("There is no such customer.")]})
    return seen


def _told(request: Request, pk: int) -> dict[str, Any]:
    merges = CustomerMerge.objects.visible_to(caller(request)).filter(pk=pk)
    one = get_object_or_404(merges.values(*MERGE_COLUMNS.values()))
    return _shown(named(one, MERGE_COLUMNS), hidden_from(caller(request)))


def _shown(one: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """Without the own fields that the caller's role is not shown."""
    kept = {name: both for name, both in one["profile"].items() if name.removeprefix("fields.") not in hidden}
    return one | {"profile": kept}


urlpatterns = [
    path("customer-merges/", MergesView.as_view(), name="api-customer-merges"),
    path("customer-merges/<int:pk>/", MergeView.as_view(), name="api-customer-merge"),
    path("customer-merges/<int:pk>/undoing/", UndoingView.as_view(), name="api-customer-merge-undoing"),
    path("customer-matches/", MatchesView.as_view(), name="api-customer-matches"),
    path("duplicates/", DuplicatesView.as_view(), name="api-duplicates"),
    path("duplicates/<int:pk>/dismissal/", DismissalView.as_view(), name="api-duplicates-dismissal"),
]
