"""Columns of the list of tickets. Some have cells of their own in `tickets/_list.html`: what they show here is for files."""

from django.utils.translation import gettext_lazy as _

from clm.base.cells import moment_of
from clm.base.columns import Column, register, related

for column in (
    Column("ticket", _("Ticket"), order=0),
    Column("customer", _("Customer"), value="customer", is_default=False, order=5),
    Column(
        "company",
        _("Company"),
        value="company.name",
        annotate=related("company"),
        is_default=False,
        order=6,
    ),
    Column("email", _("E-mail"), value="customer.email", is_default=False, order=7),
    Column("phone", _("Phone"), value="customer.phone", is_default=False, order=8),
    Column("status", _("Status"), show=lambda ticket: ticket.get_status_display(), order=10),
    Column("priority", _("Priority"), show=lambda ticket: ticket.get_priority_display(), order=20),
    Column("due", _("Due"), value="due_at", sort="due_at", order=30),
    Column("type", _("Type"), show=lambda ticket: ticket.get_type_display(), order=40, room="wider"),
    Column("owner", _("Owner"), value="owner", order=50),
    Column("team", _("Team"), value="team.name", annotate=related("team"), is_default=False, order=51),
    Column("opened", _("Opened"), show=moment_of("opened_at"), value="opened_at", sort="opened_at", order=60),
    Column(
        "answered",
        _("First answer"),
        show=moment_of("first_answered_at"),
        value="first_answered_at",
        is_default=False,
        order=61,
    ),
    Column("solved", _("Solved"), show=moment_of("solved_at"), value="solved_at", is_default=False, order=62),
    Column("closed", _("Closed"), show=moment_of("closed_at"), value="closed_at", is_default=False, order=63),
    Column("changed", _("Last changed"), value="changed_at", sort="changed_at", order=70, room="wide"),
    Column(
        "score",
        _("Score"),
        value="customer.score.grade",
        annotate=related("customer__score"),
        is_default=False,
        order=80,
    ),
):
    register("tickets", column)
