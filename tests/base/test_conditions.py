"""Reading a stored condition: what is wrong is named by its path, with the cure."""

from typing import Any

import pytest

from clm.base.conditions import InvalidCondition, parse

TEST = {"condition": "purchased_within", "parameters": {"days": 30}}


def nested(depth: int, *, turned_round: bool = False) -> dict[str, Any]:
    tree = TEST if depth == 0 else {"all": [nested(depth - 1, turned_round=turned_round)]}
    return {"not": tree} if turned_round else tree


def turned(times: int) -> dict[str, Any]:
    return TEST if times == 0 else {"not": turned(times - 1)}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([], "condition: expected a group or a test"),
        ({"all": []}, "condition.all: give at least one test."),
        ({"any": [{"all": {}}]}, "condition.any[0].all: give at least one test."),
        ({"condition": "wealthy"}, "condition: there is no condition “wealthy”"),
        ({"condition": "purchased_within"}, "condition.purchased_within.days: is required."),
        ({"condition": "purchased_within", "parameters": {"days": "many"}}, "days: expected a whole number."),
        ({"condition": "purchased_within", "parameters": {"days": True}}, "days: expected a whole number."),
        ({"condition": "purchased_within", "parameters": {"days": -5}}, "days: is at least 0."),
        ({"condition": "purchased_within", "parameters": {"days": 99999}}, "days: is at most 36500."),
        (
            {"condition": "purchased_within", "parameters": {"weeks": 1}},
            "unknown parameter “weeks”. Known: days.",
        ),
        ({"condition": "purchased_within", "parameters": [1]}, "parameters: expected an object."),
        ({"condition": "spent", "parameters": {"at_least": "NaN"}}, "at_least: expected a number."),
        ({"condition": "spent", "parameters": {"at_least": "1e-99999"}}, "at_least: At most four decimals"),
        ({"condition": "event", "parameters": {"names": "page.viewed"}}, "names: expected a list of texts"),
        ({"condition": "field", "parameters": {"field": "pay", "operator": "is"}}, "no profile field “pay”"),
        (
            {"condition": "field", "parameters": {"field": "country", "operator": "~"}},
            "operator: choose from is,",
        ),
        ({"all": [TEST], "any": [TEST]}, "expected “condition” and “parameters”."),
        (nested(5), "nested deeper than 5 levels"),
        (turned(6), "nested deeper than 5 levels"),
        ({"any": [TEST] * 51}, "at most 50 tests"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place_and_the_cure(tree: Any, message: str) -> None:
    with pytest.raises(InvalidCondition) as refused:
        parse(tree)

    assert message in str(refused.value)


@pytest.mark.parametrize("tree", [nested(4), nested(4, turned_round=True), turned(5)])
def test_five_levels_are_fine_turned_round_or_not(tree: Any) -> None:
    assert len(list(parse(tree).leaves())) == 1


def test_equal_leaves_are_one_condition() -> None:
    tree = parse({"any": [TEST, {"all": [TEST, {"not": TEST}]}]})

    assert len(list(tree.leaves())) == 3
    assert len(tree.conditions()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["²", "Acme"])
def test_a_company_that_is_no_number_is_said_as_it_stands(value: str) -> None:
    tree = parse({"condition": "field", "parameters": {"field": "company", "operator": "is", "value": value}})

    assert tree.sentence().endswith(f"is {value}")
