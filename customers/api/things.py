"""API: products listed; companies, products and leads taken in by the thousand, each named by its id in the source."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.permissions import Capability
from clm.base.rest.views import ListView
from customers.api.batches import BatchResult, BatchView
from customers.api.shapes import BATCH_ANSWER, batch_of
from customers.models import LeadStatus, Product

TEXT = """Each item is taken or refused for itself; the answer is 200 and says which. Values that are left out stay as
they are. """


class ProductShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField(help_text="Empty without one.")


class ProductItem(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=100, help_text="Names the product, whatever the source.")
    name = serializers.CharField(max_length=200, required=False, help_text="The SKU when a new one has none.")
    category = serializers.CharField(max_length=100, required=False)


class CompanyItem(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=200, required=False, help_text="The company's id in the source.")
    name = serializers.CharField(max_length=200, required=False, help_text="A new company needs one.")
    domain = serializers.CharField(required=False, help_text="As example.com; addresses are cut to it.")
    country = serializers.CharField(required=False, help_text="Two letters, or the English name.")
    owner = serializers.CharField(required=False, help_text="A user's e-mail address.")
    team = serializers.CharField(max_length=100, required=False, help_text="A team's name.")


class LeadItem(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=200, help_text="The lead's id in the source.")
    customer = serializers.CharField(
        max_length=200, required=False, help_text="The customer's id in the source."
    )
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    person = serializers.CharField(max_length=200, required=False, help_text="Names a customer who is new.")
    title = serializers.CharField(max_length=200, required=False)
    status = serializers.ChoiceField(LeadStatus.choices, required=False)
    owner = serializers.CharField(required=False, help_text="A user's e-mail address.")
    channel = serializers.CharField(max_length=100, required=False)
    value = serializers.CharField(required=False, help_text="An amount, as text or number.")
    currency = serializers.CharField(max_length=3, required=False)
    next_action = serializers.CharField(max_length=200, required=False)
    next_action_on = serializers.DateField(required=False)
    expected_close_on = serializers.DateField(required=False)
    lost_reason = serializers.CharField(max_length=500, required=False, help_text="A lost lead needs one.")
    opened_at = serializers.DateTimeField(required=False)
    closed_at = serializers.DateTimeField(required=False, help_text="Since when it has its status.")


class ProductsView(ListView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Products"
    queryset = Product.objects.none()
    serializer_class = ProductShape
    columns: ClassVar = {name: name for name in ("id", "sku", "name", "category")}
    orderings: ClassVar = {"id": "id", "sku": "sku", "name": "name"}
    default_ordering = "sku"
    parameters: ClassVar = [
        OpenApiParameter("sku", OpenApiTypes.STR, description="Only this one."),
        OpenApiParameter("category", OpenApiTypes.STR, description="Only of this category."),
    ]

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        asked = {
            name: request.query_params[name] for name in ("sku", "category") if name in request.query_params
        }
        return Product.objects.filter(**asked)

    @extend_schema(operation_id="products_list", summary="Products by SKU", responses=ProductShape(many=True))
    def get(self, request: Request) -> Response:
        return self.answer()


def batch_view(
    name: str, item: type[serializers.Serializer[Any]], found_by: str, example: dict[str, Any]
) -> type[BatchView]:
    class Batch(BatchView):
        kind = name
        tag = name.capitalize()

        @extend_schema(
            operation_id=f"{name}_batch",
            summary=f"Add or amend up to 1,000 {name}",
            description=TEXT + found_by,
            request=batch_of(item),
            responses=BatchResult,
            examples=[
                OpenApiExample("one", {"source": "crm", "items": [example]}, request_only=True),
                BATCH_ANSWER,
            ],
        )
        def post(self, request: Request) -> Response:
            return self.take(request)

    return Batch


BATCHES = {
    "companies": (
        CompanyItem,
        "A company is found by its `key`, else by its domain, else by its name, and made when missing.",
        {"key": "A-17", "name": "Analytical Engines", "domain": "engines.example"},
    ),
    "products": (
        ProductItem,
        "A product is found by its SKU, and made when missing.",
        {"sku": "T-100", "name": "Teapot", "category": "Kitchen"},
    ),
    "leads": (
        LeadItem,
        "A lead is found by its `key`, and opened when missing, on the customer that the item names.",
        {
            "key": "D-9",
            "email": "ada@example.com",
            "title": "Forty licences",
            "value": "4000",
            "currency": "EUR",
        },
    ),
}

urlpatterns = [
    path("products/", ProductsView.as_view(), name="api-products"),
    *(
        path(f"{name}/batch/", batch_view(name, *about).as_view(), name=f"api-{name}-batch")
        for name, about in BATCHES.items()
    ),
]
