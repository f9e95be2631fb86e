"""Finding customers by a part of their name, e-mail, phone or external id."""

import re
from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Collate, Lower

from clm.base.db import EqualsAny, one_of
from clm.base.spelling import meant
from customers.models import Customer, CustomerQuerySet, Identity
from customers.models.identity import IdentityKind
from customers.names import guessing

SHORTEST = 2
# The search comes first and stops here; only what it found is put in order.
MOST_FOUND = 1000
# Of those who hold a text so many are compared, to show the closest few.
MOST_COMPARED = 200
# A number as people write it down.
_PHONE = re.compile(r"[+(]?\d[\d\s()/.-]{5,}")
_COLUMNS = ("pk", "name", "email", "phone", "external_id")


def matching(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """These customers, by every word of the text; a word of two letters starts a word, "mussig" finds "Müßig"."""
    held = _held(text, _meaning)
    return customers.none() if held is None else customers.filter(held)


def found(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Up to MOST_FOUND that match, for pages that say so. Files and programs take all: `matching`."""
    few = matching(customers, text).order_by().values("pk")[:MOST_FOUND]
    # As an array: among the joins of many columns PostgreSQL does not begin with a subquery.
    return Customer.objects.filter(Q(EqualsAny(F("pk"), ArraySubquery(few))))


def of_those_found(rows: QuerySet[Any], text: str) -> Q:
    """Of these rows, that of a customer whom the text names; the cap of `found` is one of the rows' own customers."""
    theirs = Customer.objects.filter(Exists(rows.filter(customer=OuterRef("pk"))))
    return Q(customer__in=found(theirs, text).values("pk"))


def closest(customers: CustomerQuerySet, text: str, *, most: int) -> list[Customer]:
    """Whom the text names, then those whose name begins with it, who hold it, whom it may mean: not yet in their order.

    One statement, each part of which stops after so many rows.
    """
    held, whole = _held(text, _holding), _written(text)
    if held is None:
        return []
    named = Collate(Lower("name"), "C")
    parts = [
        (customers.filter(_known_by(_number(text) or whole)), most),
        (customers.alias(hit_name=named).filter(hit_name__startswith=whole).order_by("hit_name"), most),
        (customers.filter(held), MOST_COMPARED),
    ]
    if any(map(meant, whole.split())):
        parts.append((matching(customers, text), MOST_COMPARED))
    if any(sign.isdigit() for sign in whole):
        parts.insert(1, (customers.filter(search_text__endswith=f" {whole}"), most))  # an external id
    return _read(parts, 3 * most + MOST_COMPARED)


def alike(customers: CustomerQuerySet, text: str, *, most: int) -> list[Customer]:
    """Those whose name is spelt much like it: "Hansne" is Hansen before Johansen. Two statements; call them after
    `guessing.LENIENT`.
    """
    read = [words for words in guessing.guesses(text) if any(_is_indexed(word) for word in words)]
    ways = [(holding, words) for holding in (_starting, _holding) for words in read]
    parts = [(customers.filter(reduce(and_, map(holding, words))), most) for holding, words in ways]
    return _read(parts, most)


def _read(parts: Iterable[tuple[CustomerQuerySet, int]], most: int) -> list[Customer]:
    """The parts one after the other, so many rows of each, until there are enough.

    The limits are written so that the planner does not know them: for a handful of rows it would read the table from
    its start, which for a word that few hold is all of it.
    """
    written, given = [], []
    for part, enough in parts:
        sql, parameters = part.only(*_COLUMNS).query.sql_with_params()
        written.append(f"({sql} LIMIT (SELECT %s::bigint))")
        given += [*parameters, enough]
    if not written:
        return []
    whole = f"SELECT * FROM ({' UNION ALL '.join(written)}) AS parts LIMIT (SELECT %s::bigint)"  # noqa: S608
    rows = Customer.objects.raw(whole, [*given, most])
    return list({customer.pk: customer for customer in rows}.values())


def _written(text: str) -> str:
    return " ".join(text.lower().split())


def _number(text: str) -> str:
    """Of what looks like a phone number the digits, without the zeros that a country code replaces."""
    plain = text.strip()
    if not _PHONE.fullmatch(plain) or plain.isdecimal():
        return ""
    return re.sub(r"\D", "", plain).lstrip("0")


def _held(text: str, holding: Callable[[str], Q]) -> Q | None:
    """What looks like a phone number may be an external id: its digits, or the text as it is written.

    None if no index knows anything of the text.
    """
    whole, number = _written(text), _number(text)
    words = [whole] if number else whole.split()[:8]
    if any(_is_indexed(word) for word in words):
        held = reduce(and_, map(holding, words))
    elif re.search("[0-9]", whole):
        held = _standing_alone(whole)
    else:
        return None
    return _holding(number) | held if len(number) > 2 else held


def _known_by(text: str) -> Q:
    """An e-mail address or a number, also one that is not the customer's first."""
    kinds = [IdentityKind.EMAIL, IdentityKind.PHONE]
    live = Identity.objects.live().filter(kind__in=kinds, source="")
    return one_of("pk", live.filter(value__in=[text, f"+{text}"]).values("customer"))


def _holding(word: str) -> Q:
    """Served by the trigram index, which knows no parts of fewer than three letters but starts of words."""
    return Q(search_text__contains=word) if len(word) > 2 else _starting(word)


def _meaning(word: str) -> Q:
    """The same in one look at the index, with the letters that the word may stand for."""
    pattern = meant(word)
    return Q(search_text__regex=pattern) if pattern else _holding(word)


def _starting(word: str) -> Q:
    return Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")


def _standing_alone(text: str) -> Q:
    """As whole words, an external id for one: of these the index knows also a short number."""
    last, first, between = f" {text}", f"{text} ", f" {text} "
    return Q(search_text__endswith=last) | Q(search_text__startswith=first) | Q(search_text__contains=between)


def _is_indexed(word: str) -> bool:
    """Whether the trigram index knows anything of it: of signs alone it knows nothing, and every row would be read."""
    runs = [len(run) for run in re.findall(r"[^\W_]+", word)]
    return bool(runs) and (max(runs) > 2 or word[0].isalpha())
