"""Conditions on surveys: as a set, for one customer, in words, as of the past, and when they may change."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Invitation, Response, Survey
from clm.accounts.models import Organisation
from clm.base.conditions import Asked, InvalidCondition, parse
from customers.models import Customer
from tests.campaigns.surveyed import answered
from tests.factories import CustomerFactory

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def leaf(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


TREES = [
    leaf("nps_score", at_least=9),
    leaf("nps_score", at_least=9, within_days=60),
    leaf("nps_score", at_most=6, survey="nps"),
    leaf("last_nps_score", at_least=7, at_most=8),
    leaf("last_nps_score", at_least=0, within_days=50),
    leaf("not_asked"),
    leaf("not_asked", within_days=40),
    leaf("not_asked", survey="nps", within_days=90),
    {"not": leaf("last_nps_score", at_least=9)},
]


def world(seed: int, until: datetime = NOW) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"zone": ZONE.key})
    chance, surveys = (
        random.Random(seed),
        [Survey.objects.main(), Survey.objects.establish(by=None, name="B")],
    )
    for number in range(14):
        customer = CustomerFactory(external_id=str(number))
        for key in range(chance.choice([0, 0, 1, 3, 4, 5])):
            at = NOW - timedelta(minutes=chance.randint(0, 150 * 24 * 60))
            survey, score, was_asked = chance.choice(surveys), chance.randint(0, 10), chance.random() < 0.3
            if at >= until:
                continue
            if was_asked:
                Invitation.objects.create(customer=customer, original_customer=customer, survey=survey,
                                          source="t", key=f"{number}-{key}", occurred_at=at)  # fmt: skip
            else:
                answered(customer, score, at=at, survey=survey)


def asked_at(as_of: datetime) -> Asked:
    return Asked(ZONE.key, as_of)


def matching(raw: dict[str, Any], as_of: datetime) -> set[str]:
    found = Customer.objects.filter(parse(raw).to_q(asked_at(as_of)))
    return set(found.values_list("external_id", flat=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_set_is_those_for_whom_it_holds_one_by_one_and_each_tells_why(seed: int) -> None:
    world(seed)
    for raw in TREES:
        tree = parse(raw)
        for as_of in (NOW, NOW - timedelta(days=45)):
            found = matching(raw, as_of)
            for customer in Customer.objects.all():
                verdict = tree.explain(Customer.objects.filter(pk=customer.pk), asked_at(as_of))
                assert verdict is not None
                assert verdict.holds == (customer.external_id in found), (raw, customer.external_id, as_of)
                assert all(leaf.evidence and leaf.evidence.have for leaf in verdict.leaves())


def test_they_tell_customers_apart() -> None:
    world(5)

    sizes = [len(matching(raw, NOW)) for raw in TREES]

    assert all(0 < size < 14 for size in sizes), dict(zip(map(str, TREES), sizes, strict=True))


def test_as_of_the_past_is_as_if_later_answers_were_not_there() -> None:
    past = NOW - timedelta(days=45)
    world(3)
    then = [matching(raw, past) for raw in TREES]
    for model in (Response, Invitation, Survey, Customer):
        model.objects.all().delete()

    world(3, until=past)

    assert then == [matching(raw, past) for raw in TREES]


def test_between_two_of_its_moments_an_answer_never_changes() -> None:
    world(4)
    step, start = timedelta(days=3), NOW - timedelta(days=160)
    for raw in TREES:
        tree = parse(raw)
        moments = {row for query in tree.changes(zone=ZONE.key, known_at=None) for row in query.order_by()}
        before: set[int] = set()
        for turn in range(66):
            bound = start + turn * step
            now = set(Customer.objects.filter(tree.to_q(asked_at(bound))).values_list("pk", flat=True))
            for pk in (before ^ now) if turn else ():
                assert [at for who, at in moments if who == pk and bound - step <= at < bound], (raw, bound)
            before = now


def test_the_last_answer_counts_as_they_think_now() -> None:
    customer = CustomerFactory(external_id="changed")
    answered(customer, 10, at=NOW - timedelta(days=20))
    answered(customer, 3, at=NOW - timedelta(days=10))

    assert matching(leaf("last_nps_score", at_least=9), NOW) == set()
    assert matching(leaf("last_nps_score", at_least=9), NOW - timedelta(days=15)) == {"changed"}
    assert matching(leaf("nps_score", at_least=9), NOW) == {"changed"}


def test_a_superseded_answer_counts_only_for_who_asks_as_known_then() -> None:
    customer = CustomerFactory()
    first = answered(customer, 10, at=NOW - timedelta(days=20))
    first.amend(score=2)
    tree = parse(leaf("nps_score", at_least=9))
    then = Asked(ZONE.key, NOW, known_at=first.recorded_at)

    assert not Customer.objects.filter(tree.to_q(asked_at(NOW))).exists()
    assert Customer.objects.filter(tree.to_q(then)).exists()


def test_sentences_read_as_a_marketer_would_say_them() -> None:
    Survey.objects.main()

    assert parse(leaf("nps_score", at_least=9, within_days=365)).sentence() == (
        "answered NPS with 9 to 10 in the last 365 days"
    )
    assert parse(leaf("not_asked")).sentence() == "was never asked by a survey"
    assert parse(leaf("not_asked", survey="nps", within_days=1)).sentence() == (
        "was not asked by “nps” in the last 1 day"
    )


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (leaf("nps_score", at_least=11), "at_least"),
        (leaf("last_nps_score", at_most=-1), "at_most"),
        (leaf("not_asked", survey="no-such"), "survey"),
    ],
)
def test_what_cannot_be_tested_names_the_leaf(raw: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidCondition, match=told):
        parse(raw)
