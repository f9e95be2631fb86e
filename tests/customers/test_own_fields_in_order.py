"""Customers put in order by an own field, page after page: as numbers, days and choices, and nothing comes last."""

import pytest

from clm.base import keyset
from customers.custom_fields import defining
from customers.models import CustomField
from tests.api.conftest import api
from tests.customers.own_fields import fields
from tests.factories import CustomerFactory

__all__ = ["api", "fields"]
pytestmark = pytest.mark.django_db
PAGES = {
    "fields.tier": ["silver", "gold", "gold"],
    "fields.machines": [2, 10, 10.5],
    "fields.birthday": ["1999-12-31", "2000-01-01", "2001-02-03"],
    "fields.vip": [False, True, True],
    "fields.note": ["anna", "Bo", "carl"],
}


@pytest.fixture
def people(fields: dict[str, CustomField]) -> None:
    odd = [{}, {"machines": "many", "birthday": "soon", "tier": "tin", "note": ""}]
    for place in (1, 2, 0):
        CustomerFactory(
            fields={name.removeprefix("fields."): values[place] for name, values in PAGES.items()}
        )
    for kept in odd:
        CustomerFactory(fields=kept)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_either_direction_and_those_without_last(sign_in, marketer, people, monkeypatch, name):
    monkeypatch.setattr(keyset.page, "__kwdefaults__", {"cursor": "", "size": 1})
    client, key = sign_in(marketer), name.removeprefix("fields.")

    def shown(sort: str) -> list[object]:
        found, after = [], ""
        while True:
            page = (
                client.get("/customers/", {"sort": sort, "cols": name, "after": after})
                .context["listing"]
                .page
            )
            found += [row.fields.get(key) for row in page.rows]
            if not (after := page.next):
                return found

    up, down = shown(name), shown(f"-{name}")

    assert (up[:3], down[:3]) == (PAGES[name], PAGES[name][::-1])
    assert len(up) == len(down) == 5


@pytest.mark.parametrize("name", PAGES)
def test_the_api_orders_by_them_too(api, marketer, people, name):
    client, key = api(marketer), name.removeprefix("fields.")

    def told(ordering: str) -> list[object]:
        found, address = [], f"/api/v1/customers/?page_size=2&ordering={ordering}"
        while address:
            answer = client.get(address).json()
            found += [one["fields"].get(key) for one in answer["results"]]
            address = answer["next"]
        return found

    up, down = told(name), told(f"-{name}")

    assert (up[:3], down[:3]) == (PAGES[name], PAGES[name][::-1])
    assert len(up) == len(down) == 5


def test_what_one_may_not_see_or_has_no_order_orders_nothing(
    api, sign_in, owner, marketer, administrator, fields
):
    defining.change(fields["tier"], by=administrator, values={"is_sensitive": True})
    CustomerFactory(owner=owner, fields={"tier": "gold"})

    hidden = api(owner).get("/api/v1/customers/?ordering=fields.tier")
    several = api(marketer).get("/api/v1/customers/?ordering=fields.topics")

    assert (hidden.status_code, several.status_code) == (400, 400)
    assert "fields.note" in hidden.content.decode()
    assert sign_in(owner).get("/customers/?sort=fields.tier").context["listing"].sort == "-first_seen"
    assert api(marketer).get("/api/v1/customers/?ordering=fields.tier").status_code == 200
