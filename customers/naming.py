"""Who is called so: customers by exactly one of the names that lead to them, found by index."""

from django.db.models import Q

from clm.base.db import one_of
from customers.identities import NotAnIdentity, normalise_email
from customers.models import Identity
from customers.models.identity import IdentityKind


def known_as(kind: IdentityKind, value: str) -> Q:
    """Also by a name that is not the customer's first, and by those of whoever was merged into them."""
    named = Identity.objects.live().filter(kind=kind, value=value)
    return one_of("pk", named.values("customer"))


def has_email(text: str) -> Q:
    """Who is known by the address; or only has it, because it names somebody else. However it is capitalised."""
    try:
        address = normalise_email(text)
    except NotAnIdentity:
        address = text.strip().lower()
    # The index of what is searched for finds what the column has no index for.
    return known_as(IdentityKind.EMAIL, address) | Q(email=address, search_text__contains=address)
