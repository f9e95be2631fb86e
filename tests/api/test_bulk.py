"""Bulk changes through the API: by ids or by a filter, told and undone."""

import pytest

from clm.accounts.models import BulkChange
from customers.models import Customer
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/bulk-changes/"


def test_a_filter_is_assigned_and_given_back(api, marketer, owner):
    CustomerFactory.create_batch(2, country="DK")
    CustomerFactory(country="SE")
    asked = {"list": "customers", "action": "assign", "filter": "country=DK", "values": {"owner": owner.pk}}
    client = api(marketer)

    made = client.post(URL, asked)
    assigned = Customer.objects.filter(owner=owner).count()
    undone = client.post(f"{made.headers['Location']}undo/")
    again = client.post(f"{made.headers['Location']}undo/")

    assert made.status_code == 201, made.content
    assert (made.json()["chosen"], made.json()["changed"], assigned) == (2, 2, 2)
    assert (undone.status_code, undone.json()["restored"]) == (200, 2)
    assert Customer.objects.filter(owner=owner).count() == 0
    assert (again.status_code, again.json()["errors"][0]["detail"]) == (409, "It was undone already.")
    assert client.get(URL).json()["results"][0]["id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("change", "status", "attr"),
    [
        ({"filter": "x=1", "ids": [1]}, 400, "ids"),
        ({"filter": "country=nowhere"}, 400, "filter"),
        ({"filter": "contry=DK"}, 400, "filter"),
        ({"action": "explode"}, 400, "action"),
        ({"values": {"owner": 999}}, 400, "values"),
        ({"values": {}}, 400, "values"),
        ({"count": 7}, 409, None),
        ({"filter": "country=DK", "values": {"owner": {"id": 1}}}, 400, "values"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(api, marketer, change, status, attr):
    CustomerFactory(country="DK")
    asked = {"list": "customers", "action": "assign", "filter": "country=DK", "values": {"owner": None}}

    answer = api(marketer).post(URL, asked | change)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (status, attr)
    assert BulkChange.objects.count() == 0


@pytest.mark.parametrize("name", ["customers", "leads", "tickets"])
def test_a_filter_that_is_misspelt_does_not_mean_everything(api, marketer, name):
    CustomerFactory(country="DK")
    asked = {"list": name, "action": "assign", "values": {"owner": None}}
    unreadable = "owner=x" if name == "tickets" else 'conditions={"condition":"moon"}'

    misspelt, unread, plain = (
        api(marketer).post(URL, asked | {"filter": text})
        for text in ("ower=none&sort=-opened&tab=all&view=3", unreadable, "owner=none&tab=all&sort=name")
    )

    (told,) = misspelt.json()["errors"]
    (why,) = unread.json()["errors"]
    assert (told["attr"], told["detail"]) == ("filter", "ower: There is no such parameter here.")
    assert why["detail"].startswith("owner: Select" if name == "tickets" else "conditions: condition: there")
    assert (misspelt.status_code, unread.status_code, plain.status_code) == (400, 400, 201)
    assert BulkChange.objects.count() == 1


def test_numbers_for_texts_and_ids_beyond_all_rows_are_answered(api, marketer):
    customer = CustomerFactory(country="DK")
    field = {"list": "customers", "action": "field", "ids": [customer.pk], "values": {"country": 5}}

    beyond = api(marketer).post(URL, field | {"ids": [10**20]})
    number = api(marketer).post(URL, field)

    assert (beyond.status_code, number.status_code) == (400, 400)
    assert Customer.objects.get().country == "DK"
