"""Placeholders that would stay empty, and for how many: “Hello ,” is to be seen before it is sent."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise

from campaigns.rendering import FIELDS, KINDS, Text
from campaigns.rendering.liquid import PIECE
from customers.models import Customer

EMPTY = {
    "customer.first_name": Q(first_name=""),
    "customer.last_name": Q(last_name=""),
    "customer.name": Q(name=""),
    "customer.phone": Q(phone=""),
    "customer.company": Q(company=None),
    "customer.country": Q(country=""),
    "customer.external_id": Q(external_id=""),
    "customer.first_order_on": Q(purchases__first_order_at=None),
    "customer.last_order_on": Q(purchases__last_order_at=None),
}
_BEGINS, _ENDS = ("if", "unless", "case", "for", "comment"), "end"


@dataclass(frozen=True)
class Lack:
    label: str | Promise
    number: int
    everybody: int


def lacks(texts: Iterable[Text], customers: QuerySet[Customer]) -> list[Lack]:
    """One query, and none where every placeholder is sure to be filled."""
    paths = sorted({path for text in texts for path in bare(text)})
    if not paths:
        return []
    numbers = {f"n{place}": Count("pk", filter=EMPTY[path]) for place, path in enumerate(paths)}
    found: dict[str, int] = customers.aggregate(everybody=Count("pk"), **numbers)
    told = [
        Lack(FIELDS[path].label, found[f"n{place}"], found["everybody"]) for place, path in enumerate(paths)
    ]
    return [each for each in told if each.number]


def bare(text: Text) -> set[str]:
    """The placeholders that nothing stands in for: no `default`, and no tag around them that could ask first."""
    return {path for source in _sources(text) for path in _bare_in(source) if path in EMPTY}


def _sources(text: Text) -> Iterator[Any]:
    yield from (text.subject, text.preheader)
    for block in text.blocks:
        yield from (
            block.get(part.name, "") for part in KINDS[block["kind"]].parts if part.takes_placeholders
        )


def _bare_in(source: str) -> Iterator[str]:
    depth = 0
    for piece in PIECE.findall(source):
        words = piece.strip("{}%- ").split()
        if piece.startswith("{%"):
            first = words[0] if words else ""
            depth += (first in _BEGINS) - first.startswith(_ENDS)
        elif not depth and not re.search(r"\|\s*default\b", piece):
            yield words[0].split("|")[0] if words else ""
