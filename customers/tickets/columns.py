"""Columns of the list of tickets. Some have cells of their own in `tickets/_list.html`: what they show here is for files."""

from django.utils.translation import gettext_lazy as _

from clm.base.columns import Column, moment_column, register, related
from customers.customer_columns import contact_columns, grade_column, owned_columns

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
    *contact_columns(order=7),
    Column("status", _("Status"), show=lambda ticket: ticket.get_status_display(), order=10),
    Column("priority", _("Priority"), show=lambda ticket: ticket.get_priority_display(), order=20),
    Column("due", _("Due"), value="due_at", sort="due_at", order=30),
    Column("type", _("Type"), show=lambda ticket: ticket.get_type_display(), order=40, room="wider"),
    *owned_columns(order=50),
    moment_column("opened", _("Opened"), "opened_at", sorts=True, is_default=True, order=60),
    moment_column("answered", _("First answer"), "first_answered_at", order=61),
    moment_column("solved", _("Solved"), "solved_at", order=62),
    moment_column("closed", _("Closed"), "closed_at", order=63),
    Column("changed", _("Last changed"), value="changed_at", sort="changed_at", order=70, room="wide"),
    grade_column(order=80),
):
    register("tickets", column)
