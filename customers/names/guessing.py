"""Which names somebody may have meant who spelt them otherwise."""

from dataclasses import dataclass
from itertools import product

from django.db import connection

from clm.base.search import SHORTEST_MISSPELT, spelt
from clm.base.spelling import misspelling

MOST_WORDS, CANDIDATES, MEANINGS, GUESSES = 4, 100, 4, 3
# Set for one transaction: two words with a slip share fewer trigrams than PostgreSQL asks for by itself.
LENIENT = "SELECT set_config('pg_trgm.similarity_threshold', '0.2', true), set_config('pg_trgm.word_similarity_threshold', '0.45', true)"
_ALIKE = """
    SELECT typed.word, known.word, known.customers
    FROM unnest(%(words)s::text[]) AS typed(word) CROSS JOIN LATERAL (
        SELECT word, customers FROM customers_nameword
        WHERE word %% typed.word ORDER BY similarity(word, typed.word) DESC, customers DESC LIMIT %(most)s
    ) known
"""


@dataclass(frozen=True, order=True)
class Meaning:
    """The less it is off the better, then the more who are called so."""

    off: float
    seldom: int
    word: str


def guesses(text: str) -> list[tuple[str, ...]]:
    """For each way to read the text, the likeliest first, the words that a customer's name must hold.

    One statement; call it after LENIENT, in the same transaction. Words that nobody is called by, nor anything
    like them, stay as they are.
    """
    words = [word for word in dict.fromkeys(text.lower().split()) if word][:MOST_WORDS]
    fixed = tuple(word for word in words if _is_exact(word))
    names = [name for word in words if not _is_exact(word) for name in spelt(word)]
    doubtful = [name for name in names if len(name) >= SHORTEST_MISSPELT]
    if not doubtful:
        return []
    meanings = {name: [Meaning(0, 0, name)] for name in doubtful} | _alike(doubtful)
    read = sorted(product(*meanings.values()), key=lambda each: sum(one.off for one in each))
    return [fixed + tuple(one.word for one in each) for each in read[:GUESSES]]


def _is_exact(word: str) -> bool:
    """A number, an id or an address: no name that somebody spells as it sounds."""
    return len(word) < SHORTEST_MISSPELT or any(sign.isdigit() or sign == "@" for sign in word)


def _alike(words: list[str]) -> dict[str, list[Meaning]]:
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"words": words, "most": CANDIDATES})
        rows = cursor.fetchall()
    found: dict[str, list[Meaning]] = {}
    for typed, known, customers in rows:
        if (off := misspelling(typed, known)) is not None:
            found.setdefault(typed, []).append(Meaning(off, -customers, known))
    return {word: sorted(few)[:MEANINGS] for word, few in found.items()}
