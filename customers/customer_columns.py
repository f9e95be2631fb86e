"""Columns that several lists have: of the customer to whom a row belongs, and of those who look after it."""

from django.utils.translation import gettext_lazy as _

from clm.base.columns import Column, related


def contact_columns(*, order: int) -> tuple[Column, Column]:
    """How to reach the row's customer."""
    return (
        Column("email", _("E-mail"), value="customer.email", is_default=False, order=order),
        Column("phone", _("Phone"), value="customer.phone", is_default=False, order=order + 1),
    )


def grade_column(*, order: int) -> Column:
    """The score of the row's customer."""
    return Column(
        "score",
        _("Score"),
        value="customer.score.grade",
        annotate=related("customer__score"),
        is_default=False,
        order=order,
    )


def owned_columns(*, order: int) -> tuple[Column, Column]:
    """Who looks after the row itself."""
    return (
        Column("owner", _("Owner"), value="owner", annotate=related("owner"), order=order),
        Column(
            "team",
            _("Team"),
            value="team.name",
            annotate=related("team"),
            is_default=False,
            order=order + 1,
        ),
    )
