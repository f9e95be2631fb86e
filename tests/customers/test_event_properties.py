"""Tests of what an event's properties are: what fits, what is refused, how it is said, stored and built."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from clm.base.conditions import Asked, InvalidCondition, parse, vet
from clm.base.conditions.inputs import raw_values
from clm.base.conditions.leaving import Leaving, merged
from clm.base.conditions.sketch import finished, sketch_of
from clm.base.conditions.storing import stored
from clm.base.facts import BEGINNING
from customers.conditions import DidEvent, event_properties
from customers.conditions.event_properties import lately_said
from customers.models import Customer
from tests.customers.asked_of_events import did, prop
from tests.factories import CustomerFactory, EventFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOSTILE = [
    "9" * 400,
    "1e400",
    "-" + "9" * 18 + "." + "1" * 20_000,
    "٣",
    "0x10",
    "NaN",
    "Infinity",
    "%s{}",
    "💥" * 200,
]


def fits(tree: dict[str, Any], **properties: Any) -> bool:
    customer = CustomerFactory()
    EventFactory(customer=customer, name="cart.abandoned", occurred_at=NOW, properties=properties)
    asked = Asked("Europe/Copenhagen", datetime(2026, 7, 2, tzinfo=UTC))
    mine = Customer.objects.filter(pk=customer.pk)
    is_found = mine.filter(parse(tree).to_q(asked)).exists()
    verdict = parse(tree).explain(mine, asked)
    assert verdict is not None
    assert verdict.holds == is_found
    return is_found


@pytest.mark.parametrize(
    ("operator", "given", "fitting", "others"),
    [
        ("is", "12.5", [12.5, "12.50", "12.5"], [12, "12,5", "", None, "x"]),
        ("is", "7", [7, "7.0", "7"], ["007", 70, True]),
        ("is", "007", ["007"], ["7", 7]),
        ("is", "Tea", ["Tea"], ["tea", "Tea "]),
        ("is", True, [True, "true"], [False, 1, "True"]),
        ("is", 10**15, [1e15, 10**15, "1" + "0" * 15], [10**14]),
        ("is_not", "7", [8, "high", "007"], [7, "7.0", "", None]),
        ("contains", "EA", ["tea", "Leaf"], ["t", "", None]),
        ("contains", "%", ["5 %"], ["5"]),
        ("at_least", 8, [8, "8", "9.5", "0010", "8." + "0" * 30], [7.9, "-9", "high", "", None, "8,5"]),
        (
            "at_least",
            5,
            [1e18, 1_750_000_000_000_000_000, 2**63, 1e300],
            [1e-31, 2.7755575615628914e-17, "5\n"],
        ),
        ("at_least", 0, [int("9" * 1_500)], [-int("9" * 1_500)]),
        ("at_least", "1.7e12", [1_700_000_000_000], [1_699_999_999_999]),
        ("at_most", "0.00001", [1e-31, 2.7755575615628914e-17, 5e-324], [0.1]),
        ("at_most", "-1.5", [-2, "-1.50"], [0, "-1.4999", "low", "", None]),
        ("is", "7\n", ["7\n"], [7]),
        ("is_set", None, [0, False, " ", "x"], ["", None]),
        ("is_not_set", None, ["", None], [0, "x"]),
    ],
)
def test_what_a_property_has_to_be(operator: str, given: Any, fitting: list[Any], others: list[Any]) -> None:
    tree = did(prop(operator, *([] if given is None else [given])))

    assert [one for one in fitting if not fits(tree, value=one)] == []
    assert [one for one in others if fits(tree, value=one)] == []
    assert fits(tree) == (operator == "is_not_set")


def test_one_of_several_and_all_of_several() -> None:
    one_of = did(prop("is_one_of", ["DK", 7, "Paris, TX"], key="values"))
    several = did(prop("at_least", 5), prop("at_most", 9), prop("is_not", "x", name="colour"))

    assert [one for one in ("DK", "7.0", 7, "Paris, TX", "dk", "Paris", "") if fits(one_of, value=one)] == [
        "DK",
        "7.0",
        7,
        "Paris, TX",
    ]
    assert fits(several, value="7", colour="red")
    assert not fits(several, value="7")
    assert not fits(several, value="7", colour="x")
    assert not fits(several, value="10", colour="red")


def test_all_hold_of_the_same_event() -> None:
    customer = CustomerFactory()
    for properties in ({"value": 5}, {"colour": "red"}):
        EventFactory(customer=customer, name="cart.abandoned", occurred_at=NOW, properties=properties)
    tree = parse(did(prop("is", 5), prop("is", "red", name="colour")))

    assert not Customer.objects.filter(tree.to_q(Asked("UTC", datetime(2026, 7, 2, tzinfo=UTC)))).exists()


@pytest.mark.parametrize("name", ["5", "99999999999999999999", "٣", "a'b\"c", "%s", "{}", "a.b", "💥", "-1"])
def test_a_property_has_any_name(name: str) -> None:
    assert fits(did(prop("is", "x", name=name)), **{name: "x"})
    assert not fits(did(prop("is_set", name=name)), value="x")
    assert fits({"condition": "event", "parameters": {"names": ["cart.abandoned"], "property": name, "is_value": "x"}}, **{name: "x"})  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_values_are_harmless(said: str) -> None:
    for operator in ("is", "is_not", "contains"):
        assert fits(did(prop(operator, "7")), value=said) == (operator == "is_not")
    is_large = said.startswith("9")
    assert fits(did(prop("at_least", 0)), value=said) == is_large
    if len(said) < 500:
        assert fits(did(prop("is", said)), value=said)


@pytest.mark.parametrize(
    ("tests", "place", "reason"),
    [
        ("x", "properties", "expected a list of objects."),
        (["x"], "properties", "expected a list of objects."),
        ([prop("is_set")] * 6, "properties", "has at most 5 entries."),
        ([{}], "properties[0].property", "is required."),
        ([{"property": "", "operator": "is_set"}], "properties[0].property", "is required."),
        ([{"property": "a"}], "properties[0].operator", "is required."),
        ([prop("reads", "x")], "properties[0].operator", "choose from is, is_not,"),
        ([prop("is_set", name="  ")], "properties[0].property", "is required."),
        ([prop("is", "x") | {"values": [""]}], "properties[0].values", "“is” does not take it; leave it out."),
        ([prop("is_one_of", ["DK", ""], key="values")], "properties[0].values", "has an empty entry; leave it out."),
        ([prop("at_least", "1e9999999")], "properties[0].value", "this number is too large."),
        ([prop("at_most", "-1e9999999")], "properties[0].value", "this number is too large."),
        ([prop("at_most", "1e-9999999")], "properties[0].value", "has at most 60 characters."),
        ([prop("at_most", "0." + "1" * 60)], "properties[0].value", "has at most 60 characters."),
        ([prop("is_set"), prop("is")], "properties[1].value", "is required."),
        ([prop("is_one_of", "x")], "properties[0].value", "“is_one_of” does not take it; leave it out."),
        ([prop("is_one_of", [], key="values")], "properties[0].values", "expected a list of texts"),
        ([prop("is_one_of", "x", key="values")], "properties[0].values", "expected a list of texts"),
        ([prop("is_set", "x")], "properties[0].value", "“is_set” does not take it; leave it out."),
        ([prop("at_least", "many")], "properties[0].value", "expected a number."),
        ([prop("at_least", float("inf"))], "properties[0].value", "expected a number."),
        ([prop("at_most", "9" * 30)], "properties[0].value", "this number is too large."),
        ([prop("is", "a\x00")], "properties[0].value", "contains a character that can't be stored"),
        ([prop("is", "\ud800")], "properties[0].value", "contains a character that can't be stored"),
        ([prop("is", "a" * 501)], "properties[0].value", "has at most 500 characters."),
        ([prop("is", ["x"])], "properties[0].value", "expected text."),
        ([prop("is", {"x": 1})], "properties[0].value", "expected text."),
        ([prop("is", "x", name="a\x00")], "properties[0].property", "contains a character"),
        ([prop("is", "x") | {"colour": 1}], "properties[0]", "unknown parameter “colour”."),
        ([prop("at_most", 3), prop("at_least", 5)], "properties[0].value", "3 is less than 5, so nobody fits."),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_named_with_its_place(tests: Any, place: str, reason: str) -> None:
    tree = {"condition": "event", "parameters": {"names": ["cart.abandoned"], "properties": tests}}

    with pytest.raises(InvalidCondition) as refused:
        vet({"all": [tree]})

    assert refused.value.place == f"condition.all[0].event.{place}"
    assert reason in refused.value.reason


def test_it_is_said_in_the_readers_words() -> None:
    tests = [
        prop("is", "a"), prop("is_not", "b"), prop("is_one_of", ["c", "d"], key="values"),
        prop("contains", "e"), prop("at_least", "1.5"),
    ]  # fmt: skip

    assert parse(did(*tests)).sentence() == (
        "left a cart with value = a and with value other than b and with value = c or d"
        " and with value containing e and with value at least 1.5"
    )
    others = did(prop("at_most", "1.5"), prop("is_set"), prop("is_not_set", name="colour"))
    with translation.override("de"):
        assert "1,5" in parse(others).sentence()
    assert parse(others).sentence() == (
        "left a cart with value at most 1.5 and with a value for value and without a value for colour"
    )


def test_values_that_read_alike_are_told_apart_where_windows_are_merged() -> None:
    trees = [did(prop("is_one_of", values, key="values")) for values in (["a, b"], ["a", "b"])]
    conditions = [parse(tree).conditions()[0] for tree in trees]
    left = [Leaving(one._matching(None), 30) for one in conditions if isinstance(one, DidEvent)]

    assert len(merged(left, zone="UTC", least=BEGINNING)) == 2
    assert len(merged([left[0], Leaving(left[0].facts, 60)], zone="UTC", least=BEGINNING)) == 1


FORMER = [
    {"property": "page", "is_value": "7"},
    {"property": "page", "at_least_value": 7},
    {"property": "page", "is_value": "7", "at_least_value": -1, "within_days": 30},
    {"property": "page"},
]


@pytest.mark.parametrize("former", FORMER)
def test_how_one_property_was_tested_before_stays_as_it_is(former: dict[str, Any]) -> None:
    tree = {"all": [{"condition": "event", "parameters": {"names": ["cart.abandoned"]} | former}]}

    assert stored(vet(tree)) == tree
    assert finished(sketch_of(tree)) == tree


def test_before_a_value_had_to_read_so() -> None:
    def former(**said: Any) -> dict[str, Any]:
        return {"condition": "event", "parameters": {"names": ["cart.abandoned"], "property": "value"} | said}

    assert [one for one in (7, "7", "7.0") if fits(former(is_value="7"), value=one)] == [7, "7"]
    assert [one for one in (7, "7.5", "6", "x") if fits(former(at_least_value=7), value=one)] == [7, "7.5"]
    assert [one for one in (10**17, 1.23456789) if fits(former(at_least_value=1), value=one)] == [
        10**17,
        1.23456789,
    ]
    assert fits(former(), other="x")
    assert not fits(former(is_value="7", properties=[prop("is", "red", name="colour")]), value=7)


def test_what_is_stored_is_built_again_as_it_was() -> None:
    tests = [
        prop("is_one_of", ["Paris, TX", 'a "b"', '"c"', "d"], key="values"),
        prop("at_least", "1.125"),
        prop("is", "1.125"),
        prop("is_set"),
    ]
    tree = {"all": [did(*tests)]}

    for language in ("en", "de", "da"):
        with translation.override(language):
            assert finished(sketch_of(tree)) == tree
    assert stored(parse(tree)) == tree
    assert finished(sketch_of({"all": [did(prop("is", True), prop("is", 7))]})) == {
        "all": [did(prop("is", "true"), prop("is", "7"))]
    }


def test_a_value_of_no_property_is_refused_when_it_is_saved() -> None:
    nameless = {"condition": "event", "parameters": {"names": ["cart.abandoned"], "is_value": "7"}}

    assert fits(nameless)
    with pytest.raises(InvalidCondition, match="Name the property") as refused:
        vet(nameless)
    assert refused.value.parameter == "property"


def test_an_upside_down_range_is_told_with_the_readers_mark() -> None:
    with translation.override("de"), pytest.raises(InvalidCondition, match=r"1,5 .* 2,5"):
        vet(did(prop("at_least", "2.5"), prop("at_most", "1.5")))


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ('"a.b, c.d', ['"a.b', "c.d"]),
        ('"a.b, c.d", e', ["a.b, c.d", "e"]),
        ("a.b, c.d", ["a.b", "c.d"]),
        ("x" * 200_000, ["x" * 200_000]),
    ],
)  # fmt: skip
def test_names_are_parted_by_commas_also_after_a_stray_quotation_mark(said: str, names: list[str]) -> None:
    assert raw_values(DidEvent, {"names": [said]})["names"] == names


def test_properties_of_the_newest_events_are_offered_the_most_frequent_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_properties, "MOST_SUGGESTED", 2)
    for properties in ({"zone": 1, "area": 1}, {"zone": 2, "value": None}, {"value": 1}):
        EventFactory(properties=properties)

    assert lately_said() == ["value", "zone"]


def test_a_blank_name_said_before_is_refused_when_it_is_saved_and_fits_nobody_until_then() -> None:
    for value in ({"is_value": "7"}, {"at_least_value": 5}):
        blank = {"condition": "event", "parameters": {"names": ["cart.abandoned"], "property": " "} | value}

        assert not fits(blank, value=7)
        with pytest.raises(InvalidCondition, match="Name the property"):
            vet(blank)


@pytest.mark.parametrize("bound", ["1e-57", "-1e-57", "1.2e-50"])
def test_a_bound_that_may_be_given_may_be_saved_again_as_it_is_shown(bound: str) -> None:
    tree = {"all": [did(prop("at_most", bound))]}

    for language in ("en", "de"):
        with translation.override(language):
            again = parse(finished(sketch_of(stored(vet(tree)))))

    assert again.conditions()[0].properties[0].number() == Decimal(bound)


@pytest.mark.parametrize("bound", ["1e-60", "-1e-59", "1.23456e-56"])
def test_a_bound_that_could_not_be_shown_is_refused(bound: str) -> None:
    with pytest.raises(InvalidCondition, match="at most 60 characters"):
        vet(did(prop("at_most", bound)))
