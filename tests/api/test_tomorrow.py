"""Nobody knows the facts of tomorrow: what is asked as of then is refused by name, wherever one may ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.days import end_of
from customers.models import Customer
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db
SAID = "Choose days that have begun: nobody knows the facts of tomorrow."


@pytest.fixture
def customer(db: None) -> Customer:
    six_stages()
    return buyer(3)


def ends() -> tuple[str, str]:
    """The last instant of today, and the one after it."""
    zone = Organisation.objects.current().tz
    end = end_of(clock.now().astimezone(zone).date(), zone)
    return end.isoformat(), (end + timedelta(microseconds=1)).isoformat()


def test_questions_end_with_today(api: Any, administrator: User, customer: Customer):
    client: Client = api(administrator)
    today, later = ends()
    tomorrow = str(clock.now().date() + timedelta(days=2))
    places = {
        f"customers/{customer.pk}/stage/": ("as_of", "known_at"),
        f"customers/{customer.pk}/score/": ("as_of", "known_at"),
        "stage-periods/": ("as_of", "known_at"),
        "orders/": ("as_of", "known_at"),
        "spend/": ("as_of", "known_at"),
        "best-customers/": ("as_of",),
        "metrics/customers-per-stage/": ("as_of", "known_at"),
        "stage-drop-offs/": ("as_of", "known_at"),
    }

    for place, names in places.items():
        for name in names:
            for given in (later, tomorrow):
                refused = client.get(f"/api/v1/{place}", {name: given})
                assert refused.status_code == 400, (place, name, given)
                assert refused.json()["errors"] == [{"code": "invalid", "detail": SAID, "attr": name}]
            assert client.get(f"/api/v1/{place}", {name: today}).status_code == 200, (place, name)


def test_days_of_a_list_end_with_today_and_its_bounds_need_not(
    api: Any, administrator: User, customer: Customer
):
    client: Client = api(administrator)
    tomorrow = str(clock.now().date() + timedelta(days=2))

    for name in ("as_of", "known_at", "placed_on"):
        refused = client.get("/api/v1/customers/", {name: tomorrow})
        assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, name)
        assert (refused.json()["errors"][0]["code"], refused.json()["errors"][0]["detail"]) == (
            "future",
            SAID,
        )
    assert client.get("/api/v1/customers/", {"first_seen_to": tomorrow}).status_code == 200
    assert client.get("/api/v1/orders/", {"to": tomorrow}).status_code == 200


def test_pages_say_so_at_the_field(sign_in: Any, administrator: User, customer: Customer):
    client: Client = sign_in(administrator)
    tomorrow = str(clock.now().date() + timedelta(days=2))

    for page in (
        f"/customers/{customer.pk}/?as_of={tomorrow}",
        f"/customers/{customer.pk}/?known_at={tomorrow}",
        f"/customers/{customer.pk}/score/?day={tomorrow}",
        f"/customers/?as_of={tomorrow}",
        f"/lifecycle/stages/?as_of={tomorrow}",
    ):
        assert SAID in client.get(page).content.decode(), page
