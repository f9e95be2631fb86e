"""API: who matches conditions, before they are saved anywhere."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.conditions import InvalidCondition, Node
from clm.base.rest.serializers import StrictSerializer
from clm.base.rest.views import ApiView
from customers.api.condition_shapes import CONDITIONS, TreeField
from customers.api.segments import EXAMPLE
from customers.previewing import Preview, preview
from customers.segments.nesting import vet_for


class ConditionsToPreview(StrictSerializer):
    conditions = TreeField(help_text=CONDITIONS)


class ExampleShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    name = serializers.CharField()
    have = serializers.ListField(
        child=serializers.CharField(),
        help_text="What speaks for it, a text for each test that found something.",
    )


class PreviewShape(serializers.Serializer[Any]):
    sentence = serializers.CharField(help_text="The conditions in the caller's language.")
    count = serializers.IntegerField(
        allow_null=True,
        help_text="Of the customers whom the caller sees; null where counting takes too long.",
    )
    is_capped = serializers.BooleanField(help_text="There are more than `count`.")
    examples = ExampleShape(
        many=True, help_text="Up to five of them, the newest first; fewer where that takes too long."
    )


class ConditionsPreviewView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.VIEW_CUSTOMERS
    reads_by_post = True
    tag = "Segments"

    @extend_schema(
        operation_id="conditions_preview",
        summary="How many customers match conditions now, and five of them with why",
        description="Changes nothing: a key that only reads may ask. 400 names the part that can't be asked.",
        request=ConditionsToPreview,
        responses=PreviewShape,
        examples=[OpenApiExample("who", {"conditions": EXAMPLE["conditions"]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        body = ConditionsToPreview(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            tree = vet_for(body.validated_data["conditions"], caller(request))
            found = preview(tree, caller(request))
        except InvalidCondition as error:
            raise ValidationError({"conditions": [str(error)]}) from error
        return Response(_told(tree, found))


def _told(tree: Node, found: Preview) -> dict[str, Any]:
    return {
        "sentence": tree.sentence(),
        "count": found.count.number if found.count else None,
        "is_capped": bool(found.count and found.count.is_capped),
        "examples": [
            {
                "customer": one.customer.pk,
                "name": str(one.customer),
                "have": [leaf.evidence.have for leaf in one.leaves if leaf.evidence],
            }
            for one in found.examples
        ],
    }


urlpatterns = [path("conditions/preview/", ConditionsPreviewView.as_view(), name="api-conditions-preview")]
