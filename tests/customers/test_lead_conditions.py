"""Conditions on leads: as a set, for one, in words, as of the past, and when they may change."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clm.base.conditions import InvalidCondition, parse
from customers.leads import pursuing
from customers.leads.opening import open_lead
from customers.leads.opening_many import PastLead, open_many
from customers.models import Channel, Customer, LeadState, LeadStep
from tests.customers.test_conditions import NOW, ZONE, asked, leaf, matching
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

TREES = [
    leaf("lead"),
    leaf("lead", status=["qualified", "proposal"]),
    leaf("lead", status=["won"], source="fair"),
    leaf("lead", value_at_least="60"),
    leaf("lead", opened_within_days=40),
    leaf("open_lead"),
    leaf("lead_qualified"),
    leaf("lead_qualified", within_days=30),
]
WAYS = [
    [],
    [LeadStep.CONTACTED],
    [LeadStep.CONTACTED, LeadStep.QUALIFIED],
    [LeadStep.QUALIFIED, LeadStep.PROPOSED, LeadStep.CONVERTED],
    [LeadStep.LOST],
    [LeadStep.QUALIFIED, LeadStep.LOST],
]


def world(seed: int) -> None:
    """Sixteen customers with none to two leads of the last 120 days."""
    chance = random.Random(seed)
    channels = [Channel.objects.create(slug=slug, name=slug) for slug in ("fair", "search")]
    pasts = []
    for number in range(16):
        customer = Customer.objects.create(external_id=str(number), first_seen_at=NOW - timedelta(days=200))
        for _turn in range(chance.randint(0, 2)):
            at = NOW - timedelta(days=chance.randint(60, 120), minutes=chance.randint(0, 1000))
            opened, steps = at, []
            for step in chance.choice(WAYS):
                at += timedelta(days=chance.randint(1, 19), minutes=chance.randint(1, 900))
                steps.append((step, at))
            value, channel = Decimal(chance.randint(0, 100)), chance.choice(channels).pk
            past = PastLead(customer.pk, opened, steps, value=value, channel_id=channel, lost_reason="No"
                            if steps and steps[-1][0] == LeadStep.LOST else "")  # fmt: skip
            pasts.append(past)
    open_many(pasts, by=None)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_the_set_is_those_for_whom_it_holds_one_by_one_and_each_tells_why(seed: int) -> None:
    world(seed)
    for raw in TREES:
        tree = parse(raw)
        for as_of in (NOW, NOW - timedelta(days=75)):
            found = matching(tree, as_of)
            for customer in Customer.objects.all():
                verdict = tree.explain(Customer.objects.filter(pk=customer.pk), asked(as_of))
                assert verdict is not None
                assert verdict.holds == (customer.external_id in found), (raw, customer.external_id, as_of)
                assert verdict.holds == (not verdict.missing())
                assert verdict.evidence
                assert verdict.evidence.have
                assert bool(verdict.evidence.rows) == verdict.holds


def test_conditions_tell_customers_apart() -> None:
    world(1)

    sizes = [len(matching(parse(raw), NOW - timedelta(days=55))) for raw in TREES]

    assert all(0 < size < 16 for size in sizes), dict(zip(map(str, TREES), sizes, strict=True))


def test_as_of_the_past_is_as_if_later_facts_were_not_there() -> None:
    past = NOW - timedelta(days=75)
    world(3)
    then = [matching(parse(raw), past) for raw in TREES]

    LeadState.objects.filter(occurred_at__gte=past).delete()

    assert then == [matching(parse(raw), past) for raw in TREES]
    assert any(then)


def test_between_two_of_its_moments_an_answer_never_changes() -> None:
    world(4)
    step = timedelta(days=3)
    changed = 0
    for raw in TREES:
        tree, before = parse(raw), NOW - timedelta(days=130)
        queries = tree.changes(zone=ZONE.key, known_at=None)
        moments = {(pk, at) for query in queries for pk, at in query.order_by() if at}
        answers: dict[int, bool] = {}
        for turn in range(60):
            bound = before + turn * step
            holding = set(Customer.objects.filter(tree.to_q(asked(bound))).values_list("pk", flat=True))
            for pk in Customer.objects.values_list("pk", flat=True):
                holds = pk in holding
                if turn and answers[pk] != holds:
                    changed += 1
                    assert [at for who, at in moments if who == pk and bound - step <= at < bound], (
                        raw,
                        bound,
                    )
                answers[pk] = holds
    assert changed > 40


def test_a_lead_is_what_it_was_and_what_is_known_of_it_now(owner) -> None:
    lead = open_lead(by=owner, customer=CustomerFactory(external_id="a"), values={})
    opened = LeadState.objects.get().occurred_at
    pursuing.qualify(lead, by=owner)
    qualified = LeadState.objects.get(step="qualified").occurred_at
    new, is_qualified = parse(leaf("lead", status=["new"])), parse(leaf("lead", status=["qualified"]))

    assert [matching(new, at) for at in (opened, qualified, qualified + timedelta(seconds=1))] == [
        set(),
        {"a"},
        set(),
    ]
    assert [matching(is_qualified, at) for at in (qualified, qualified + timedelta(seconds=1))] == [
        set(),
        {"a"},
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (leaf("open_lead"), "has an open lead"),
        (leaf("lead", status=["new", "won"], source="fair"), "has a lead, status new or won, source fair"),
        (
            leaf("lead", value_at_least="1000", opened_within_days=30),
            "has a lead, value at least 1,000, opened in the last 30 days",
        ),
        (leaf("lead_qualified", within_days=1), "a lead was qualified in the last 1 day"),
        (leaf("lead_qualified"), "a lead was qualified"),
    ],
)
def test_sentences(raw: dict[str, Any], said: str) -> None:
    assert parse(raw).sentence() == said


def test_an_owner_is_called_by_name(owner) -> None:
    assert parse(leaf("lead", owner=owner.pk)).sentence() == "has a lead, owner Olga"


def test_a_status_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidCondition, match="choose from new, contacted"):
        parse(leaf("lead", status=["hot"]))
