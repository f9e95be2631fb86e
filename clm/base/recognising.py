"""Whether a text tells of a person: it holds an address of theirs, all words of a name in whatever order, a number, or
what another system calls them.

The same question to many rows, as SQL, and to one text. Texts are compared in lower case.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from clm.base.inventory import Person

_BETWEEN_DIGITS = "[ \u00a0\u202f()./\u2013-]{0,2}"
NATIONAL = 8  # digits of a number, the last ones: without them it is not the number
_ZEROS = f"(?:0{_BETWEEN_DIGITS}){{0,2}}"
_NO_DATE = r"(?!\d\d[./-]\d\d[./-]\d{4}(?!\d))(?!\d{4}[./-]\d\d[./-]\d\d(?!\d))"


def rows_telling_of(rows: "QuerySet[Any]", column: str, person: Person) -> "QuerySet[Any]":
    found = Q(pk__in=[])
    for text in person.texts:
        found |= Q(said__contains=text)
    for name in person.whole_names:
        words = Q()
        for word in name:
            words &= Q(said__regex=rf"\m{re.escape(word)}\M")
        found |= words
    for number in person.numbers:
        found |= Q(said__regex=_last_digits(number)) & Q(said__regex=_as_written(number))
    for key in person.keys:
        found |= Q(said__contains=key) & Q(said__regex=_alone(key))
    told: QuerySet[Any] = rows.annotate(said=Lower(Cast(column, TextField()))).filter(found)
    return told


def tells_of(text: str, person: Person) -> bool:
    said = text.lower()
    return (
        any(one in said for one in person.texts)
        or any(all(_has_word(said, word) for word in name) for name in person.whole_names)
        or any(_looks(number)(said) for number in person.numbers)
        or any(key in said and re.search(_alone(key), said) for key in person.keys)
    )


@lru_cache(maxsize=100)
def _looks(number: str) -> Callable[[str], bool]:
    """Long files are read for it: the digits first, which are looked for quickly and hardly ever there."""
    digits, written = re.compile(_last_digits(number)), re.compile(_as_written(number))
    return lambda said: digits.search(said) is not None and written.search(said) is not None


def _last_digits(number: str) -> str:
    return _BETWEEN_DIGITS.join(number[-NATIONAL:])


def _as_written(number: str) -> str:
    """A pattern, for PostgreSQL as for Python: with all, some or none of the digits before the last ones, a zero or two
    between or instead, and no other digit beside it: a longer number is another thing, and so is a date."""
    before = ""
    for digit in number[:-NATIONAL]:
        before = f"(?:{before}{_ZEROS}{digit}{_BETWEEN_DIGITS})?"
    return rf"(?<!\d){before}{_ZEROS}{_NO_DATE}{_last_digits(number)}(?!\d)"


def _alone(key: str) -> str:
    """No part of a word, of a longer number or of an amount."""
    return rf"(?<!\w)(?<!\d[.,]){re.escape(key)}(?!\w)(?![.,]\d)"


def _has_word(said: str, word: str) -> bool:
    return word in said and re.search(rf"\b{re.escape(word)}\b", said) is not None
