"""Conditions on what was consented to, and on chance."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clm.base.conditions import Asked, parse
from customers.conditions.buckets import part_of
from customers.models import Customer
from tests.factories import ConsentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def matching(condition: str, as_of: datetime = NOW, **parameters: Any) -> set[Customer]:
    tree = parse({"not": {"condition": condition, "parameters": parameters}})
    asked = Asked(zone="Europe/Copenhagen", as_of=as_of)
    others = Customer.objects.filter(tree.to_q(asked))
    found = Customer.objects.filter(parse({"condition": condition, "parameters": parameters}).to_q(asked))
    assert set(found) | set(others) == set(Customer.objects.all())  # everybody is in one of the two
    assert not set(found) & set(others)
    return set(found)


def test_the_last_word_on_a_purpose_counts_as_of_the_day() -> None:
    ada, bo, _never = CustomerFactory(), CustomerFactory(), CustomerFactory()
    for customer in (ada, bo):
        ConsentFactory(customer=customer, occurred_at=NOW - timedelta(days=9))
    ConsentFactory(customer=bo, occurred_at=NOW - timedelta(days=3), is_given=False)
    ConsentFactory(customer=bo, occurred_at=NOW - timedelta(days=2), purpose="profiling")

    assert matching("consent", purpose="marketing") == {ada}
    assert matching("consent", purpose="marketing", as_of=NOW - timedelta(days=4)) == {ada, bo}
    assert matching("consent", purpose="profiling") == {bo}


def test_a_random_part_is_drawn_once_for_ever_and_parts_make_a_whole() -> None:
    everybody = {CustomerFactory() for _number in range(60)}

    halves = matching("random_bucket", first=1, last=50), matching("random_bucket", first=51, last=100)
    other_draw = matching("random_bucket", first=1, last=50, draw="mai")

    assert halves[0] | halves[1] == everybody
    assert {len(halves[0]) + len(halves[1])} == {60}
    assert halves[0] == {one for one in everybody if part_of(one.pk, "") <= 50}
    assert other_draw == {one for one in everybody if part_of(one.pk, "mai") <= 50}


def test_a_hundred_parts_are_about_even() -> None:
    drawn = [part_of(number, "") for number in range(20_000)]

    assert {min(drawn), max(drawn)} == {1, 100}
    assert all(130 < drawn.count(part) < 270 for part in range(1, 101))
