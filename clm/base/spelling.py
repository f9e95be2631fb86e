"""How far one word is from another: letters missing, too many, others, or swapped with their neighbour; and how a word
may be spelt for want of the letters of another language."""

import re

# What a German, Dane, Swede or Norwegian writes where a keyboard has no more.
_MEANT = {
    "aa": "(?:aa|å)",
    "ae": "(?:ae|ä|æ)",
    "oe": "(?:oe|ö|ø)",
    "ue": "(?:ue|ü)",
    "ss": "(?:ss|ß)",
    "a": "[aäå]",
    "o": "[oöø]",
    "u": "[uü]",
}
_PLAIN = re.compile("|".join(_MEANT))
_NAME = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_LONGEST_MEANT = 24


def distance(one: str, other: str) -> int:
    """Steps from one to the other; a swap of neighbours is one step (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, there in enumerate(other, start=1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
    return row[-1]


def tolerated(word: str) -> int:
    """How many steps may be a slip: the longer the word the more."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def misspelling(typed: str, known: str) -> float | None:
    """How much `typed` is off `known`, or off its beginning while somebody is still typing; None: another word."""
    allowed = tolerated(typed)
    if abs(len(known) - len(typed)) <= allowed and (steps := distance(typed, known)) <= allowed:
        return steps
    if len(typed) < 4 or len(known) <= len(typed):
        return None
    steps = distance(typed, known[: len(typed)])
    return steps + 0.5 if steps <= allowed else None


def meant(word: str) -> str:
    """A regular expression of PostgreSQL for what the word may stand for: "mussig" and "muessig" for "müßig".

    Empty for what may mean nothing but itself, and where an index of trigrams would be of no help: each part keeps three
    letters or more in its shortest spelling.
    """
    if len(word) > _LONGEST_MEANT or not _NAME.fullmatch(word) or not _PLAIN.search(word):
        return ""
    shortest = min(len(_PLAIN.sub("?", part)) for part in re.split("[-']", word))
    return _PLAIN.sub(lambda plain: _MEANT[plain[0]], word) if shortest > 2 else ""


def is_misspelt(text: str, name: str) -> bool:
    """Whether each word of the text is, or is a misspelling of, a word of the name."""
    known = name.lower().split()
    words = text.lower().split()
    return bool(words) and all(any(misspelling(word, one) is not None for one in known) for word in words)
