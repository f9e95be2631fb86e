"""What the search of the whole product finds: each app registers its kinds in its own `search_kinds.py`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_
from typing import Any, Protocol

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper
from django.db.models.lookups import IRegex
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from clm.base.spelling import meant

Text = str | Promise
LONGEST, MOST_WORDS, SHORTEST = 200, 8, 2
# Shorter words are like too many others.
SHORTEST_MISSPELT = 3


@dataclass(frozen=True)
class Hit:
    kind: str
    pk: int
    label: Text
    note: Text
    href: str
    icon: str
    is_similar: bool = False  # spelt otherwise than what was asked for


@dataclass(frozen=True)
class Asked:
    """What is searched for, by whom; `most` hits of each kind are enough."""

    raw: str
    request: HttpRequest
    most: int
    read: dict[str, Any] = field(
        default_factory=dict
    )  # what a kind has read already, for its second question

    @property
    def user(self) -> Any:
        return self.request.user

    @cached_property
    def text(self) -> str:
        return " ".join(self.raw[: 2 * LONGEST].replace("\x00", " ").split())[:LONGEST].strip()

    @cached_property
    def words(self) -> list[str]:
        return self.text.lower().split()[:MOST_WORDS]

    @property
    def may_be_misspelt(self) -> bool:
        return any(len(word) >= SHORTEST_MISSPELT for word in spelt(self.text))


class SearchKind(Protocol):
    """`find` gives what holds the words, `similar` what is spelt much like them; both only what the user may see."""

    key: str
    title: Text
    capability: str
    order: int
    list_url: str  # the name of the page that lists all that match; or nothing
    list_query: str

    def find(self, asked: Asked) -> Sequence[Hit]: ...
    def similar(self, asked: Asked) -> Sequence[Hit]: ...


@dataclass(frozen=True)
class NamedRows:
    """Rows that are known by one column. All kinds of them are asked for in one statement.

    A large table needs a GIN index of trigrams over `Upper(name)`.
    """

    key: str
    title: Text
    icon: str
    capability: str
    order: int
    rows: Callable[[Any], QuerySet[Any]]  # of a user: what they may see
    url: str  # the name of the page of one
    name: str = "name"
    note: Combinable | str = ""
    list_url: str = ""
    list_query: str = ""  # what its address needs besides the search
    says: Callable[[str], Text] = str  # the note in words

    def arms(self, asked: Asked) -> list["QuerySet[Any, Any]"]:
        """First those that begin with the text: where very many hold it, not all of them are looked at. Last those that
        hold what it may stand for.
        """
        rows = self.rows(asked.user)
        begins = rows.filter(**{f"{self.name}__istartswith": asked.text})
        holds = rows.filter(*(_held(self.name, word) for word in asked.words))
        arms = [self._plain(begins)[: asked.most], self._plain(holds)[: 4 * asked.most]]
        if any(map(meant, asked.words)):
            arms.append(self._plain(rows.filter(holding(self.name, asked.text)))[: 4 * asked.most])
        return arms

    def similar_arm(self, asked: Asked) -> "QuerySet[Any, Any]":
        like = self.rows(asked.user).annotate(hit_said=Upper(self.name))
        return self._plain(like.filter(hit_said__trigram_word_similar=asked.text.upper()))[: 4 * asked.most]

    def _plain(self, rows: QuerySet[Any]) -> "QuerySet[Any, Any]":
        note = F(self.note) if isinstance(self.note, str) and self.note else self.note or Value("")
        named = rows.order_by().annotate(
            hit_kind=Value(self.key), hit_pk=F("pk"), hit_name=F(self.name), hit_note=note
        )
        plain: QuerySet[Any, Any] = named.values_list("hit_kind", "hit_pk", "hit_name", "hit_note")
        return plain

    def hit(self, pk: int, name: str, note: str, *, is_similar: bool = False) -> Hit:
        return Hit(
            self.key, pk, name, self.says(note or ""), reverse(self.url, args=[pk]), self.icon, is_similar
        )


def holding(column: str, text: str) -> Q:
    """Rows whose column holds every word of the text, or what it may stand for: "mussig" finds "Müßig".

    An index of trigrams over `Upper(column)` serves both.
    """
    return reduce(and_, (_meaning(column, word) for word in text.lower().split()[:MOST_WORDS]), Q())


def one_holding(rows: QuerySet[Any], column: str, text: str) -> Q:
    """The same, for one part of an OR: PostgreSQL knows no way from there to the index, but from the rows' ids it does.

    Of words of two letters the index knows nothing.
    """
    if all(len(word) < 3 for word in text.split()):
        return holding(column, text)
    return Q(pk__in=rows.order_by().filter(holding(column, text)).values("pk"))


def _meaning(column: str, word: str) -> Q:
    pattern = meant(word)
    return Q(IRegex(Upper(column), Value(pattern))) if pattern else _held(column, word)


def _held(column: str, word: str) -> Q:
    return Q(**{f"{column}__icontains": word})


_kinds: dict[str, SearchKind | NamedRows] = {}


def register(kind: SearchKind | NamedRows) -> None:
    _kinds[kind.key] = kind


def kinds() -> list[SearchKind | NamedRows]:
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def spelt(text: str) -> list[str]:
    """The words of a text that somebody may have misspelt: letters only, in lower case."""
    return re.findall(r"[^\W\d_]+", text.lower())


def closeness(hit: Hit, asked: Asked) -> tuple[int, str]:
    """To sort hits by: what is named so, begins so, has a word that begins so; then by name."""
    said, text = str(hit.label).lower(), asked.text.lower()
    if text in (said, str(hit.note).lower()):
        return 0, said
    return 1 if said.startswith(text) else 2 if f" {text}" in said else 3, said


def holds(said: str, asked: Asked) -> bool:
    return bool(asked.words) and all(word in said.lower() for word in asked.words)


def first(hits: Iterable[Hit], asked: Asked) -> list[Hit]:
    """Each once, the closest first, no more than asked for."""
    once = {(hit.kind, hit.pk, hit.href): hit for hit in hits}
    return sorted(once.values(), key=lambda hit: closeness(hit, asked))[: asked.most]
