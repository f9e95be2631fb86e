"""Spend, as the importer and the API take it in."""

from datetime import date
from typing import cast

from django.utils.translation import gettext_lazy

from clm.accounts.permissions import Capability
from clm.base import clock
from clm.base.days import start_of
from customers.intake import lookups
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.facts import write_facts
from customers.intake.factual import CHANNEL, CURRENCY, key
from customers.intake.kinds import Field, Kind, offer
from metrics.models import Spend, SpendType


def write_spend(batch: Batch) -> None:
    zone = batch.organisation.tz
    for row in batch.rows:
        row.earliest = start_of(cast(date, row.values["on"]), zone)
    lookups.put_channels(batch)
    lookups.put_rates(batch)
    batch.at = clock.now()
    write_facts(
        batch, Spend, ("channel_id", "campaign", "type", "amount", "currency", "rate"), of_customer=False
    )


SPEND = offer(
    Kind(
        "spend",
        gettext_lazy("Spend"),
        (
            key(gettext_lazy("Spend id"), "spend_id", "id"),
            Field(
                "on",
                gettext_lazy("Day"),
                read.day,
                required=True,
                aliases=("on", "date", "day", "month", "dato"),
            ),
            CHANNEL,
            Field("campaign", gettext_lazy("Campaign"), read.text(200), aliases=("campaign", "utm_campaign")),
            Field(
                "type",
                gettext_lazy("Type of cost"),
                read.one_of(SpendType.values),
                aliases=("type", "cost_type"),
            ),
            Field(
                "amount",
                gettext_lazy("Amount"),
                read.amount,
                required=True,
                aliases=("amount", "cost", "spend", "value"),
            ),
            CURRENCY,
        ),
        write_spend,
        names_customer=False,
        needs=Capability.VIEW_COSTS,
    )
)
