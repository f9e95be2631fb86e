"""API: customers, listed, read, made, changed and upserted, by the same verbs as the pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller, changed_since
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.instants import CHANGED_SINCE
from clm.base.rest.views import ApiView, ListView, named, required_version
from customers import profiles
from customers.api import customer_shapes as shapes
from customers.api.batches import BatchResult, BatchView
from customers.api.shapes import BATCH_ANSWER, BATCH_TEXT, batch_of
from customers.custom_fields.known import hidden_from, in_use
from customers.custom_fields.known import named as own_field
from customers.custom_fields.values import column_of, is_ordered, order_with_all
from customers.filters import CustomerFilters
from customers.models import Customer
from customers.models.identity import IdentityKind
from customers.naming import has_email, known_as

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLE = {"name": "Ada Lovelace", "email": "ada@example.com", "country": "GB", "fields": {"tier": "gold"}}


def version_of(changed_at: datetime) -> str:
    """What an ETag says: the microsecond of the last change."""
    return str((changed_at - EPOCH) // timedelta(microseconds=1))


def changed_at_of(version: str) -> datetime | None:
    """The other way; None when it is no version of ours."""
    if not (version.isascii() and version.isdigit()) or len(version) > 17:
        return None
    return EPOCH + timedelta(microseconds=int(version))


def told(request: Request, pk: int, *, written: bool = False) -> dict[str, Any]:
    """One customer as the caller may see it; 404 otherwise.

    `written`: by this very request, which may have given the customer to somebody else.
    """
    seen = Customer.objects.all() if written else Customer.objects.visible_to(caller(request))
    customers = seen.filter(pk=pk)
    one = named(get_object_or_404(customers.values(*shapes.COLUMNS.values())), shapes.COLUMNS)
    return without(one, hidden_from(caller(request)))


def without(one: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """The customer as told, but for own fields that are hidden."""
    if not hidden:
        return one
    return one | {"fields": {key: value for key, value in one["fields"].items() if key not in hidden}}


def answer(request: Request, pk: int, *, status: int = 200, written: bool = False) -> Response:
    one = told(request, pk, written=written)
    response = Response(one, status=status, headers={"ETag": f'"{version_of(one["changed_at"])}"'})
    if status == 201:
        response["Location"] = reverse("api-customer", args=[pk])
    return response


class CustomersView(AnswersOnce, ListView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    serializer_class = shapes.CustomerShape
    queryset = Customer.objects.none()
    columns = shapes.COLUMNS
    orderings: ClassVar = {
        "id": "id",
        "name": "name",
        "first_seen_at": "first_seen_at",
        "changed_at": "changed_at",
    }
    errors: ClassVar = {"post": (409,)}
    filterset_class = CustomerFilters
    parameters: ClassVar = [
        OpenApiParameter(
            "email", OpenApiTypes.STR, description="With exactly this address, be it one of several."
        ),
        OpenApiParameter(
            "external_id", OpenApiTypes.STR, description="With exactly this external id, of whatever system."
        ),
        CHANGED_SINCE,
    ]

    @extend_schema(
        operation_id="customers_list",
        summary="Customers, the newest first",
        responses=shapes.CustomerShape(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="customers_create",
        summary="Make a customer",
        request=shapes.NewCustomer,
        responses={201: shapes.CustomerShape},
        examples=[
            OpenApiExample("new", {**EXAMPLE, "source": "shop", "external_id": "C-1001"}, request_only=True)
        ],
    )
    @transaction.atomic  # reading makes companies: a refusal must take them back
    def post(self, request: Request) -> Response:
        values = shapes.read(shapes.NewCustomer, request)
        named_by = {"source": values.pop("source", ""), "external_id": values.pop("external_id", "")}
        if bool(named_by["source"]) != bool(named_by["external_id"]):
            raise ValidationError({"source": [_("Give source and external_id together.")]})
        if (
            not any(values.get(name) for name in ("name", "first_name", "last_name", "email", "phone"))
            and not named_by["source"]
        ):
            raise ValidationError(
                [_("Give at least a name, an e-mail address, a phone number or an external id.")]
            )
        if not named_by["source"]:
            named_by = {}
        values.setdefault("fields", {})  # what is required is asked of whoever makes one here
        with identities_told(request):
            customer = profiles.register(by=caller(request), values=values, **named_by)
        return answer(request, customer.pk, status=201, written=True)

    def told(self, row: Any) -> dict[str, Any]:
        return without(super().told(row), self.hidden)

    @cached_property
    def hidden(self) -> set[str]:
        return hidden_from(caller(self.request))

    def further_orderings(self, user: Any) -> Mapping[str, str]:
        """By own fields, as far as the caller sees them."""
        return {one.name: column_of(one) for one in in_use(user) if is_ordered(one)}

    def in_order(self, rows: QuerySet[Any, Any], ordering: str) -> QuerySet[Any, Any]:
        definition = own_field(ordering.removeprefix("-"))
        if definition is None:
            return rows
        value = order_with_all(definition, down=ordering.startswith("-"))
        ordered: QuerySet[Any, Any] = rows.annotate(**{column_of(definition): value})
        return ordered

    def same_for(self, request: Request) -> str | None:
        return None if caller(request).is_restricted else "all"

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        customers = changed_since(Customer.objects.visible_to(caller(request)).present(), request)
        if (email := self._given("email")) is not None:
            customers = customers.filter(has_email(email))
        if (external_id := self._given("external_id")) is not None:
            customers = customers.filter(known_as(IdentityKind.EXTERNAL, external_id))
        return customers

    def _given(self, name: str) -> str | None:
        """Left blank by mistake it must not answer with everybody."""
        value = self.request.query_params.get(name)
        if value is not None and not value.strip():
            raise ValidationError({name: [_("It is blank. Give a value, or leave it out.")]})
        return value


class identities_told:  # used as a statement, like transaction.atomic
    """Inside, a name that is taken becomes a 409; it names the other customer to those who may see it."""

    def __init__(self, request: Request) -> None:
        self.user = caller(request)

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, profiles.IdentityTaken):
            seen = Customer.objects.visible_to(self.user).filter(pk=error.holder.pk).exists()
            refusal = Conflict(f"{error.field}: {error}", code="identity_taken")
            refusal.extra = {"holder": error.holder.pk if seen else None}
            raise refusal from error


class CustomerView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    errors: ClassVar = {"patch": (409, 412, 428)}

    @extend_schema(
        operation_id="customers_read",
        summary="One customer",
        description="The answer's ETag is the version to send as If-Match with a change. A customer that was merged"
        " into another answers 301 to that one.",
        responses=shapes.CustomerShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        one = answer(request, pk)
        winner = one.data["merged_into"]
        if winner:
            return Response(
                one.data, status=301, headers={"Location": reverse("api-customer", args=[winner])}
            )
        return one

    @extend_schema(
        operation_id="customers_update",
        summary="Change a customer",
        description="Only the fields that are given change; `fields` is replaced as a whole.",
        request=shapes.CustomerChanges,
        responses=shapes.CustomerShape,
        examples=[OpenApiExample("change", {"name": "Ada King", "owner": 7}, request_only=True)],
    )
    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        customer = get_object_or_404(Customer.objects.visible_to(caller(request)).present(), pk=pk)
        version = required_version(request)
        expected = None if version == "*" else changed_at_of(version)
        if version != "*" and expected is None:
            raise Stale(told(request, pk))
        values = shapes.read(shapes.CustomerChanges, request)
        try:
            with identities_told(request):
                profiles.change(customer, by=caller(request), values=values, expected=expected)
        except profiles.StaleProfile as error:
            raise Stale(told(request, pk)) from error
        return answer(request, pk, written=True)


class ByExternalIdView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    write_capability = Capability.EDIT_CUSTOMERS
    tag = "Customers"
    errors: ClassVar = {"put": (409,)}

    @extend_schema(
        operation_id="customers_by_external_id",
        summary="A customer by external id",
        responses=shapes.CustomerShape,
    )
    def get(self, request: Request, source: str, external_id: str) -> Response:
        found = profiles.find(source=source, external_id=external_id)
        return answer(request, found.pk if found else 0)

    @extend_schema(
        operation_id="customers_upsert",
        summary="Make or change a customer by external id",
        description="200 when it was there, 201 when it was made. Only the fields that are given change.",
        request=shapes.CustomerChanges,
        responses={200: shapes.CustomerShape, 201: shapes.CustomerShape},
        examples=[OpenApiExample("upsert", EXAMPLE, request_only=True)],
    )
    @transaction.atomic
    def put(self, request: Request, source: str, external_id: str) -> Response:
        if len(source) > 64 or len(external_id) > 200:
            raise ValidationError([_("A source has at most 64 characters, an external id 200.")])
        values = shapes.read(shapes.CustomerChanges, request)
        user = caller(request)
        with identities_told(request):
            found = profiles.find(source=source, external_id=external_id)
            if found and not Customer.objects.visible_to(user).filter(pk=found.pk).exists():
                raise profiles.IdentityTaken("external_id", found)
            customer, is_new = profiles.upsert(source=source, external_id=external_id, by=user, values=values)
        return answer(request, customer.pk, status=201 if is_new else 200, written=True)


class CustomersBatchView(BatchView):
    kind = "customers"
    tag = "Customers"

    @extend_schema(
        operation_id="customers_batch",
        summary="Add or amend up to 1,000 customers",
        description=BATCH_TEXT,
        request=batch_of(shapes.CustomerItem),
        responses=BatchResult,
        examples=[
            OpenApiExample(
                "one", {"source": "shop", "items": [{"customer": "C-1001", **EXAMPLE}]}, request_only=True
            ),
            BATCH_ANSWER,
        ],
    )
    def post(self, request: Request) -> Response:
        return self.take(request)
