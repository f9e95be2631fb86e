"""Finding customers by a part of their name, e-mail, phone or external id."""

import re
from collections.abc import Iterable
from functools import reduce
from operator import and_

from django.db.models import Q
from django.db.models.functions import Collate, Lower

from clm.base.db import one_of
from customers.models import Customer, CustomerQuerySet, Identity
from customers.models.identity import IdentityKind
from customers.names import guessing

SHORTEST = 2
# The search comes first and stops here; only what it found is put in order.
MOST_FOUND = 1000
# A number as people write it down.
_PHONE = re.compile(r"[+(]?\d[\d\s()/.-]{5,}")
_COLUMNS = ("pk", "name", "email", "phone", "external_id")


def matching(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """These customers, by every word of the text; a word of two letters starts a word."""
    words = words_of(text)
    if not any(_is_indexed(word) for word in words):
        return customers.none()
    return customers.filter(reduce(and_, map(_holding, words)))


def found(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Up to MOST_FOUND that match, for pages that say so. Files and programs take all: `matching`."""
    few = matching(customers, text).order_by()[:MOST_FOUND]
    return Customer.objects.filter(pk__in=few.values("pk"))


def closest(customers: CustomerQuerySet, text: str, *, most: int) -> list[Customer]:
    """Whom the text names, then those whose name begins with it, then those with words that do, then who holds it.

    One statement. Each part stops after so many rows, and the later ones are not begun where the earlier suffice.
    """
    words = words_of(text)
    if not any(_is_indexed(word) for word in words):
        return []
    whole = " ".join(words)
    starts = reduce(and_, map(_starting, words))
    named = Collate(Lower("name"), "C")
    parts = [
        customers.filter(_known_by(whole))[:most],
        customers.filter(_whole(whole))[:most],
        customers.alias(hit_name=named).filter(hit_name__startswith=whole).order_by("hit_name")[:most],
        customers.filter(starts)[: 4 * most],
        customers.filter(reduce(and_, map(_holding, words)))[: 4 * most],
    ]
    return _read(parts, 4 * most)


def alike(customers: CustomerQuerySet, text: str, *, most: int) -> list[Customer]:
    """Those whose name is spelt much like it. Two statements; call them after `guessing.LENIENT`."""
    parts = [
        customers.filter(reduce(and_, map(_holding, words)))[:most]
        for words in guessing.guesses(text)
        if words and any(_is_indexed(word) for word in words)
    ]
    return _read(parts, most)


def words_of(text: str) -> list[str]:
    """In lower case; of a phone number the digits, without the zeros that a country code replaces."""
    plain = text.strip()
    if _PHONE.fullmatch(plain) and re.search(r"\D", plain):
        return [re.sub(r"\D", "", plain).lstrip("0")]
    return plain.lower().split()[:8]


def _read(parts: Iterable[CustomerQuerySet], most: int) -> list[Customer]:
    """The union gives the first part's rows first, and stops when it has enough."""
    plain = [part.only(*_COLUMNS) for part in parts]
    if not plain:
        return []
    rows = plain[0].union(*plain[1:], all=True)[:most] if len(plain) > 1 else plain[0]
    return list({customer.pk: customer for customer in rows}.values())


def _known_by(text: str) -> Q:
    """An e-mail address or a number, also one that is not the customer's first."""
    kinds = [IdentityKind.EMAIL, IdentityKind.PHONE]
    live = Identity.objects.live().filter(kind__in=kinds, source="")
    return one_of("pk", live.filter(value__in=[text, f"+{text}"]).values("customer"))


def _whole(text: str) -> Q:
    """As one or more whole words: a first or last name, the whole name, an address, an external id."""
    return (
        Q(search_text__contains=f" {text} ")
        | Q(search_text__startswith=f"{text} ")
        | Q(search_text__endswith=f" {text}")
    )


def _holding(word: str) -> Q:
    """Served by the trigram index, which knows no parts of fewer than three letters but starts of words."""
    return Q(search_text__contains=word) if len(word) > 2 else _starting(word)


def _starting(word: str) -> Q:
    return Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")


def _is_indexed(word: str) -> bool:
    """Whether the trigram index knows anything of it: of signs alone it knows nothing, and every row would be read."""
    runs = [len(run) for run in re.findall(r"[^\W_]+", word)]
    return bool(runs) and (max(runs) > 2 or word[0].isalnum())
