"""API: what a person allowed, their data, and to be forgotten."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField
from clm.base.rest.views import ApiView
from customers.models import Consent, Customer
from customers.models.consent import LONGEST_PROOF, Purpose
from customers.privacy import consents, erasing, exporting

MOST = 1000


class ConsentShape(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    purpose = serializers.ChoiceField(Purpose.choices)
    is_given = serializers.BooleanField()
    text_version = serializers.CharField()
    proof = serializers.JSONField(help_text="How we know.")
    occurred_at = InstantField()


class Said(StrictSerializer):
    purpose = serializers.ChoiceField(Purpose.choices)
    is_given = serializers.BooleanField()
    text_version = TextField(max_length=100, required=False, allow_blank=True)
    proof = TextField(
        max_length=LONGEST_PROOF,
        required=False,
        allow_blank=True,
        help_text="How we know; needed when it is given.",
    )
    at = serializers.DateTimeField(required=False, help_text="When it was said; now unless given.")


class Ledger(serializers.Serializer[Any]):
    results = ConsentShape(many=True)


class JobShape(serializers.Serializer[Any]):
    job = serializers.IntegerField(allow_null=True)


class ConsentsView(AnswersOnce, ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"

    @extend_schema(
        operation_id="customer_consents",
        summary="What a customer allowed and withdrew, the newest first",
        description="The first entry of a purpose is the one that holds.",
        responses=Ledger,
    )
    def get(self, request: Request, pk: int) -> Response:
        ledger = Consent.objects.live().filter(customer=_seen(request, pk)).order_by("-occurred_at", "-pk")
        return Response({"results": list(ledger.values(*ConsentShape().fields)[:MOST])})

    @extend_schema(
        operation_id="customer_consents_record",
        summary="Write down what a customer said",
        request=Said,
        responses={201: ConsentShape},
        examples=[
            OpenApiExample(
                "given",
                {
                    "purpose": "marketing",
                    "is_given": True,
                    "proof": "Signed at the fair",
                    "text_version": "2026-03",
                },
                request_only=True,
            )
        ],
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        customer, body = _seen(request, pk), Said(data=request.data)
        body.is_valid(raise_exception=True)
        values = {"proof": "", **body.validated_data}
        try:
            said = consents.say(customer, by=caller(request), **values)
        except Invalid as refusal:
            raise ValidationError(refusal.message_dict) from refusal
        told = {str(name): getattr(said, str(name)) for name in ConsentShape().fields}
        return Response(told | {"customer": said.customer_id}, status=201)


class DataView(AnswersOnce, ApiView):
    capability = Capability.EXPORT
    write_capability = Capability.EXPORT
    tag = "Customers"

    @extend_schema(
        operation_id="customer_data_file",
        summary="The data of one person",
        description="The zip that was put together last, for a day; 404 until its job is done, and from then on.",
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "A zip.")},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        customer = _seen(request, pk)
        made = exporting.latest(customer)
        content = exporting.fetch(made, by=caller(request)) if made else None
        if content is None:
            raise NotFound(_("There is no file of this person now. Have one put together."))
        headers = {"Content-Disposition": f'attachment; filename="customer-{customer.pk}.zip"'}
        headers["Cache-Control"] = "no-store"
        return HttpResponse(content, content_type="application/zip", headers=headers)

    @extend_schema(
        operation_id="customer_data",
        summary="Have the data of one person put together",
        description="A zip with each table as JSON and CSV, for a day: here by GET once the job is done, and on the"
        " customer's privacy page.",
        request=None,
        responses={202: JobShape},
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        made = exporting.ask(_seen(request, pk), by=caller(request))
        return Response({"job": made.job_id}, status=202)


class ErasureView(AnswersOnce, ApiView):
    capability = Capability.ADMINISTER
    write_capability = Capability.ADMINISTER
    tag = "Customers"
    errors: ClassVar = {"post": (409,)}

    @extend_schema(
        operation_id="customer_erasure",
        summary="Forget a person",
        description="Can't be undone. Names, addresses, texts and files go, numbers stay. Runs in the background; 409"
        " when the customer was erased before.",
        request=None,
        responses={202: JobShape},
    )
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        try:
            job = erasing.ask(_seen(request, pk), by=caller(request))
        except erasing.AlreadyErased as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response({"job": job.pk}, status=202)


def _seen(request: Request, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(caller(request)).present(), pk=pk)


urlpatterns = [
    path("customers/<int:pk>/consents/", ConsentsView.as_view(), name="api-customer-consents"),
    path("customers/<int:pk>/data/", DataView.as_view(), name="api-customer-data"),
    path("customers/<int:pk>/erasure/", ErasureView.as_view(), name="api-customer-erasure"),
]
