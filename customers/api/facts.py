"""API: orders with their lines, refunds, events, touches and consents, listed as of any instant and taken in by the thousand."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from clm.accounts.api import caller
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability
from clm.base.facts import KeyedFact
from clm.base.rest.instants import AS_OF, KNOWN_AT, asked, instant_parameter
from clm.base.rest.views import ApiView, ListView, named
from customers.api import shapes
from customers.api.batches import BatchResult, BatchView
from customers.api.whom import of_the_customer
from customers.models import Consent, Customer, Event, Order, OrderLine, Refund, Touch
from customers.models.consent import Purpose
from customers.models.order import OrderStatus

FACT_COLUMNS = {
    "id": "id",
    "root": "root",
    "source": "source",
    "key": "key",
    "customer": "customer_id",
    "occurred_at": "occurred_at",
    "recorded_at": "recorded_at",
    "superseded_at": "superseded_at",
}
CUSTOMER = OpenApiParameter("customer", OpenApiTypes.INT, description="Only of this customer.")
SOURCE = OpenApiParameter("source", OpenApiTypes.STR, description="Only from this source.")
KEY = OpenApiParameter("key", OpenApiTypes.STR, description="Only with this key.")
FROM = OpenApiParameter("from", OpenApiTypes.STR, description="Only what happened at or after this instant.")
TO = OpenApiParameter(
    "to", OpenApiTypes.STR, description="Only what happened before this instant; a date: its end."
)


def only(name: str, kind: OpenApiTypes, about: str, values: Sequence[str] | None = None) -> OpenApiParameter:
    """One that a column of the fact must equal."""
    return OpenApiParameter(name, kind, description=about, enum=values)


class FactList(ListView):
    """Facts of customers that the caller may see, as they stand at `as_of`, as known at `known_at`.

    `narrowing`: further parameters, by the column that must equal them.
    """

    model: ClassVar[type[KeyedFact]]
    narrowing: ClassVar[Mapping[str, OpenApiParameter]] = {}
    capability = Capability.VIEW_CUSTOMERS
    orderings: ClassVar = {"id": "id", "occurred_at": "occurred_at"}
    default_ordering = "-occurred_at"
    parameters: ClassVar = [CUSTOMER, SOURCE, KEY, FROM, TO, AS_OF, KNOWN_AT]

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        zone = Organisation.objects.current().tz
        as_of, known_at = asked(request, zone)
        wanted = {
            "source": request.query_params.get("source"),
            "key": request.query_params.get("key"),
            "occurred_at__gte": instant_parameter(request, "from", zone=zone, start=True),
            "occurred_at__lt": instant_parameter(request, "to", zone=zone),
        }
        wanted |= {column: self._asked(parameter) for column, parameter in self.narrowing.items()}
        facts = self.model._default_manager.known(known_at).before(as_of)  # type: ignore[attr-defined]
        given = {name: value for name, value in wanted.items() if value is not None}
        return seen(facts.filter(of_the_customer(self), **given), request)

    def _asked(self, parameter: OpenApiParameter) -> Any:
        if parameter.type == OpenApiTypes.INT:
            return self.whole_number(parameter.name)
        if parameter.enum:
            return self.choice(parameter.name, [str(one) for one in parameter.enum])
        return self.request.query_params.get(parameter.name)


def seen(facts: QuerySet[Any, Any], request: Request) -> QuerySet[Any, Any]:
    """Of customers that the caller may see."""
    user = caller(request)
    if not user.is_restricted:
        return facts
    return facts.filter(customer__in=Customer.objects.visible_to(user).values("pk"))


class FactOne(ApiView):
    """One version of a fact: live, or superseded for those who kept its id."""

    model: ClassVar[type[KeyedFact]]
    columns: ClassVar[dict[str, str]]
    capability = Capability.VIEW_CUSTOMERS

    def one(self, request: Request, pk: int) -> Response:
        rows = seen(self.model._default_manager.filter(pk=pk), request).values(*self.columns.values())
        return Response(named(get_object_or_404(rows), self.columns))


def endpoints(
    name: str,
    fact: type[KeyedFact],
    *,
    tag: str,
    row: type[shapes.FactShape],
    item: type[Serializer[Any]],
    own: dict[str, str],
    required: tuple[str, ...],
    example: dict[str, Any],
    narrowed: Mapping[str, OpenApiParameter] = FactList.narrowing,
) -> tuple[str, type[FactOne], type[FactList], type[BatchView]]:
    """The three views of one kind of facts."""
    singular = name.removesuffix("s").removesuffix("e") if name.endswith("ches") else name.removesuffix("s")
    spelled, one = name.replace("_", " "), singular.replace("_", " ")
    shown = FACT_COLUMNS | own

    class Many(FactList):
        model = fact
        queryset = fact._default_manager.none()
        serializer_class = row
        columns = shown
        narrowing = narrowed
        parameters: ClassVar = [*FactList.parameters, *narrowed.values()]

        @extend_schema(
            operation_id=f"{name}_list", summary=f"{tag}, the latest first", responses=row(many=True)
        )
        def get(self, request: Request) -> Response:
            return self.answer()

    class One(FactOne):
        model = fact
        columns = shown

        @extend_schema(operation_id=f"{name}_read", summary=f"One {one}", responses=row)
        def get(self, request: Request, pk: int) -> Response:
            return self.one(request, pk)

    class Batch(BatchView):
        kind = name
        needs = required

        @extend_schema(
            operation_id=f"{name}_batch",
            summary=f"Add or amend up to 1,000 {spelled}",
            description=shapes.BATCH_TEXT,
            request=shapes.batch_of(item),
            responses=BatchResult,
            examples=[
                OpenApiExample("one", {"source": "shop", "items": [example]}, request_only=True),
                shapes.BATCH_ANSWER,
            ],
        )
        def post(self, request: Request) -> Response:
            return self.take(request)

    for view in (Many, One, Batch):
        view.tag = tag
    return name, One, Many, Batch


WHO = {"customer": "C-1001", "email": "ada@example.com"}
AT = "2026-06-30T12:00:00+02:00"
CHANNEL = only("channel", OpenApiTypes.STR, "Only of the channel of this slug.")
OF_ORDER = only("order", OpenApiTypes.INT, "Only of the order with this root.")
ENDPOINTS = [
    endpoints(
        "orders",
        Order,
        tag="Orders",
        row=shapes.OrderShape,
        item=shapes.OrderItem,
        own=shapes.ORDER_COLUMNS,
        narrowed={
            "status": only("status", OpenApiTypes.STR, "Only in this status.", OrderStatus.values),
            "channel__slug": CHANNEL,
        },
        required=("key",),
        example={
            **WHO,
            "key": "1001",
            "occurred_at": AT,
            "amount": "129.50",
            "tax": "25.90",
            "currency": "EUR",
        },
    ),
    endpoints(
        "order_lines",
        OrderLine,
        tag="Order lines",
        row=shapes.OrderLineShape,
        item=shapes.OrderLineItem,
        own=shapes.ORDER_LINE_COLUMNS,
        narrowed={
            "order": OF_ORDER,
            "product__sku": only("product", OpenApiTypes.STR, "Only of the product of this SKU."),
        },
        required=("key",),
        example={"order": "1001", "key": "1", "sku": "TEA-100", "quantity": 2, "amount": "9.00"},
    ),
    endpoints(
        "refunds",
        Refund,
        tag="Refunds",
        row=shapes.RefundShape,
        item=shapes.RefundItem,
        own=shapes.REFUND_COLUMNS,
        narrowed={"order": OF_ORDER},
        required=("key",),
        example={"order": "1001", "key": "R-1", "occurred_at": AT, "amount": "29.50", "reason": "Damaged"},
    ),
    endpoints(
        "events",
        Event,
        tag="Events",
        row=shapes.EventShape,
        item=shapes.EventItem,
        own=shapes.EVENT_COLUMNS,
        narrowed={
            "name": only("name", OpenApiTypes.STR, "Only events of this name, such as cart.abandoned.")
        },
        required=(),
        example={**WHO, "name": "cart.abandoned", "occurred_at": AT, "properties": {"value": 129.5}},
    ),
    endpoints(
        "touches",
        Touch,
        tag="Touches",
        row=shapes.TouchShape,
        item=shapes.TouchItem,
        own=shapes.TOUCH_COLUMNS,
        narrowed={
            "channel__slug": CHANNEL,
            "campaign": only("campaign", OpenApiTypes.STR, "Only of this campaign."),
        },
        required=(),
        example={**WHO, "channel": "paid-search", "campaign": "autumn", "occurred_at": AT},
    ),
    endpoints(
        "consents",
        Consent,
        tag="Consents",
        row=shapes.ConsentRow,
        item=shapes.ConsentItem,
        own=shapes.CONSENT_COLUMNS,
        narrowed={"purpose": only("purpose", OpenApiTypes.STR, "Only for this purpose.", Purpose.values)},
        required=(),
        example={
            **WHO,
            "key": "opt-in-17",
            "occurred_at": AT,
            "purpose": "marketing",
            "is_given": True,
            "text_version": "2026-03",
            "proof": "Newsletter form of the shop, confirmed by mail",
        },
    ),
]
