"""Every condition: as a set, for one customer, in words, as of the past, and when it may change."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Model

from clm.accounts.models import Organisation
from clm.base.conditions import Asked, Node, parse
from clm.base.facts import BEGINNING
from customers.conditions.event_names import SAID, in_words
from customers.models import Customer, Event, Order, OrderLine, Product, ProfileChange, Refund

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def leaf(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


TREES = [
    leaf("purchase_days", at_least=2),
    leaf("purchase_days", at_least=1, at_most=1),
    leaf("purchase_days", at_least=0, at_most=0),
    leaf("purchase_days", at_least=2, within_days=60),
    leaf("purchased_within", days=30),
    leaf("lapsed", days=30),
    leaf("orders", at_least=2, within_days=90),
    leaf("spent", at_least="40"),
    leaf("bought_product", sku="tea", within_days=100),
    leaf("event", names=["page.viewed"], at_least=2, within_days=60),
    leaf("event", names=["nps.answered"], property="score", at_least_value=9),
    leaf(
        "event",
        names=["nps.answered"],
        within_days=60,
        properties=[
            {"property": "score", "operator": "at_most", "value": 8},
            {"property": "score", "operator": "is_not", "value": "6"},
        ],
    ),
    leaf("field", field="country", operator="is", value="DK"),
    leaf("field", field="country", operator="is_empty"),
    leaf("field", field="fields.plan", operator="contains", value="gol"),
    leaf("first_seen", days=50),
    {"all": [leaf("purchased_within", days=60), {"not": leaf("event", names=["page.viewed"])}]},
    {"any": [leaf("spent", at_least="100"), leaf("field", field="country", operator="is_not", value="DK")]},
]


def world(seed: int, until: datetime = NOW) -> None:
    """A dozen customers with some of everything; facts from `until` on are left out."""
    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE.key})
    chance, tea = random.Random(seed), Product.objects.create(sku="tea", name="Tea")
    for number in range(12):
        customer = Customer.objects.create(
            external_id=str(number), first_seen_at=NOW - timedelta(days=number * 9)
        )
        drawn = [*orders(customer, chance, tea), *events(customer, chance), *changes(customer, chance)]
        for fact in drawn:
            if getattr(fact, "occurred_at", NOW - timedelta(days=999)) < until and _has_order(fact):
                fact.save()


def _has_order(fact: Model) -> bool:
    """Lines and refunds of an order that is not there yet are not either."""
    return not isinstance(fact, OrderLine | Refund) or fact.order.pk is not None


def orders(customer: Customer, chance: random.Random, tea: Product) -> Iterator[Model]:
    for n in range(chance.randint(0, 4)):
        at = NOW - timedelta(minutes=chance.randint(0, 150 * 24 * 60))
        amount, refunded, has_tea = chance.randint(0, 40), chance.random() < 0.3, chance.random() < 0.5
        back = at + timedelta(days=chance.randint(0, 20))
        named = owned(customer, n) | {"currency": "EUR", "rate": 1}
        order = Order(**named, occurred_at=at, gross=amount)
        yield order
        if has_tea:
            yield OrderLine(**owned(customer, n), occurred_at=at, order=order, product=tea, amount=amount)
        if refunded and amount and back < NOW:
            yield Refund(**named, occurred_at=back, order=order, amount=amount)


def events(customer: Customer, chance: random.Random) -> Iterator[Model]:
    for n in range(chance.randint(0, 5)):
        at = NOW - timedelta(days=chance.randint(1, 120))
        name, score = chance.choice(["page.viewed", "nps.answered"]), chance.randint(6, 10)
        yield Event(**owned(customer, n), name=name, occurred_at=at, properties={"score": score})


def changes(customer: Customer, chance: random.Random) -> Iterator[Model]:
    mine = {"customer": customer, "original_customer": customer}
    for field, value, days in (("country", "DK", None), ("country", "SE", 40), ("fields.plan", "gold", 70)):
        at = BEGINNING if days is None else NOW - timedelta(days=days)
        if chance.random() < 0.6:
            yield ProfileChange(**mine, field=field, value=value, occurred_at=at)


def owned(customer: Customer, number: int) -> dict[str, Any]:
    key = f"{customer.external_id}-{number}"
    return {"customer": customer, "original_customer": customer, "source": "t", "key": key}


def asked(as_of: datetime) -> Asked:
    return Asked(ZONE.key, as_of)


def matching(tree: Node, as_of: datetime) -> set[str]:
    return set(Customer.objects.filter(tree.to_q(asked(as_of))).values_list("external_id", flat=True))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_the_set_is_those_for_whom_it_holds_one_by_one_and_each_tells_why(seed: int) -> None:
    world(seed)
    for raw in TREES:
        tree = parse(raw)
        for as_of in (NOW, NOW - timedelta(days=45)):
            found = matching(tree, as_of)
            for customer in Customer.objects.all():
                verdict = tree.explain(Customer.objects.filter(pk=customer.pk), asked(as_of))
                assert verdict is not None
                assert verdict.holds == (customer.external_id in found), (raw, customer.external_id, as_of)
                assert verdict.holds == (not verdict.missing())
                assert all(leaf.evidence and leaf.evidence.have for leaf in verdict.leaves())


def test_conditions_tell_customers_apart() -> None:
    world(1)

    sizes = [len(matching(parse(raw), NOW)) for raw in TREES]

    assert all(0 < size < 12 for size in sizes), dict(zip(map(str, TREES), sizes, strict=True))


def test_as_of_the_past_is_as_if_later_facts_were_not_there() -> None:
    past = NOW - timedelta(days=45)
    world(3)
    then = [matching(parse(raw), past) for raw in TREES]
    for model in (OrderLine, Refund, Order, Event, ProfileChange, Customer, Product):
        model.objects.all().delete()

    world(3, until=past)

    assert then == [matching(parse(raw), past) for raw in TREES]


def test_between_two_of_its_moments_an_answer_never_changes() -> None:
    world(4)
    step = timedelta(days=3)
    for raw in TREES:
        tree, before = parse(raw), NOW - timedelta(days=160)
        moments = {
            (pk, at)
            for query in tree.changes(zone=ZONE.key, known_at=None)
            for pk, at in query.order_by()
            if at
        }
        answers: dict[int, bool] = {}
        for turn in range(66):
            bound = before + turn * step
            holding = set(Customer.objects.filter(tree.to_q(asked(bound))).values_list("pk", flat=True))
            for pk in Customer.objects.values_list("pk", flat=True):
                holds = pk in holding
                if turn and answers[pk] != holds:
                    near = [at for who, at in moments if who == pk and bound - step <= at < bound]
                    assert near, (raw, bound)
                answers[pk] = holds


def test_known_events_are_told_in_words_and_others_by_their_names() -> None:
    did = leaf("event", names=["email.clicked", "door.opened", "form.submitted"], within_days=30)

    told = parse(did).sentence()

    assert told == "clicked in an e-mail or sent a form or did door.opened in the last 30 days"


def test_how_often_stands_where_the_language_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    often = leaf("event", names=["page.viewed"], at_least=2, within_days=90)
    priced = leaf("event", names=["page.viewed", "x.y"], at_least=3, property="page", is_value="pricing")

    english = [parse(one).sentence() for one in (often, priced)]
    monkeypatch.setitem(SAID, "page.viewed", "hat %(often)s eine Seite angesehen")
    german = [parse(one).sentence() for one in (often, priced)]

    assert english == [
        "viewed a page 2 times in the last 90 days",
        "viewed a page or did x.y with page = pricing 3 times",
    ]
    assert german == [
        "hat 2 times in the last 90 days eine Seite angesehen",
        "hat 3 times eine Seite angesehen or did x.y with page = pricing",
    ]
    assert (in_words("cart.abandoned"), in_words("x.y")) == ("Left a cart", "x.y")


def test_sentences_read_as_a_marketer_would_say_them() -> None:
    rule = {"all": [leaf("purchase_days", at_least=3, within_days=365), {"not": leaf("lapsed", days=180)}]}

    assert parse(rule).sentence() == (
        "at least 3 purchase days in the last 365 days and not: last purchase over 180 days ago"
    )
    assert parse(leaf("purchase_days", at_least=1, at_most=1)).sentence() == "exactly 1 purchase day ever"
    assert parse(leaf("field", field="fields.plan", operator="is_set")).sentence() == "plan is known"


def test_what_is_missing_is_said_in_numbers() -> None:
    customer = Customer.objects.create(first_seen_at=NOW)
    owned = {"customer": customer, "original_customer": customer, "source": "t", "currency": "EUR", "rate": 1}
    Order.objects.create(**owned, key="1", occurred_at=NOW - timedelta(days=10), gross=Decimal(10))
    tree = parse(
        {"all": [leaf("purchase_days", at_least=3), leaf("lapsed", days=30), leaf("spent", at_least="25")]}
    )

    verdict = tree.explain(Customer.objects.filter(pk=customer.pk), asked(NOW))

    assert verdict is not None
    assert [(leaf.evidence.have, leaf.evidence.missing) for leaf in verdict.missing() if leaf.evidence] == [
        ("1 purchase day", "2 more purchase days"),
        ("last purchase 10 days ago", "21 more days without a purchase"),
        ("spent 10.00", "15.00 more"),
    ]
    assert [row.occurred_at for row in verdict.leaves()[0].evidence.rows] == [NOW - timedelta(days=10)]  # type: ignore[union-attr]
