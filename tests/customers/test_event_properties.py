"""Tests of what an event's properties are: what fits, what is refused, how it is said, stored and built."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from clm.accounts.models import User
from clm.base.conditions import Asked, InvalidCondition, parse, vet
from clm.base.conditions.leaving import Leaving, merged
from clm.base.conditions.sketch import finished, sketch_of
from clm.base.conditions.storing import stored
from clm.base.facts import BEGINNING
from customers.conditions import DidEvent
from customers.models import Customer, Segment
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


def did(*tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "condition": "event",
        "parameters": {"names": ["cart.abandoned"], "properties": list(tests)} | more,
    }


def prop(operator: str, *value: Any, name: str = "value", key: str = "value") -> dict[str, Any]:
    return {"property": name, "operator": operator} | ({key: value[0]} if value else {})


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
        ("at_most", "-1.5", [-2, "-1.50"], [0, "-1.4999", "low", "", None]),
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
    assert not fits(did(prop("at_least", 0)), value=said)
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


def typed(*tests: dict[str, str], **more: str) -> dict[str, str]:
    """What the builder's form sends."""
    stem = "conditions-0.0"
    sent = {"conditions-0-join": "all", "name": "Carts", "is_shared": "on", f"{stem}-condition": "event"}
    sent |= {f"{stem}-p-names": "cart.abandoned", f"{stem}-p-at_least": "1"}
    for place, test in enumerate(tests):
        sent |= {f"{stem}-p-properties.{place}.{name}": value for name, value in test.items()}
    return sent | more


@pytest.fixture
def client(sign_in: Any, marketer: User) -> Client:
    found: Client = sign_in(marketer)
    return found


def test_lines_are_added_and_taken_away_without_javascript(client: Client) -> None:
    first, second = {"property": "a", "operator": "is", "value": "1"}, {"property": "b", "operator": "is_set"}

    added = client.post(
        "/segments/new/", typed(first, **{"conditions-do": "more:0.0:properties"})
    ).content.decode()
    less = client.post(
        "/segments/new/", typed(first, second, **{"conditions-do": "less:0.0:properties.0"})
    ).content.decode()
    full = client.post(
        "/conditions/", typed(*[first] * 5, **{"conditions-do": "more:0.0:properties"})
    ).content.decode()

    assert 'name="conditions-0.0-p-properties.1.property" value="" type="text"' in added
    assert added.count("autofocus") == 1
    assert all(said in added for said in ("Add a property", 'aria-label="Remove this property"'))
    assert 'value="less:0.0:properties.1"' in added
    assert "field-errors" not in added
    assert 'name="conditions-0.0-p-properties.0.property" value="b"' in less
    assert "properties.1" not in less
    assert 'value="more:0.0:properties"' not in full
    assert "properties.5." not in full
    assert not Segment.objects.exists()


def test_each_comparison_asks_for_what_it_needs(client: Client) -> None:
    EventFactory(name="cart.abandoned", properties={"colour": "red"})
    tests = [{"property": "a", "operator": one} for one in ("is", "is_one_of", "at_least", "is_set")]

    part = client.post("/conditions/", typed(*tests)).content.decode()

    asked = [
        name for place in range(4) for name in ("value", "values") if f'properties.{place}.{name}"' in part
    ]
    assert asked == ["value", "values", "value"]
    assert part.count('inputmode="decimal"') == 1
    assert part.count('placeholder="any"') == 2  # how often, and the days
    assert '<option value="colour">' in part
    assert "property is" not in part.lower()


@pytest.mark.parametrize("action", ["more:0.0:names", "more:9:properties", "less:0.0:properties.²", "less:0.0:", "more", "less:0:properties.0", "more:0.0:properties:x"])  # fmt: skip
def test_odd_actions_change_nothing(client: Client, action: str) -> None:
    assert client.post("/conditions/", typed(**{"conditions-do": action})).status_code == 200


def test_it_is_saved_and_shown_as_it_was_typed(client: Client) -> None:
    sent = typed(
        {"property": "amount", "operator": "at_least", "value": "2,5"},
        {"property": "city", "operator": "is_one_of", "values": 'Rome, "Paris, TX"'},
    )

    client.post("/segments/new/", sent)

    segment = Segment.objects.get()
    assert segment.conditions == {"all": [did(
        prop("at_least", "2.5", name="amount"),
        prop("is_one_of", ["Rome", "Paris, TX"], name="city", key="values"),
    )]}  # fmt: skip
    page = client.get(f"/segments/{segment.pk}/edit/").content.decode()
    assert 'value="Rome, &quot;Paris, TX&quot;"' in page


@pytest.mark.parametrize(
    ("test", "name", "told"),
    [
        ({"property": "", "operator": "is", "value": ""}, "property", "Is required."),
        ({"property": "a", "operator": "is", "value": ""}, "value", "Is required."),
        ({"property": "a", "operator": "at_least", "value": "many"}, "value", "Expected a number."),
        ({"property": "a", "operator": "at_least", "value": "9" * 400}, "value", "This number is too large."),
        ({"property": "a", "operator": "is_one_of", "values": "x" * 200_000}, "values", "Has at most 500 characters."),
    ],
)  # fmt: skip
def test_an_error_stands_at_its_field(client: Client, test: dict[str, str], name: str, told: str) -> None:
    answer = client.post("/segments/new/", typed({"property": "b", "operator": "is_set"}, test))

    assert answer.status_code == 422
    assert f'id="conditions-0.0-p-properties.1.{name}-error">{told}' in answer.content.decode()
    assert not Segment.objects.exists()


def test_a_mistake_is_told_as_one_types(client: Client) -> None:
    part = client.post(
        "/conditions/preview/", typed({"property": "a", "operator": "at_most", "value": "many"})
    )

    assert 'data-slip="conditions-0.0-p-properties.0.value"' in part.content.decode()


def test_a_value_of_no_property_is_refused_when_it_is_saved() -> None:
    nameless = {"condition": "event", "parameters": {"names": ["cart.abandoned"], "is_value": "7"}}

    assert fits(nameless)
    with pytest.raises(InvalidCondition, match="Name the property") as refused:
        vet(nameless)
    assert refused.value.parameter == "property"
