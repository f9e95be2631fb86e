"""Lines of orders: which products an order was for. A line belongs to its order: that one's customer and moment.

A quantity of 0 takes a line back: a version of nothing, which is neither shown nor counts as bought.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base import clock
from customers.intake import lookups, statements
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.facts import write_facts
from customers.intake.kinds import Field, Kind, Row
from customers.intake.people import Moved, lock_customers
from customers.models import OrderLine

MOST = Decimal(10) ** 12


def write_order_lines(batch: Batch) -> None:
    orders = _find_orders(batch)
    batch.refuse(_without_amount(batch.rows))
    lookups.put_products(batch)
    lock_customers(batch, {row.customer_id for row in batch.rows})
    _hold(batch, orders)
    batch.at = clock.now()
    write_facts(batch, OrderLine, ("order_id", "product_id", "quantity", "amount"))


def _find_orders(batch: Batch) -> list[int]:
    """Whose lines these are, and when; returns the ids of the orders' versions."""
    found = statements.rows(
        "SELECT id, key, root, customer_id, occurred_at FROM customers_order"
        " WHERE source = %s AND key = ANY(%s) AND superseded_at IS NULL",
        [batch.source, sorted({str(row.values["order"]) for row in batch.rows})],
    )
    orders = {order_key: (root, customer, at) for _pk, order_key, root, customer, at in found}
    batch.refuse(
        (
            row,
            "order",
            _("There is no order “%(key)s” of this source. Take in the orders first.")
            % {"key": row.values["order"]},
        )
        for row in batch.rows
        if row.values["order"] not in orders
    )
    for row in batch.rows:
        row.values["order_id"], row.customer_id, row.earliest = orders[str(row.values["order"])]
        # many shops number the lines of each order from 1
        row.key = f"{row.values['order_id']}-{row.values.setdefault('own_key', row.key)}"
    return [row[0] for row in found]


def _hold(batch: Batch, orders: list[int]) -> None:
    """Nobody amends the orders before the lines can be seen to follow them. Raises Moved when somebody just did."""
    if not batch.locks:
        return
    held = statements.rows(
        "SELECT id FROM customers_order WHERE id = ANY(%s) AND superseded_at IS NULL ORDER BY id FOR SHARE",
        [orders],
    )
    if len(held) < len(orders):
        raise Moved


def _without_amount(rows: Iterable[Row]) -> Iterable[tuple[Row, str, str]]:
    """Gives each row the amount of the whole line; yields those that have none."""
    for row in rows:
        values = cast("dict[str, Decimal]", row.values)
        quantity = values.setdefault("quantity", Decimal(1))
        if not quantity:
            values["amount"] = Decimal(0)
        if "amount" not in values and "price" not in values:
            yield row, "amount", _("Give the amount of the line, or the price for one.")
            continue
        amount = values.setdefault("amount", round(quantity * values.get("price", Decimal(0)), 4))
        if amount >= MOST:
            yield row, "price", _("The number is too large.")


ORDER_LINES = Kind(
    "order_lines",
    gettext_lazy("Order lines"),
    (
        Field(
            "order",
            gettext_lazy("Order id"),
            read.text(200),
            required=True,
            aliases=("order_id", "order", "order_number", "orderid", "ordrenr", "invoice"),
        ),
        Field(
            "key",
            gettext_lazy("Line id"),
            read.text(150),
            aliases=("line_id", "line", "line_number", "line_item_id", "linjenr"),
        ),
        Field(
            "sku",
            gettext_lazy("Product (SKU)"),
            read.text(100),
            required=True,
            aliases=(
                "sku",
                "product_sku",
                "lineitem_sku",
                "variant_sku",
                "product_id",
                "item_id",
                "product",
                "item",
                "varenummer",
                "artikelnummer",
            ),
        ),
        Field(
            "name",
            gettext_lazy("Product name"),
            read.text(200),
            aliases=("product_name", "lineitem_name", "item_name", "title", "name", "varenavn"),
        ),
        Field(
            "category",
            gettext_lazy("Product category"),
            read.text(100),
            aliases=("category", "product_category", "product_type", "kategori"),
        ),
        Field(
            "quantity",
            gettext_lazy("Quantity"),
            read.positive(3, or_zero=True),
            aliases=("quantity", "qty", "lineitem_quantity", "antal", "anzahl", "aantal", "menge"),
        ),
        Field(
            "price",
            gettext_lazy("Price for one"),
            read.amount,
            aliases=("price", "unit_price", "lineitem_price", "stykpris"),
        ),
        Field(
            "amount",
            gettext_lazy("Amount of the line"),
            read.amount,
            aliases=("amount", "line_total", "line_amount", "total", "subtotal"),
        ),
    ),
    write_order_lines,
    names_customer=False,
    told_by=("order", "sku"),
)
