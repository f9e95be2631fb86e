"""What the builder tells while conditions are put together: how many match, examples, and what can't be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from clm.accounts.models import User
from customers import previewing
from customers.models import Customer
from tests.customers.building import dynamic, sent
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_the_preview_counts_and_shows_examples_with_why(marketer: User, sign_in: SignIn) -> None:
    for name in ("Ada", "Bob"):
        OrderFactory(customer=CustomerFactory(name=name))
    CustomerFactory(name="Cleo")

    part = (
        sign_in(marketer).post("/conditions/preview/", sent(("orders", {"at_least": "1"}))).content.decode()
    )

    assert "2 customers match" in part
    assert "At least 1 order." in part
    assert "Ada" in part
    assert "1 order" in part
    assert "Cleo" not in part


def test_a_count_whose_examples_take_too_long_does_not_say_that_nobody_matches(
    marketer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_given: Any) -> None:
        raise OperationalError

    OrderFactory(customer=CustomerFactory(name="Ada"))
    monkeypatch.setattr("customers.previewing._example", too_slow)

    part = sign_in(marketer).post("/conditions/preview/", sent(("orders", {"at_least": "1"})))

    text = part.content.decode()
    assert "1 customer matches" in text
    assert not any(said in text for said in ("Ada", "For example", "Nobody matches yet"))


def test_of_examples_that_take_too_long_those_found_are_shown(
    marketer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada", "Bob", "Cleo"):
        OrderFactory(customer=CustomerFactory(name=name))
    explained = previewing._example

    def too_slow_for_ada(pk: int, *given: Any) -> Any:
        if Customer.objects.get(pk=pk).name == "Ada":
            raise OperationalError
        return explained(pk, *given)

    monkeypatch.setattr(previewing, "_example", too_slow_for_ada)

    part = sign_in(marketer).post("/conditions/preview/", sent(("orders", {"at_least": "1"})))

    text = part.content.decode()
    assert [said in text for said in ("3 customers match", "Cleo", "Bob", "Ada")] == [True, True, True, False]


def test_a_preview_of_a_rep_is_of_the_own_customers(owner: User, sign_in: SignIn) -> None:
    OrderFactory(customer=CustomerFactory(name="Ada", owner=owner))
    OrderFactory(customer=CustomerFactory(name="Stranger"))

    part = sign_in(owner).post("/conditions/preview/", sent(("orders", {"at_least": "1"}))).content.decode()

    assert "1 customer matches" in part
    assert "Stranger" not in part


def test_an_unfinished_tree_is_not_counted(marketer: User, sign_in: SignIn) -> None:
    part = sign_in(marketer).post("/conditions/preview/", sent(("orders", {}))).content.decode()

    assert "Complete the tests" in part


def test_a_preview_says_what_can_t_be_as_typed_and_at_which_field(marketer: User, sign_in: SignIn) -> None:
    tests = sent(
        ("orders", {"at_least": "-5"}), ("field", {"field": "country", "operator": "is", "value": ""})
    )

    part = sign_in(marketer).post("/conditions/preview/", tests).content.decode()

    assert part.count("data-slip=") == 1
    assert 'data-slip="conditions-0.0-p-at_least" data-reason="Is at least 1."' in part
    assert "At least: Is at least 1." in part


def test_a_private_segment_can_not_be_guessed_in_a_preview(
    marketer: User, manager: User, sign_in: SignIn
) -> None:
    dynamic(marketer, is_shared=False)
    guess = sent(("in_segment", {"segment": "buyers"}))

    guessed = sign_in(manager).post("/conditions/preview/", guess).content.decode()
    own = sign_in(marketer).post("/conditions/preview/", guess).content.decode()

    assert "There is no segment “buyers”. Choose one that exists." in guessed
    assert ("Buyers" in guessed, "Nobody matches" in guessed) == (False, False)
    assert "0 customers match" in own
