"""Columns of the list of leads. Some have cells of their own in `leads/_list.html`: what they show here is for files."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clm.base.columns import Column, moment_column, register
from clm.base.templatetags.formats import date_local
from customers.customer_columns import contact_columns, grade_column, owned_columns


def _status(lead: Any) -> str:
    return str(lead.shown_in or lead.get_status_display())


def _next_action(lead: Any) -> str:
    day = date_local(lead.next_action_on) if lead.next_action_on else ""
    return " ".join(filter(None, [day, lead.next_action]))


for column in (
    Column("lead", _("Lead"), order=0),
    Column("company", _("Company"), value="customer.company.name", is_default=False, order=5),
    *contact_columns(order=6),
    Column("country", _("Country"), value="customer.country", is_default=False, order=8),
    Column("status", _("Status"), show=_status, order=10),
    Column("next", _("Next action"), show=_next_action, sort="next_action_on", order=20),
    Column("value", _("Value"), value="value", sort="value_reporting", is_number=True, order=30),
    Column("currency", _("Currency"), value="currency", is_default=False, order=31),
    Column(
        "close",
        _("Expected close"),
        value="expected_close_on",
        sort="expected_close_on",
        order=40,
    ),
    grade_column(order=45),
    Column("source", _("Source"), value="channel.name", order=50, room="wider"),
    *owned_columns(order=60),
    moment_column("opened", _("Opened"), "opened_at", sorts=True, is_default=True, order=70, room="wide"),
    moment_column("contacted", _("Last contact"), "contacted_at", order=71),
    moment_column("qualified", _("Qualified"), "qualified_at", order=72),
    moment_column("closed", _("Closed"), "closed_at", order=73),
    moment_column("changed", _("Last changed"), "changed_at", order=74),
    Column("lost_reason", _("Reason of the loss"), value="lost_reason", is_default=False, order=75),
):
    register("leads", column)
