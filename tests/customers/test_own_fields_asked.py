"""Lists, columns, files and conditions that ask the company's own fields."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition, parse
from customers import profiles
from customers.models import Customer, ProfileChange
from tests.customers.own_fields import fields
from tests.factories import CustomerFactory

__all__ = ["fields"]
pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Copenhagen")


@pytest.fixture
def people(fields) -> list[Customer]:
    filled = [
        {"tier": "gold", "topics": ["tea", "cake"], "machines": 10, "birthday": "1990-05-01", "vip": True},
        {"tier": "silver", "topics": ["coffee"], "machines": 9.5, "birthday": "1980-05-01", "vip": False},
        {"machines": "many", "birthday": "soon", "topics": "tea"},
        {},
    ]
    return [CustomerFactory(name=name, fields=own) for name, own in zip("abcd", filled, strict=True)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fields.tier=gold", "a"),
        ("fields.topics=tea", "a"),
        ("fields.machines_min=9.6", "a"),
        ("fields.machines_max=10&fields.machines_min=9", "ab"),
        ("fields.birthday_from=1985-01-01", "a"),
        ("fields.birthday_to=1985-01-01", "b"),
        ("fields.vip=false", "b"),
        ("fields.note=x", ""),
    ],
)
def test_the_list_and_the_api_are_narrowed_by_them(sign_in, marketer, people, query, found):
    client = sign_in(marketer)

    page = client.get(f"/customers/?{query}&sort=name&cols=fields.tier&cols=fields.topics")
    api = client.get(f"/api/v1/customers/?{query}&ordering=name")

    assert "".join(row.name for row in page.context["listing"].page.rows) == found
    assert "".join(row["name"] for row in api.json()["results"]) == found


def test_columns_show_and_files_hold_them(sign_in, marketer, people, django_assert_max_num_queries):
    client = sign_in(marketer)
    shown = "/customers/?sort=name&cols=fields.topics&cols=fields.birthday&cols=fields.vip"

    with django_assert_max_num_queries(12):
        page = client.get(shown).content.decode()
    file = b"".join(client.get(shown.replace("?", "export/?")).streaming_content).decode()

    assert "tea, cake" in page
    assert "May 1, 1990" in page
    assert "tea, cake" in file.splitlines()[1]


def holds(field: str, operator: str, value: str, at=None) -> str:
    tree = parse({"condition": "field", "parameters": {"field": field, "operator": operator, "value": value}})
    asked = Asked(ZONE, at or clock.now() + timedelta(seconds=1))
    return "".join(Customer.objects.filter(tree.to_q(asked)).order_by("name").values_list("name", flat=True))


@pytest.mark.parametrize(
    ("field", "operator", "value", "found"),
    [
        ("machines", "at_least", "9.5", "ab"),
        ("machines", "at_most", "9.5", "b"),
        ("birthday", "at_least", "1985-01-01", "a"),
        ("birthday", "at_most", "1980-05-01", "b"),
        ("topics", "includes", "tea", "ac"),
        ("topics", "includes_not", "tea", "bd"),
        ("vip", "is", "true", "a"),
        ("tier", "is_not", "gold", "bcd"),
    ],
)
def test_conditions_ask_them_as_their_kind(marketer, people, field, operator, value, found):
    for one in people:
        ProfileChange.objects.bulk_create(
            ProfileChange(
                customer=one,
                original_customer=one,
                field=f"fields.{key}",
                value=each,
                occurred_at=clock.now(),
            )
            for key, each in one.fields.items()
        )

    assert holds(f"fields.{field}", operator, value) == found


def test_conditions_answer_as_of_the_past_and_say_why(marketer, fields):
    ada = profiles.register(by=marketer, values={"name": "ada", "fields": {"machines": 3}})
    then = clock.now()
    profiles.change(ada, by=marketer, values={"fields": {"machines": 8}})
    tree = parse(
        {
            "condition": "field",
            "parameters": {"field": "fields.machines", "operator": "at_least", "value": "5"},
        }
    )

    evidence = tree.conditions()[0].evidence(ada, Asked(ZONE, clock.now()), holds=True)

    assert (holds("fields.machines", "at_least", "5", then), holds("fields.machines", "at_least", "5")) == (
        "",
        "ada",
    )
    assert tree.sentence() == "Machines is at least 5"
    assert evidence.have == "Machines is 8"


def test_a_bound_that_is_none_is_refused_by_name():
    with pytest.raises(InvalidCondition, match="neither a number such as"):
        holds("fields.machines", "at_least", "lots")
