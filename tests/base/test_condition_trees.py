"""What a tree of conditions says, and how it explains itself, whatever is turned round in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any as Anything

from django.db.models import Model, Q

from clm.base.conditions import All, Any, Asked, Condition, Evidence, FactRef, Leaf, Node, Not, Verdict

ASKED = Asked(zone="UTC", as_of=datetime(2026, 7, 1, tzinfo=UTC))
NOBODY: Anything = None


@dataclass(frozen=True)
class Did(Condition):
    """Of somebody who did it there is one row; of who did not, one is missing."""

    what: str

    def to_q(self, asked: Asked) -> Q:
        raise NotImplementedError

    def changes(self, *, zone: str, known_at: datetime | None) -> list[Anything]:
        return []

    def sentence(self) -> str:
        return self.what

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        rows = [FactRef(self.what, ASKED.instant)] if holds else []
        return Evidence(f"{len(rows)} {self.what}", f"do {self.what}", rows)


BUY, READ = Did("buy"), Did("read")
WAYS = [dict(zip((BUY, READ), each, strict=True)) for each in product([True, False], repeat=2)]


def trees(depth: int) -> list[Node]:
    """All of two conditions, in groups of one and two."""
    if not depth:
        return [Leaf(BUY), Leaf(READ)]
    inner = trees(depth - 1)
    turned: Iterator[Node] = (Not(one) for one in inner)
    alone = (group((one,)) for group in (All, Any) for one in inner)
    pairs = (group(two) for group in (All, Any) for two in product(inner, repeat=2))
    return [*inner, *turned, *alone, *pairs]


def verdict_of(tree: Node, truths: dict[Did, bool]) -> Verdict:
    return tree.verdict(dict(truths), NOBODY, ASKED)


def test_trees_that_mean_different_things_never_read_the_same() -> None:
    meant: dict[str, list[bool]] = {}
    several = trees(2)
    for tree in [*several, *map(Not, several)]:
        meaning = [tree.holds(dict(truths)) for truths in WAYS]

        assert meant.setdefault(tree.sentence(), meaning) == meaning

    assert len(several) > 500


def test_what_is_said_of_the_whole_follows_from_what_is_said_of_its_leaves() -> None:
    def follows(verdict: Verdict) -> bool:
        if not verdict.parts:
            return verdict.holds
        return (any if verdict.any_of else all)(follows(part) for part in verdict.parts)

    for tree, truths in product(trees(2), WAYS):
        verdict = verdict_of(tree, truths)

        assert verdict.holds == follows(verdict) == tree.holds(dict(truths))
        assert all(leaf.evidence for leaf in verdict.leaves())
        assert bool(verdict.missing()) != verdict.holds


def test_a_group_turned_round_is_told_in_brackets() -> None:
    both = All((Leaf(BUY), Leaf(READ)))

    assert Not(both).sentence() == "not: (buy and read)"
    assert All((Not(Leaf(BUY)), Leaf(READ))).sentence() == "not: buy and read"
    assert Not(All((Not(Leaf(BUY)), Not(Leaf(READ))))).sentence() == "not: (not: buy and not: read)"
    assert Any((Not(both), Leaf(READ))).sentence() == "(not: (buy and read)) or read"
    assert Not(All((both,))).sentence() == "not: (buy and read)"


def test_a_group_turned_round_explains_itself_leaf_by_leaf() -> None:
    neither = Not(Any((Leaf(BUY), Leaf(READ))))

    verdict = verdict_of(neither, {BUY: True, READ: False})

    assert [(leaf.sentence, leaf.holds) for leaf in verdict.leaves()] == [
        ("not: buy", False),
        ("not: read", True),
    ]
    (missing,) = verdict.missing()
    assert (missing.sentence, missing.evidence) == (
        "not: buy",
        Evidence("1 buy", "", [FactRef("buy", ASKED.instant)]),
    )


def test_what_is_denied_twice_is_told_as_it_is() -> None:
    some = Not(All((Not(Leaf(BUY)), Not(Leaf(READ)))))

    verdict = verdict_of(some, {BUY: True, READ: False})

    assert verdict.any_of
    assert [(leaf.sentence, leaf.holds) for leaf in verdict.leaves()] == [("buy", True), ("read", False)]


def test_nothing_is_missing_of_what_holds() -> None:
    for tree in (Leaf(BUY), Not(Leaf(READ))):
        (leaf,) = verdict_of(tree, {BUY: True, READ: False}).leaves()

        assert leaf.evidence is not None
        assert (leaf.holds, leaf.evidence.missing) == (True, "")
