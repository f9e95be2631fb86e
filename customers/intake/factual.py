"""The kinds of facts about customers: orders, refunds, events, touches, consents."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.base import clock
from clm.base.facts import KeyedFact
from customers.intake import late_rates, lookups, statements
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.facts import STAGING, write_facts
from customers.intake.kinds import Field, Kind, Row
from customers.intake.moved_orders import take_lines_along
from customers.intake.people import People, lock_customers
from customers.intake.statements import fragment
from customers.models import Consent, Event, Order, Refund, Touch
from customers.models.consent import LONGEST_PROOF, Purpose
from customers.models.order import OrderStatus

_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")

CUSTOMER = Field(
    "customer",
    gettext_lazy("Customer id"),
    read.text(200),
    aliases=(
        "customer_id",
        "customer",
        "customerid",
        "cust_id",
        "client_id",
        "external_id",
        "user_id",
        "kundenr",
        "kunde_id",
        "kundenummer",
        "kundennummer",
        "kundnummer",
        "klantnummer",
    ),
)
EMAIL = Field(
    "email",
    gettext_lazy("E-mail"),
    read.email,
    aliases=("email", "e_mail", "mail", "email_address", "customer_email"),
)
PHONES = (
    "mobil",
    "mobilnummer",
    "mobiltelefon",
    "telefonnummer",
    "telefoon",
    "telefoonnummer",
    "mobiel",
    "handy",
)
PHONE = Field(
    "phone",
    gettext_lazy("Phone"),
    read.phone,
    aliases=("phone", "telephone", "mobile", "phone_number", "telefon", *PHONES),
)
WHO = (CUSTOMER, EMAIL, PHONE)


def key(label: object, *aliases: str) -> Field:
    return Field("key", cast(str, label), read.text(200), aliases=aliases)


def occurred_at(*aliases: str) -> Field:
    label = gettext_lazy("Date and time")
    common = ("occurred_at", "date", "time", "timestamp", "datetime", "created_at", "dato", "datum")
    return Field("occurred_at", label, read.instant, required=True, aliases=(*common, *aliases))


CURRENCY = Field(
    "currency",
    gettext_lazy("Currency"),
    read.currency,
    required=True,
    aliases=("currency", "currency_code", "valuta"),
    default=lambda reading: reading.currency or None,
)
COUNTRY = Field("country", gettext_lazy("Country"), read.country, aliases=("country", "country_code", "land"))
OWNER = Field(
    "owner", gettext_lazy("Owner's e-mail"), read.email, aliases=("owner", "owner_email", "sales_rep")
)
TEAM = Field("team", gettext_lazy("Team"), read.text(100), aliases=("team",))
CHANNEL = Field(
    "channel",
    gettext_lazy("Channel"),
    read.text(100),
    aliases=("channel", "source_channel", "utm_source", "medium", "kanal"),
)


def fact_writer(
    model: type[KeyedFact], content: Sequence[str], *prepare: Callable[[Batch], None]
) -> Callable[[Batch], None]:
    """Find the customers, lock them, read the clock, write."""

    def write(batch: Batch) -> None:
        for row in batch.rows:
            row.earliest = row.values["occurred_at"]  # type: ignore[assignment]
        for step in prepare:
            step(batch)
        people = People(batch)
        people.resolve()
        people.lock()
        batch.at = clock.now()
        people.write_new()
        write_facts(batch, model, content)

    return write


TAKEN_OFF = ("discount", "tax", "shipping")
PROOF = read.text(LONGEST_PROOF)


def refuse_negative_net(batch: Batch) -> None:
    batch.refuse(
        (row, "amount", _("Discount, tax and shipping are more than the amount."))
        for row in batch.rows
        if _net(row) < 0
    )


def _net(row: Row) -> Decimal:
    values = cast("dict[str, Decimal]", row.values)
    net = values["gross"] = values["amount"]
    for name in TAKEN_OFF:
        if name in values:
            net -= values[name]
    return net


_write_orders = fact_writer(
    Order,
    ("currency", "gross", "discount", "tax", "shipping", "rate", "status", "is_test", "channel_id"),
    refuse_negative_net,
    lookups.put_channels,
    lookups.put_rates,
)


def write_orders(batch: Batch) -> None:
    """Refunds follow their orders: an order that has another day or currency now has another rate. So do lines."""
    _write_orders(batch)
    if batch.rows and batch.locks:
        changed = fragment(
            "SELECT first_id FROM {staging} WHERE same IS NOT TRUE AND first_id IS NOT NULL", staging=STAGING
        )
        late_rates.follow_orders(changed, batch.at)
        take_lines_along(changed, at=batch.at)


ORDERS = Kind(
    "orders",
    gettext_lazy("Orders"),
    (
        *WHO,
        key(
            gettext_lazy("Order id"),
            "order_id",
            "order",
            "order_number",
            "orderid",
            "id",
            "ordrenr",
            "invoice",
        ),
        occurred_at("order_date", "ordered_at", "purchase_date", "invoice_date", "paid_at", "ordredato"),
        Field(
            "amount",
            gettext_lazy("Amount, all included"),
            read.amount,
            required=True,
            aliases=(
                "amount",
                "total",
                "gross",
                "value",
                "dollar_value",
                "order_total",
                "price",
                "revenue",
                "belob",
                "beloeb",
            ),
        ),
        Field("discount", gettext_lazy("Discount"), read.amount, aliases=("discount", "rabat")),
        Field("tax", gettext_lazy("Tax"), read.amount, aliases=("tax", "vat", "moms")),
        Field("shipping", gettext_lazy("Shipping"), read.amount, aliases=("shipping", "freight", "fragt")),
        CURRENCY,
        Field(
            "status",
            gettext_lazy("Status"),
            read.one_of(OrderStatus.values),
            aliases=("status", "order_status"),
        ),
        Field("is_test", gettext_lazy("Test order"), read.yes_or_no, aliases=("is_test", "test")),
        CHANNEL,
    ),
    write_orders,
)

EVENTS = Kind(
    "events",
    gettext_lazy("Events"),
    (
        *WHO,
        key(gettext_lazy("Event id"), "event_id", "id", "message_id"),
        Field(
            "name",
            gettext_lazy("Event name"),
            read.matching(
                _EVENT_NAME, 100, lambda: _("An event name is dotted and lower case, such as cart.abandoned.")
            ),
            required=True,
            aliases=("name", "event", "event_name", "type", "event_type"),
        ),
        occurred_at("event_time", "event_date"),
        Field("properties", gettext_lazy("Properties"), read.json_object),
    ),
    fact_writer(Event, ("name", "properties")),
    own="properties",
)

TOUCHES = Kind(
    "touches",
    gettext_lazy("Touches with channels"),
    (
        *WHO,
        key(gettext_lazy("Touch id"), "touch_id", "click_id", "id"),
        occurred_at("touched_at", "clicked_at"),
        Field(CHANNEL.name, CHANNEL.label, CHANNEL.read, required=True, aliases=CHANNEL.aliases),
        Field("campaign", gettext_lazy("Campaign"), read.text(200), aliases=("campaign", "utm_campaign")),
        Field("detail", gettext_lazy("Details"), read.json_object),
    ),
    fact_writer(Touch, ("channel_id", "campaign", "detail"), lookups.put_channels),
    own="detail",
)


def _said(value: read.Value, reading: read.Reading) -> dict[str, str]:
    """As a proof that is written down by hand."""
    return {"said": str(PROOF(value, reading))}


CONSENTS = Kind(
    "consents",
    gettext_lazy("Consents"),
    (
        *WHO,
        key(gettext_lazy("Consent id"), "consent_id", "id"),
        occurred_at("consented_at", "given_at"),
        Field(
            "purpose",
            gettext_lazy("Purpose"),
            read.one_of(Purpose.values),
            required=True,
            aliases=("purpose",),
        ),
        Field(
            "is_given",
            gettext_lazy("Given (empty never means yes)"),
            read.yes_or_no,
            required=True,
            aliases=("is_given", "consent", "opt_in", "given", "samtykke"),
        ),
        Field("text_version", gettext_lazy("Version of the text"), read.text(100), aliases=("text_version",)),
        Field("proof", gettext_lazy("Proof: how we know"), _said, aliases=("proof", "evidence")),
    ),
    fact_writer(Consent, ("purpose", "is_given", "text_version", "proof")),
)


def write_refunds(batch: Batch) -> None:
    """A refund belongs to its order: that one's customer, currency and rate."""
    orders = _orders_of(batch)
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
    batch.refuse(
        (
            row,
            "currency",
            _("The order is in %(currency)s; a refund must be too.")
            % {"currency": orders[row.values["order"]][2]},
        )
        for row in batch.rows
        if row.values.get("currency", orders[row.values["order"]][2]) != orders[row.values["order"]][2]
    )
    for row in batch.rows:
        row.earliest = row.values["occurred_at"]  # type: ignore[assignment]
        row.values["order_id"], row.customer_id, row.values["currency"], _rate = orders[row.values["order"]]
    lock_customers(batch, {row.customer_id for row in batch.rows})
    orders |= _orders_of(batch)  # somebody may have converted them while we were waiting
    for row in batch.rows:
        row.values["rate"] = orders[row.values["order"]][3]
        batch.taken.unconverted += row.values["rate"] is None
    batch.at = clock.now()
    write_facts(batch, Refund, ("order_id", "amount", "currency", "rate", "reason"))


def _orders_of(batch: Batch) -> dict[object, tuple[int, int, str, Decimal | None]]:
    """The refunds' orders by key: root, customer, currency, rate."""
    found = statements.rows(
        "SELECT key, root, customer_id, currency, rate FROM customers_order"
        " WHERE source = %s AND key = ANY(%s) AND superseded_at IS NULL",
        [batch.source, [row.values["order"] for row in batch.rows]],
    )
    return {order_key: (root, pk, code, rate) for order_key, root, pk, code, rate in found}


REFUNDS = Kind(
    "refunds",
    gettext_lazy("Refunds"),
    (
        Field(
            "order",
            gettext_lazy("Order id"),
            read.text(200),
            required=True,
            aliases=("order_id", "order", "order_number"),
        ),
        key(gettext_lazy("Refund id"), "refund_id", "id", "credit_note"),
        occurred_at("refunded_at", "refund_date"),
        Field(
            "amount",
            gettext_lazy("Amount given back"),
            read.positive(4),
            required=True,
            aliases=("amount", "refund", "total"),
        ),
        Field("currency", gettext_lazy("Currency"), read.currency, aliases=CURRENCY.aliases),
        Field("reason", gettext_lazy("Reason"), read.text(200), aliases=("reason",)),
    ),
    write_refunds,
    names_customer=False,
)
