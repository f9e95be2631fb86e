"""API: the rules that give new leads to reps."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError as InvalidModel
from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.models import Team
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Stale
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField
from clm.base.rest.views import ApiView, ListView, required_version
from customers.api.condition_shapes import TreeField
from customers.api.customers import changed_at_of, version_of
from customers.leads.rule_editing import StaleRule, put_first, remove_rule, save_rule
from customers.models import Channel, LeadAssignmentRule
from customers.models.lead_rule import AssignmentWay

EXAMPLE = {"name": "Nordic fairs", "team": 3, "way": "round_robin", "countries": ["DK", "SE"]}


class LeadRuleShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    team = serializers.IntegerField()
    way = serializers.ChoiceField(AssignmentWay.choices)
    countries = serializers.ListField(child=serializers.CharField(), help_text="Empty: from anywhere.")
    channels = serializers.ListField(child=serializers.CharField(), help_text="Slugs; empty: any source.")
    conditions = TreeField(
        may_be_empty=True, help_text="A tree of conditions over the customer; empty: anybody."
    )
    is_active = serializers.BooleanField()
    changed_at = InstantField(help_text="The ETag is made of it.")
    position = serializers.IntegerField(help_text="The first that fits decides.")


class LeadRuleChanges(StrictSerializer):
    name = TextField(max_length=100, required=False)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)
    way = serializers.ChoiceField(AssignmentWay.choices, required=False)
    countries = serializers.ListField(child=TextField(max_length=2), required=False, max_length=300)
    channels = serializers.ListField(
        child=serializers.SlugRelatedField(queryset=Channel.objects.all(), slug_field="slug"),
        required=False,
        max_length=300,
    )
    conditions = TreeField(
        may_be_empty=True,
        required=False,
        help_text="A tree of conditions over the customer, or {}: for anybody.",
    )
    is_active = serializers.BooleanField(required=False)


class NewLeadRule(LeadRuleChanges):
    name = TextField(max_length=100)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())


def told(rule: LeadAssignmentRule) -> dict[str, Any]:
    plain = {
        name: getattr(rule, name)
        for name in ("id", "name", "way", "countries", "conditions", "is_active", "changed_at", "position")
    }
    whole = plain | {"team": rule.team_id, "channels": [one.slug for one in rule.channels.all()]}
    return LeadRuleShape(whole).data


def answer(rule: LeadAssignmentRule, *, status: int = 200) -> Response:
    response = Response(told(rule), status=status, headers={"ETag": f'"{version_of(rule.changed_at)}"'})
    if status == 201:
        response["Location"] = reverse("api-lead-rule", args=[rule.pk])
    return response


def saved(
    rule: LeadAssignmentRule, values: dict[str, Any], request: Request, expected: datetime | None = None
) -> LeadAssignmentRule:
    try:
        return save_rule(rule, values, by=caller(request), expected=expected)
    except InvalidModel as refusal:
        raise ValidationError(refusal.message_dict) from refusal


class LeadRulesView(AnswersOnce, ListView):
    capability = write_capability = Capability.ADMINISTER
    tag = "Leads"
    serializer_class = LeadRuleShape
    queryset = LeadAssignmentRule.objects.none()
    orderings: ClassVar = {"id": "id", "position": "position"}
    columns: ClassVar = {
        "id": "id",
        "name": "name",
        "team": "team_id",
        "way": "way",
        "countries": "countries",
        "channels": "slugs",
        "conditions": "conditions",
        "is_active": "is_active",
        "changed_at": "changed_at",
        "position": "position",
    }

    @extend_schema(
        operation_id="lead_rules_list",
        summary="Rules that give new leads to reps",
        responses=LeadRuleShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="lead_rules_create",
        summary="Make a rule, the last to decide",
        request=NewLeadRule,
        responses={201: LeadRuleShape},
        examples=[OpenApiExample("rule", EXAMPLE, request_only=True)],
    )
    @transaction.atomic
    def post(self, request: Request) -> Response:
        body = NewLeadRule(data=request.data)
        body.is_valid(raise_exception=True)
        rule = saved(LeadAssignmentRule(), dict(body.validated_data), request)
        rule.refresh_from_db()
        return answer(rule, status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        slugs = ArrayAgg(
            "channels__slug", filter=Q(channels__isnull=False), default=[], order_by="channels__slug"
        )
        return LeadAssignmentRule.objects.order_by("pk").annotate(slugs=slugs)


class LeadRuleView(ApiView):
    capability = write_capability = Capability.ADMINISTER
    tag = "Leads"
    errors: ClassVar = {"patch": (412, 428)}

    @extend_schema(operation_id="lead_rules_read", summary="One rule", responses=LeadRuleShape)
    def get(self, request: Request, pk: int) -> Response:
        return answer(get_object_or_404(LeadAssignmentRule, pk=pk))

    @extend_schema(
        operation_id="lead_rules_update",
        summary="Change a rule",
        description="The ETag that was read is sent as If-Match.",
        request=LeadRuleChanges,
        responses=LeadRuleShape,
        examples=[OpenApiExample("pause", {"is_active": False}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        rule, version = get_object_or_404(LeadAssignmentRule, pk=pk), required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(told(rule))
        body = LeadRuleChanges(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            return answer(saved(rule, dict(body.validated_data), request, expected))
        except StaleRule as stale:
            raise Stale(told(stale.current)) from stale

    @extend_schema(operation_id="lead_rules_delete", summary="Remove a rule", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        remove_rule(get_object_or_404(LeadAssignmentRule, pk=pk), by=caller(request))
        return Response(status=204)


class LeadRuleFirstView(AnswersOnce, ApiView):
    capability = write_capability = Capability.ADMINISTER
    tag = "Leads"

    @extend_schema(
        operation_id="lead_rules_first",
        summary="Have a rule decide before all others",
        request=None,
        responses=LeadRuleShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        put_first(get_object_or_404(LeadAssignmentRule, pk=pk), by=caller(request))
        return answer(get_object_or_404(LeadAssignmentRule, pk=pk))


urlpatterns = [
    path("lead-rules/", LeadRulesView.as_view(), name="api-lead-rules"),
    path("lead-rules/<int:pk>/first/", LeadRuleFirstView.as_view(), name="api-lead-rule-first"),
    path("lead-rules/<int:pk>/", LeadRuleView.as_view(), name="api-lead-rule"),
]
