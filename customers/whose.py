"""Rows of a customer by a number that may be that of somebody merged away: they lie with the one it became."""

from datetime import datetime
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.filter_sets import Rows
from customers.models import Customer, CustomerMerge

LARGEST = 2**63 - 1


def of_customer(pk: int, *, known_at: datetime | None = None) -> Q:
    """Rows that lie with the customer, or with the one it became. For rows that are scoped to whoever asks; one query.

    `known_at`: for rows that stay with the one they were worked out for; only merges known then are followed.
    """
    became = _became(pk) if known_at is None else _became_by(pk, known_at)
    return Q(customer__in=[pk, became]) if became else Q(customer=pk)


def _became(pk: int) -> int | None:
    return Customer.objects.filter(pk=pk).values_list("merged_into", flat=True).first()


def _became_by(pk: int, known_at: datetime) -> int | None:
    """Step by step: who it became may have become somebody else."""
    merges = CustomerMerge.objects.filter(recorded_at__lte=known_at)
    merges = merges.filter(Q(undone_at=None) | Q(undone_at__gt=known_at)).order_by("-recorded_at")
    found, step = None, merges.filter(loser=pk).first()
    while step:
        found, step = step.winner_id, merges.filter(loser=step.winner_id).first()
    return found


class CustomerFilter(filters.NumberFilter):  # type: ignore[misc]
    """Of a list's rows those of one customer, by number; also by that of somebody who was merged into it."""

    def __init__(self) -> None:
        super().__init__(
            "customer_id",
            label=_("Customer"),
            widget=forms.HiddenInput,
            decimal_places=0,
            min_value=1,
            max_value=LARGEST,
        )

    def filter(self, rows: Rows, value: Any) -> Rows:
        return rows if value is None else rows.filter(of_customer(int(value)))
