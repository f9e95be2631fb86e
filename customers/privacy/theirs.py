"""Which values are a person's own: not what an undone merge had mixed in, nor what names somebody else by now.

What the person gets and what an erasure looks for follow from it.
"""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q

from clm.base.facts import FactQuerySet
from customers.models import Customer, CustomerMerge, Identity, ProfileChange

_UNDONE = CustomerMerge.objects.filter(undone_at__isnull=False)
# What undoing superseded, and what the merge had written: that may have been corrected before it was undone.
TAKEN_BACK = Q(superseded_at__in=_UNDONE.values("undone_at")) | Q(
    Exists(_UNDONE.filter(winner=OuterRef("original_customer"), recorded_at=OuterRef("recorded_at")))
)


def changes_of(customers: Collection[int], *fields: str) -> "FactQuerySet[ProfileChange]":
    return ProfileChange.objects.filter(customer__in=customers, field__in=fields).exclude(TAKEN_BACK)


def of_others(values: Iterable[str], customers: Collection[int]) -> set[str]:
    """Of addresses and numbers, those by which somebody else is known, written to or called today."""
    asked = [value for value in values if value]
    known = Identity.objects.live().filter(value__in=asked).exclude(customer__in=customers)
    others = Customer.objects.present().exclude(pk__in=customers)
    return {
        *known.values_list("value", flat=True),
        *others.filter(email__in=asked).values_list("email", flat=True),
        *others.filter(phone__in=asked).values_list("phone", flat=True),
    }


def addresses_of(customers: Collection[int]) -> set[str]:
    """E-mail addresses by which they are or were known, or are written to."""
    known = Identity.objects.filter(kind="email", customer__in=customers).values_list("value", flat=True)
    written_to = Customer.objects.filter(pk__in=customers).values_list("email", flat=True)
    had = {*known, *written_to} - {""}
    return had - of_others(had, customers)
