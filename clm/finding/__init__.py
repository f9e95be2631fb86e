"""One search over the whole product; only what the person who asks may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.http import urlencode

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.base.context import address
from clm.base.search import SHORTEST, Asked, Hit, NamedRows, SearchKind, first, kinds
from clm.finding import pages as _pages  # noqa: F401  # registers itself
from customers.names.guessing import LENIENT

# Fewer than so many that hold the words, and those that are spelt alike are looked for too.
FEW = 3
Kind = SearchKind | NamedRows
Found = dict[str, list[Hit]]


@dataclass(frozen=True)
class FoundGroup:
    key: str
    title: str | Promise
    hits: list[Hit]
    all_of_them: str  # the list with all that match; nothing where these are all


def search_everything(text: str, *, request: HttpRequest, most: int) -> list[FoundGroup]:
    """Groups that found something, at most `most` each. A single letter finds pages only. Six statements at most."""
    asked = Asked(text, request, most)
    if not asked.text:
        return []
    wanted = [kind for kind in kinds() if _may(request, kind)]
    found = _found(wanted, asked)
    if sum(map(len, found.values())) < FEW and asked.may_be_misspelt:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(LENIENT)
            alike = _similar(wanted, asked)
        found = {key: _together(found.get(key, []), alike.get(key, []), asked) for key in found | alike}
    return [_group(kind, found[kind.key], asked) for kind in wanted if found.get(kind.key)]


def _may(request: HttpRequest, kind: Kind) -> bool:
    return isinstance(request.user, User) and may(request.user, Capability(kind.capability))


def _found(wanted: list[Kind], asked: Asked) -> Found:
    found = {kind.key: first(kind.find(asked), asked) for kind in wanted if not isinstance(kind, NamedRows)}
    if len(asked.text) < SHORTEST:
        return found
    named = {kind.key: kind for kind in wanted if isinstance(kind, NamedRows)}
    return found | _read(named, (arm for kind in named.values() for arm in kind.arms(asked)), asked)


def _similar(wanted: list[Kind], asked: Asked) -> Found:
    found = {
        kind.key: list(kind.similar(asked))[: asked.most]
        for kind in wanted
        if not isinstance(kind, NamedRows)
    }
    named = {kind.key: kind for kind in wanted if isinstance(kind, NamedRows)}
    arms = (kind.similar_arm(asked) for kind in named.values())
    return found | _read(named, arms, asked, is_similar=True)


def _read(
    named: dict[str, NamedRows],
    arms: Iterable["QuerySet[Any, Any]"],
    asked: Asked,
    *,
    is_similar: bool = False,
) -> Found:
    """All in one statement."""
    parts = list(arms)
    if not parts:
        return {}
    hits: Found = {}
    for key, pk, name, note in parts[0].union(*parts[1:], all=True):
        hits.setdefault(key, []).append(named[key].hit(pk, name, note, is_similar=is_similar))
    return {key: first(few, asked) for key, few in hits.items()}


def _together(exact: list[Hit], alike: list[Hit], asked: Asked) -> list[Hit]:
    known = {hit.href for hit in exact}
    return [*exact, *(hit for hit in alike if hit.href not in known)][: asked.most]


def _group(kind: Kind, hits: list[Hit], asked: Asked) -> FoundGroup:
    has_more = len(hits) >= asked.most and not hits[-1].is_similar
    there = address(kind.list_url) if kind.list_url and has_more else ""
    whole = f"{there}?{urlencode({'q': asked.text})}{kind.list_query}" if there else ""
    return FoundGroup(kind.key, kind.title, hits, whole)
