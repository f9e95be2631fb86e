"""Every condition that any app offers, over random companies: one by one as in a set, quickly as slowly, then as now.

The tests draw from the registry: a condition, or a parameter of one, that nobody gave values here fails the first.
"""

import dataclasses
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField, Q, Value

from clm.base.conditions import All, Any, Asked, Condition, Leaf, Node, Not, offered, parse
from clm.base.conditions.asking import truths_for
from clm.base.conditions.stepping import row_by_row
from clm.base.facts import Fact
from customers.models import Customer
from tests.every_condition import NOW, VALUES, ZONE, world

pytestmark = pytest.mark.django_db

SEEDS = range(max(int(os.environ.get("PROPERTY_EXAMPLES", "8")) // 4, 2))
# Tests of nothing being there, or of the customer's own row: no fact speaks for them.
WITHOUT_ROWS = ("not_asked", "first_seen", "field", "in_segment", "score", "random_bucket")
# Their evidence is weighed in Python, from the rows: it has nothing missing just where the SQL holds.
WEIGHED = ("purchase_days", "purchased_within", "lapsed", "orders", "spent", "bought_product", "event")


class Undone(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is built and taken away is as if it had not been; keys that lead nowhere are never looked at."""
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


def drawn(chance: random.Random, times: int = 2) -> list[Condition]:
    """Of each condition, with parameters drawn anew."""
    found = []
    for name, of_parameters in VALUES.items():
        for _turn in range(times):
            parameters = {key: chance.choice(values) for key, values in of_parameters.items()}
            node = parse({"condition": name, "parameters": parameters})
            assert isinstance(node, Leaf)
            found.append(node.condition)
    return found


def instant(chance: random.Random) -> datetime:
    return NOW - timedelta(minutes=chance.randint(0, 100 * 24 * 60))


def holding(condition: Condition, asked: Asked) -> set[int]:
    return set(Customer.objects.filter(condition.to_q(asked)).values_list("pk", flat=True))


def test_each_condition_that_is_offered_has_values_to_draw() -> None:
    known = {name: {one.name for one in dataclasses.fields(kind)} for name, kind in offered().items()}  # type: ignore[arg-type]

    assert {name: set(values) for name, values in VALUES.items()} == known


@pytest.mark.parametrize("seed", SEEDS)
def test_one_by_one_as_in_a_set_and_each_says_why(seed: int) -> None:
    chance = random.Random(seed)
    with undone():
        world(chance)
        conditions, as_of = drawn(chance), instant(chance)
        asked = Asked(ZONE, as_of)
        sets = {condition: holding(condition, asked) for condition in conditions}

        for customer in Customer.objects.all():
            truths = truths_for(customer, conditions, asked)
            for condition in conditions:
                assert truths[condition] == (customer.pk in sets[condition]), (condition, as_of)
                said_why(condition, customer, asked, truths)


def said_why(condition: Condition, customer: Customer, asked: Asked, truths: dict[Condition, bool]) -> None:
    evidence = Leaf(condition).verdict(truths, customer, asked).evidence
    assert evidence is not None
    assert evidence.have, condition
    assert all(row.occurred_at < asked.instant for row in evidence.rows), condition
    if condition.name in WEIGHED:
        assert truths[condition] == (not evidence.missing), (condition, evidence)
    wants_something = getattr(condition, "at_least", 1) or condition.name == "last_nps_score"
    if truths[condition] and wants_something and condition.name not in WITHOUT_ROWS:
        assert evidence.rows, condition


@pytest.mark.parametrize("seed", SEEDS)
def test_the_quick_ways_answer_as_the_slow_ones_do(seed: int) -> None:
    """With the instant in SQL as with its days counted here; what is known now as what was known by now."""
    chance = random.Random(seed)
    with undone():
        world(chance)
        conditions, as_of = drawn(chance), instant(chance)
        every = Customer.objects.annotate(moment=Value(as_of, DateTimeField()))
        later = NOW + timedelta(days=3650)

        for condition in conditions:
            plain = holding(condition, Asked(ZONE, as_of))
            by_row = every.filter(condition.to_q(Asked(ZONE, "moment")))
            assert set(by_row.values_list("pk", flat=True)) == plain, (condition, as_of)
            assert holding(condition, Asked(ZONE, as_of, known_at=later)) == plain, (condition, as_of)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tree_says_the_same_row_by_row(seed: int) -> None:
    chance = random.Random(seed)
    with undone():
        world(chance)
        conditions, asked = drawn(chance, times=1), Asked(ZONE, instant(chance))
        sets = {condition: holding(condition, asked) for condition in conditions}
        everybody = set(Customer.objects.values_list("pk", flat=True))

        for one in conditions:
            two, three = chance.sample(conditions, 2)
            tree = All((Not(All((Leaf(one), Leaf(two)))), Any((Leaf(three), Not(Leaf(one))))))
            found = Customer.objects.filter(row_by_row(tree.to_q(asked)))
            wanted = (everybody - (sets[one] & sets[two])) & (sets[three] | (everybody - sets[one]))
            assert set(found.values_list("pk", flat=True)) == wanted, (tree, asked)


def test_what_is_one_way_of_several_is_asked_of_each_row() -> None:
    bought = parse({"condition": "purchased_within", "parameters": {"days": 30}})
    clicked = parse({"condition": "event", "parameters": {"names": ["email.clicked"], "at_least": 1}})
    asked = Asked(ZONE, NOW)

    def steps(tree: Node) -> int:
        return str(Customer.objects.filter(row_by_row(tree.to_q(asked))).query).count("OFFSET 0")

    assert steps(All((bought, Not(clicked)))) == 0
    assert steps(Any((bought, clicked))) == 2
    assert steps(Not(All((bought, clicked)))) == 2
    assert steps(Not(Any((bought, clicked)))) == 0
    assert steps(Not(Not(Any((bought, clicked))))) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_then_as_if_nothing_had_come_later(seed: int) -> None:
    """Asked as of an instant, what happened later is not there; as known at one, nor what was learned later."""
    chance = random.Random(seed)
    with undone():
        world(chance)
        conditions, as_of = drawn(chance), instant(chance)
        known_at = as_of + timedelta(days=chance.randint(-20, 40))
        ways = [Asked(ZONE, as_of), Asked(ZONE, as_of, known_at=known_at)]
        before = [[holding(condition, asked) for condition in conditions] for asked in ways]

        take_away_from(as_of)
        for condition, then in zip(conditions, before[0], strict=True):
            assert holding(condition, ways[0]) == then, (condition, as_of)
        take_away_unknown_at(known_at)
        for condition, then in zip(conditions, before[1], strict=True):
            assert holding(condition, ways[1]) == then, (condition, as_of, known_at)


# Begins and ends of what lasts, beside the facts, which say it themselves.
LASTING = {
    "StagePeriod": ("entered_at", "left_at"),
    "SegmentMember": ("entered_at", "left_at"),
    "Enrollment": ("entered_at", "finished_at"),
    "Message": ("sent_at", None),
}


def take_away_from(as_of: datetime) -> None:
    for kind in apps.get_models():
        if issubclass(kind, Fact):
            _gone(kind, Q(occurred_at__gte=as_of))
        if kind.__name__ in LASTING:
            _unlasting(kind, ">=", as_of)


def take_away_unknown_at(known_at: datetime) -> None:
    for kind in apps.get_models():
        if hasattr(kind, "superseded_at"):
            _gone(kind, Q(recorded_at__gt=known_at))
            kind._default_manager.filter(superseded_at__gt=known_at).update(superseded_at=None)
        if kind.__name__ in LASTING and kind.__name__ != "StagePeriod":
            _unlasting(kind, ">", known_at)
        elif kind.__name__ == "StagePeriod":
            kind._default_manager.filter(left_at__gt=known_at).update(left_at=None)


def _unlasting(kind: type, compared: str, at: datetime) -> None:
    begun, ended = LASTING[kind.__name__]
    lookup = "gte" if compared == ">=" else "gt"
    _gone(kind, Q(**{f"{begun}__{lookup}": at}))
    if ended:
        opened = {ended: None} | ({"outcome": "", "next_step_at": at} if ended == "finished_at" else {})
        kind._default_manager.filter(**{f"{ended}__{lookup}": at}).update(**opened)  # type: ignore[attr-defined]


def _gone(kind: type, rows: Q) -> None:
    found = kind._default_manager.filter(rows)  # type: ignore[attr-defined]
    found._raw_delete(found.db)
