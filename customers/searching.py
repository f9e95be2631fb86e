"""Finding customers by a part of their name, e-mail, phone or external id."""

from django.db.models import Q

from customers.models import Customer, CustomerQuerySet

SHORTEST = 2
# The search comes first and stops here; only what it found is put in order.
MOST_FOUND = 1000


def matching(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """These customers, by every word of the text; a word of two letters starts a word."""
    wanted = Q()
    for word in text.lower().split()[:8]:
        wanted &= _of(word)
    return customers.filter(wanted)


def found(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Up to MOST_FOUND that match, for pages that say so. Files and programs take all: `matching`."""
    few = matching(customers, text).order_by()[:MOST_FOUND]
    return Customer.objects.filter(pk__in=few.values("pk"))


def _of(word: str) -> Q:
    """Served by the trigram index, which knows no parts of fewer than three letters but starts of words."""
    if len(word) > 2:
        return Q(search_text__contains=word)
    return Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
