"""What facts look like on their way in and out; for the schema. Rows are plain values, items are read by the intake."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, inline_serializer
from rest_framework import serializers

from clm.base.rest.serializers import AmountField, InstantField
from customers.models.consent import LONGEST_PROOF, Purpose
from customers.models.order import OrderStatus

BATCH_TEXT = """Each item is taken or refused for itself; the answer is 200 and says which. An item is named by the
`source` of the request and its own `key`: sent again unchanged it changes nothing, sent again otherwise it amends.
Customers are found by external id (of this source), e-mail or phone, and made when missing."""
BATCH_ANSWER = OpenApiExample(
    "one added, one refused",
    {
        "added": 1,
        "amended": 0,
        "unchanged": 0,
        "refused": 1,
        "results": [
            {"index": 0, "status": "added", "id": 7, "error": None},
            {
                "index": 1,
                "status": "refused",
                "id": None,
                "error": {"code": "invalid", "detail": "The date lies in the future.", "attr": "occurred_at"},
            },
        ],
    },
    response_only=True,
    status_codes=["200"],
)


class FactShape(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="This version.")
    root = serializers.IntegerField(help_text="The first version; one for all.")  # type: ignore[assignment]
    key = serializers.CharField(help_text="The fact's name in its source.")
    customer = serializers.IntegerField()
    occurred_at = InstantField(help_text="When it happened.")
    recorded_at = InstantField(help_text="When we learned it.")
    superseded_at = InstantField(
        allow_null=True, help_text="When a correction replaced it; null while it holds."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has a `source` of its own, so this field can't be an attribute.
        return {"source": serializers.CharField(help_text="The system it came from."), **super().get_fields()}


class OrderShape(FactShape):
    currency = serializers.CharField()
    gross = AmountField()
    discount = AmountField()
    tax = AmountField()
    shipping = AmountField()
    net = AmountField()
    net_reporting = AmountField(
        allow_null=True, help_text="In the reporting currency; null without an exchange rate."
    )
    status = serializers.ChoiceField(OrderStatus.choices)
    is_test = serializers.BooleanField()
    channel = serializers.CharField(allow_null=True, help_text="The channel's slug.")


class OrderLineShape(FactShape):
    order = serializers.IntegerField(help_text="The order's root.")
    product = serializers.CharField(help_text="The product's SKU.")
    quantity = serializers.DecimalField(
        max_digits=13, decimal_places=3, help_text="0 when the line was taken back."
    )
    amount = AmountField(help_text="Of the whole line, in the order's currency.")


class RefundShape(FactShape):
    order = serializers.IntegerField(help_text="The order's root.")
    amount = AmountField()
    currency = serializers.CharField()
    reporting = AmountField(
        allow_null=True, help_text="In the reporting currency; null without an exchange rate."
    )
    reason = serializers.CharField()


class EventShape(FactShape):
    name = serializers.CharField()
    properties = serializers.DictField()


class TouchShape(FactShape):
    channel = serializers.CharField(help_text="The channel's slug.")
    campaign = serializers.CharField()
    detail = serializers.DictField()


class ConsentRow(FactShape):
    purpose = serializers.ChoiceField(Purpose.choices)
    is_given = serializers.BooleanField(help_text="False: withdrawn. The last entry of a purpose holds.")
    text_version = serializers.CharField()
    proof = serializers.JSONField(help_text="How we know.")


def _columns(*names: str, **renamed: str) -> dict[str, str]:
    return {name: name for name in names} | renamed


ORDER_COLUMNS = _columns(
    "currency",
    "gross",
    "discount",
    "tax",
    "shipping",
    "net",
    "net_reporting",
    "status",
    "is_test",
    channel="channel__slug",
)
ORDER_LINE_COLUMNS = _columns("quantity", "amount", order="order_id", product="product__sku")
REFUND_COLUMNS = _columns("amount", "currency", "reporting", "reason", order="order_id")
EVENT_COLUMNS = _columns("name", "properties")
CONSENT_COLUMNS = _columns("purpose", "is_given", "text_version", "proof")
TOUCH_COLUMNS = _columns("campaign", "detail", channel="channel__slug")


class ItemShape(serializers.Serializer[Any]):
    key = serializers.CharField(required=False, max_length=200, help_text="Its name in the source.")
    occurred_at = InstantField(help_text="With a time zone; not in the future.")


class WhoShape(ItemShape):
    customer = serializers.CharField(required=False, max_length=200, help_text="External id, of this source.")
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False, help_text="With its country code.")


class OrderItem(WhoShape):
    key = serializers.CharField(max_length=200, help_text="The order's id in the source.")
    amount = AmountField(help_text="All included, before anything is taken off.")
    discount = AmountField(required=False)
    tax = AmountField(required=False)
    shipping = AmountField(required=False)
    currency = serializers.CharField(help_text="ISO 4217.")
    status = serializers.ChoiceField(OrderStatus.choices, required=False)
    is_test = serializers.BooleanField(required=False)
    channel = serializers.CharField(required=False)


class OrderLineItem(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=150, help_text="The line's number within its order.")
    order = serializers.CharField(max_length=200, help_text="The order's key in the same source.")
    sku = serializers.CharField(max_length=100, help_text="The product; made when it is not known.")
    name = serializers.CharField(required=False, max_length=200, help_text="Of a product that is not known.")
    category = serializers.CharField(required=False, max_length=100)
    quantity = serializers.DecimalField(
        required=False,
        max_digits=13,
        decimal_places=3,
        help_text="1 when it is not given; 0 takes the line back.",
    )
    price = AmountField(required=False, help_text="For one; instead of the amount.")
    amount = AmountField(required=False, help_text="Of the whole line, in the order's currency.")


class RefundItem(ItemShape):
    key = serializers.CharField(max_length=200, help_text="The refund's id in the source.")
    order = serializers.CharField(max_length=200, help_text="The order's key in the same source.")
    amount = AmountField()
    currency = serializers.CharField(required=False, help_text="That of the order.")
    reason = serializers.CharField(required=False, max_length=200)


class EventItem(WhoShape):
    name = serializers.CharField(max_length=100, help_text="Dotted, lower case: cart.abandoned.")
    properties = serializers.DictField(required=False, help_text="Up to 50 plain values.")


class TouchItem(WhoShape):
    channel = serializers.CharField(max_length=100)
    campaign = serializers.CharField(required=False, max_length=200)
    detail = serializers.DictField(required=False, help_text="Up to 50 plain values.")


class ConsentItem(WhoShape):
    purpose = serializers.ChoiceField(Purpose.choices)
    is_given = serializers.BooleanField(help_text="False: withdrawn.")
    text_version = serializers.CharField(required=False, max_length=100)
    proof = serializers.CharField(required=False, max_length=LONGEST_PROOF, help_text="How you know.")


def batch_of(item: type[serializers.Serializer[Any]]) -> Any:
    fields: dict[str, Any] = {
        "source": serializers.CharField(max_length=64, help_text="The system these come from."),
        "items": item(many=True, help_text="1 to 1,000."),
    }
    return inline_serializer(f"{item.__name__}Batch", fields)
