"""Whether a text tells of a person: it holds an address of theirs, all words of a name in whatever order, or a number.

The same question to many rows, as SQL, and to one text. Texts are compared in lower case.
"""

import re
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from clm.base.inventory import Person

_BETWEEN_DIGITS = "[ ()./-]{0,2}"
NATIONAL = 8  # digits of a number, the last ones: without them it is not the number


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
        found |= Q(said__regex=_as_written(number))
    told: QuerySet[Any] = rows.annotate(said=Lower(Cast(column, TextField()))).filter(found)
    return told


def tells_of(text: str, person: Person) -> bool:
    said = text.lower()
    return (
        any(one in said for one in person.texts)
        or any(all(_has_word(said, word) for word in name) for name in person.whole_names)
        or any(re.search(_as_written(number), said) for number in person.numbers)
    )


def _as_written(number: str) -> str:
    """A pattern, for PostgreSQL as for Python: with all, some or none of the digits before the last ones, an inner zero or
    two instead, and no other digit beside it: a longer number is another thing."""
    before = ""
    for digit in number[:-NATIONAL]:
        before = f"(?:{before}{digit}{_BETWEEN_DIGITS})?"
    zeros = f"(?:0{_BETWEEN_DIGITS}){{0,2}}"
    return rf"(?<!\d){zeros}{before}{zeros}{_BETWEEN_DIGITS.join(number[-NATIONAL:])}(?!\d)"


def _has_word(said: str, word: str) -> bool:
    return word in said and re.search(rf"\b{re.escape(word)}\b", said) is not None
