"""What an event says of itself: every way to ask for it, alone and two at once, as typed and over the API."""

from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition, parse, vet
from customers.models import Customer, Segment
from tests.factories import EventFactory

pytestmark = pytest.mark.django_db

SAID: list[dict[str, Any]] = [
    {},
    {"plan": None, "seats": None},
    {"plan": "Pro", "seats": 5},
    {"plan": "pro", "seats": "12"},
    {"plan": "Pro plus", "seats": "2.5"},
    {"plan": "free", "seats": "many"},
    {"plan": "100%_sure", "seats": -3},
]


def asking(**parameters: Any) -> dict[str, Any]:
    return {"condition": "event", "parameters": {"names": ["plan.chosen"], **parameters}}


def who(tree: dict[str, Any]) -> list[int]:
    """The places in `SAID` of those whom it holds for."""
    if not Customer.objects.exists():
        for number, properties in enumerate(SAID):
            event = EventFactory(name="plan.chosen", properties=properties)
            Customer.objects.filter(pk=event.customer_id).update(external_id=str(number))
    asked = Asked(Organisation.objects.current().zone, clock.now())
    found = Customer.objects.filter(parse(tree).to_q(asked)).values_list("external_id", flat=True)
    return sorted(map(int, found))


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6]),
        ({"property": "plan"}, [2, 3, 4, 5, 6]),
        ({"property": "plan", "is_value": "Pro"}, [2]),
        ({"property": "plan", "is_not_value": "Pro"}, [3, 4, 5, 6]),
        ({"property": "plan", "contains_value": "PRO"}, [2, 3, 4]),
        ({"property": "plan", "contains_value": "%_"}, [6]),
        ({"property": "seats", "at_least_value": 5}, [2, 3]),
        ({"property": "seats", "at_most_value": 5}, [2, 4, 6]),
        ({"property": "seats", "at_least_value": 0, "at_most_value": 10}, [2, 4]),
        ({"property": "plan", "contains_value": "pro", "and_property": "seats", "and_at_most_value": 5}, [2, 4]),
        ({"property": "plan", "and_property": "seats", "and_is_value": "12"}, [3]),
        ({"and_property": "seats", "and_is_not_value": "many", "and_contains_value": "2"}, [3, 4]),
        ({"property": "seats", "at_least_value": 10**12}, []),
    ],
)  # fmt: skip
def test_each_way_of_asking(parameters: dict[str, Any], holds: list[int]) -> None:
    assert who(asking(**parameters)) == holds


def test_two_properties_are_those_of_one_event() -> None:
    """Whoever chose Pro once, and five seats another time, never chose both."""
    first = EventFactory(name="plan.chosen", properties={"plan": "Pro", "seats": 1})
    EventFactory(customer=first.customer, name="plan.chosen", properties={"plan": "free", "seats": 5})

    both = asking(property="plan", is_value="Pro", and_property="seats", and_is_value="5")
    apart = {"all": [asking(property="plan", is_value="Pro"), asking(property="seats", is_value="5")]}

    asked = Asked(Organisation.objects.current().zone, clock.now())
    assert not Customer.objects.filter(parse(both).to_q(asked)).exists()
    assert Customer.objects.filter(parse(apart).to_q(asked)).count() == 1


def test_it_is_said_in_words() -> None:
    told = asking(property="plan", is_not_value="free", and_property="seats", and_at_least_value=5)

    assert parse(told).sentence() == "did plan.chosen with plan other than free and with seats at least 5"
    assert parse(asking(property="plan")).sentence() == "did plan.chosen with plan"


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"is_value": "Pro"}, "property"),
        ({"property": "plan", "and_at_most_value": 5}, "and_property"),
        ({"property": "plan", "contains_value": "x" * 501}, "contains_value"),
        ({"property": "plan", "is_not_value": "\x00"}, "is_not_value"),
        ({"property": "seats", "at_most_value": 10**13}, "at_most_value"),
        ({"property": "seats", "at_least_value": 9, "at_most_value": 5}, "at_most_value"),
    ],
)
def test_what_can_not_be_asked_is_refused_by_its_name(parameters: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidCondition) as refused:
        vet(asking(**parameters))

    assert refused.value.parameter == place


def test_the_builder_takes_it_and_shows_it_again(sign_in: Any, marketer: User) -> None:
    client: Client = sign_in(marketer)
    sent = {
        "name": "Large plans",
        "is_shared": "on",
        "conditions-0-join": "all",
        "conditions-0.0-condition": "event",
        "conditions-0.0-p-names": "plan.chosen",
        "conditions-0.0-p-property": "plan",
        "conditions-0.0-p-is_not_value": "free",
        "conditions-0.0-p-and_property": "seats",
        "conditions-0.0-p-and_at_least_value": "5",
    }

    wrong = client.post("/segments/new/", sent | {"conditions-0.0-p-and_property": ""})
    saved = client.post("/segments/new/", sent)

    assert wrong.status_code == 422
    assert "Name the property that has this value." in wrong.content.decode()
    assert saved.status_code == 302
    segment = Segment.objects.get(name="Large plans")
    assert segment.conditions["all"][0] == asking(
        property="plan", is_not_value="free", and_property="seats", and_at_least_value=5
    )
    shown = client.get(f"/segments/{segment.pk}/edit/").content.decode()
    assert 'name="conditions-0.0-p-and_at_least_value" value="5"' in shown
