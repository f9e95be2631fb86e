"""Columns of the list of leads. Some have cells of their own in `leads/_list.html`: what they show here is for files."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clm.base.cells import moment_of
from clm.base.columns import Column, register, related
from clm.base.templatetags.formats import date_local


def _status(lead: Any) -> str:
    return str(lead.shown_in or lead.get_status_display())


def _next_action(lead: Any) -> str:
    day = date_local(lead.next_action_on) if lead.next_action_on else ""
    return " ".join(filter(None, [day, lead.next_action]))


for column in (
    Column("lead", _("Lead"), order=0),
    Column("company", _("Company"), value="customer.company.name", is_default=False, order=5),
    Column("email", _("E-mail"), value="customer.email", is_default=False, order=6),
    Column("phone", _("Phone"), value="customer.phone", is_default=False, order=7),
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
    Column(
        "score",
        _("Score"),
        value="customer.score.grade",
        annotate=related("customer__score"),
        is_default=False,
        order=45,
    ),
    Column("source", _("Source"), value="channel.name", order=50, room="wider"),
    Column("owner", _("Owner"), value="owner", order=60),
    Column("team", _("Team"), value="team.name", annotate=related("team"), is_default=False, order=61),
    Column(
        "opened",
        _("Opened"),
        show=moment_of("opened_at"),
        value="opened_at",
        sort="opened_at",
        order=70,
        room="wide",
    ),
    Column(
        "contacted",
        _("Last contact"),
        show=moment_of("contacted_at"),
        value="contacted_at",
        is_default=False,
        order=71,
    ),
    Column(
        "qualified",
        _("Qualified"),
        show=moment_of("qualified_at"),
        value="qualified_at",
        is_default=False,
        order=72,
    ),
    Column("closed", _("Closed"), show=moment_of("closed_at"), value="closed_at", is_default=False, order=73),
    Column(
        "changed",
        _("Last changed"),
        show=moment_of("changed_at"),
        value="changed_at",
        is_default=False,
        order=74,
    ),
    Column("lost_reason", _("Reason of the loss"), value="lost_reason", is_default=False, order=75),
):
    register("leads", column)
