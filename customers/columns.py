"""Columns of the customer list. The name is always shown; the others can be chosen. Other lists have modules of theirs."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

import customers.company_columns
import customers.leads.columns
import customers.tickets.columns  # noqa: F401  # they register theirs
from clm.base.columns import Column, register, related
from customers import cells
from customers.customer_columns import owned_columns
from customers.models import SegmentMember

_purchases = related("purchases")


def _with_segments(customers: QuerySet[Any]) -> QuerySet[Any]:
    """The names of the segments for everybody."""
    open_here = SegmentMember.objects.open().filter(customer=OuterRef("pk"), segment__is_shared=True)
    names = open_here.order_by("segment__name").values("segment__name")
    named: QuerySet[Any] = customers.annotate(segment_names=ArraySubquery(names))
    return named


for column in (
    Column("name", _("Customer"), show=cells.name, sort="name", order=0),
    Column("email", _("E-mail"), value="email", is_default=False, order=5),
    Column("phone", _("Phone"), value="phone", is_default=False, order=6),
    Column("external_id", _("External id"), value="external_id", is_default=False, order=7),
    Column("company", _("Company"), value="company.name", annotate=related("company"), order=10),
    Column(
        "revenue",
        _("Revenue"),
        show=cells.revenue,
        value="purchases.revenue",
        annotate=_purchases,
        sort="purchases__revenue",
        is_number=True,
        order=30,
    ),
    Column(
        "orders",
        _("Orders"),
        show=cells.orders,
        value="purchases.orders",
        annotate=_purchases,
        is_number=True,
        order=31,
    ),
    Column(
        "last_order",
        _("Last order"),
        show=cells.last_order,
        value="purchases.last_order_at",
        annotate=_purchases,
        sort="purchases__last_order_at",
        order=32,
    ),
    Column(
        "first_order",
        _("First order"),
        show=cells.first_order,
        value="purchases.first_order_at",
        annotate=_purchases,
        is_default=False,
        order=33,
    ),
    Column(
        "segments",
        _("Segments"),
        show=cells.segments,
        annotate=_with_segments,
        is_default=False,
        order=38,
    ),
    Column("score", _("Score"), show=cells.grade, annotate=related("score"), order=36),
    Column(
        "fit",
        _("Fit"),
        value="score.fit",
        annotate=related("score"),
        sort="score__fit",
        is_number=True,
        is_default=False,
        order=36,
    ),
    Column(
        "interest",
        _("Interest"),
        value="score.interest",
        annotate=related("score"),
        sort="score__interest",
        is_number=True,
        is_default=False,
        order=37,
    ),
    Column("country", _("Country"), value="country", is_default=False, order=40),
    Column("language", _("Language"), value="language", is_default=False, order=41),
    *owned_columns(order=50),
    Column(
        "first_seen",
        _("First seen"),
        show=cells.first_seen,
        value="first_seen_at",
        sort="first_seen_at",
        is_default=False,
        order=60,
    ),
):
    register("customers", column)
