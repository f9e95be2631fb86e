"""Tests of what an event's properties are, in forms, addresses and the API: built, refused at their field, saved."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import User
from customers.models import Segment
from tests.customers.asked_of_events import did, prop
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db


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
    assert all(said in added for said in ("Add a property", 'aria-label="Remove this property (1)"'))
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


@pytest.mark.parametrize("action", ["more:0.0:names", "more:9:properties", "less:0.0:properties.²", "less:0.0:properties." + "9" * 5_000, "less:0.0:", "more", "less:0:properties.0", "more:0.0:properties:x"])  # fmt: skip
def test_odd_actions_change_nothing(client: Client, action: str) -> None:
    tests = [{"property": "a", "operator": "is", "value": "1"}, {"property": "b", "operator": "is_set"}]

    part = client.post("/conditions/", typed(*tests, **{"conditions-do": action}))

    assert part.status_code == 200
    assert re.findall(r'(properties\.\d\.property)" value="(\w)"', part.content.decode()) == [
        ("properties.0.property", "a"),
        ("properties.1.property", "b"),
    ]


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


@pytest.mark.parametrize("levels", [10, 450, 900])
def test_lists_within_lists_are_refused(client: Client, levels: int) -> None:
    lists = "[" * levels + "]" * levels
    said = f'{{"condition":"event","parameters":{{"names":["a"],"properties":[{{"property":"a","operator":"is_one_of","values":{lists}}}]}}}}'

    assert client.get("/customers/", {"conditions": said}).status_code == 200
    assert client.get("/segments/new/", {"conditions": said}).status_code == 200


def test_numbers_beyond_all_measure_are_refused_at_every_door(client: Client) -> None:
    for number in ("1e9999999", "-1e1000000"):
        spent = {"condition": "spent", "parameters": {"at_least": number}}
        for tree in (did(prop("at_least", number)), spent):
            told = client.post("/api/v1/conditions/preview/", {"conditions": tree}, "application/json")
            assert told.status_code == 400
            assert client.get("/customers/", {"conditions": json.dumps(tree)}).status_code == 200


def test_the_largest_conditions_can_be_sent(client: Client) -> None:
    sent = {"conditions-0-join": "all", "name": "All there may be", "is_shared": "on"}
    for line in range(50):
        stem = f"conditions-0.{line}"
        sent |= {f"{stem}-condition": "event", f"{stem}-not": "on", f"{stem}-p-names": "cart.abandoned"}
        sent |= {f"{stem}-p-at_least": "1", f"{stem}-p-within_days": "30"}
        for place in range(5):
            test = {"property": f"p{place}", "operator": "is", "value": "x"}
            sent |= {f"{stem}-p-properties.{place}.{name}": value for name, value in test.items()}

    assert client.post("/segments/new/", sent).status_code == 302
    assert len(Segment.objects.get().conditions["all"]) == 50
