"""What is asked over and over is built once, and answered with the rows as they are now."""

from typing import Any

import pytest
from django.db.models import QuerySet, Value

from clm.accounts.models import User
from clm.base import compiled
from customers.models import Customer
from tests.factories import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_questions", {})


def test_a_question_is_built_once_and_answered_anew() -> None:
    built: list[QuerySet[Customer]] = []

    def build() -> QuerySet[Customer]:
        built.append(Customer.objects.order_by("name"))
        return built[-1]

    CustomerFactory(name="b")
    before = [row.name for row in compiled.rows("all", build)]
    CustomerFactory(name="a")
    Customer.objects.filter(name="b").update(name="c")

    assert before == ["b"]
    assert [row.name for row in compiled.rows("all", build)] == ["a", "c"]
    assert len(built) == 1


def test_another_key_is_another_question() -> None:
    CustomerFactory(name="a", country="DK")
    CustomerFactory(name="b", country="SE")

    found = [
        compiled.rows(("of", country), lambda country=country: Customer.objects.filter(country=country))
        for country in ("DK", "SE")
    ]

    assert [[row.name for row in rows] for rows in found] == [["a"], ["b"]]


def test_it_is_asked_with_other_numbers(owner: User, stranger: User) -> None:
    theirs = [CustomerFactory(owner=user) for user in (owner, stranger)]

    def build(user: int) -> QuerySet[Customer]:
        return Customer.objects.filter(owner=User(pk=user))

    assert [compiled.rows("theirs", build, user.pk) for user in (owner, stranger, owner)] == [
        [theirs[0]],
        [theirs[1]],
        [theirs[0]],
    ]


def test_rows_come_with_what_was_joined_and_added(django_assert_num_queries: Any) -> None:
    CustomerFactory(company=CompanyFactory(name="Acme"), fields={"tier": "gold"})

    def build() -> QuerySet[Customer]:
        return Customer.objects.select_related("company").annotate(seven=Value(7))

    for _time in range(2):
        with django_assert_num_queries(1):
            (row,) = compiled.rows("joined", build)
            assert (row.company.name, row.seven, row.fields) == ("Acme", 7, {"tier": "gold"})


def test_plain_values_and_counts_are_asked_alike() -> None:
    CustomerFactory.create_batch(3, country="DK")

    def told(_time: int) -> tuple[list[dict[str, str]], int]:
        rows = compiled.rows("values", lambda: Customer.objects.values("country")[:2])
        return rows, compiled.count("count", lambda: Customer.objects.all()[:2])

    assert [told(time) for time in range(2)] == [([{"country": "DK"}] * 2, 2)] * 2


def test_so_many_questions_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MOST", 2)

    for number in range(5):
        compiled.rows(number, Customer.objects.all)

    assert len(compiled._questions) <= 2
